/**
 * The error codes of RST_STREAM and GOAWAY, by their registry names. RFC 9113 §7.
 * A code that is not listed stays a number and is treated like INTERNAL_ERROR.
 */
export const ErrorCode = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const

const names: readonly string[] = Object.keys(ErrorCode)

/** The registry name of an error code, or `0x…` for a code that has none. RFC 9113 §7. */
export function errorCodeName(code: number): string {
  return names[code] ?? `0x${code.toString(16)}`
}
