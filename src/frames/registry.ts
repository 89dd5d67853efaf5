/** The frame types that this library reads and writes, by their registry names. RFC 9113 §6, RFC 7838 §4, RFC 8336 §2, RFC 9218 §7.1. */
export const FrameType = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
  ALTSVC: 0xa,
  ORIGIN: 0xc,
  PRIORITY_UPDATE: 0x10,
} as const

/** The flags of RFC 9113 §6. A bit means nothing on a frame type that does not define it, and is then left alone. */
export const Flag = {
  /** DATA and HEADERS: the sender's last frame on this stream. */
  END_STREAM: 0x1,
  /** SETTINGS and PING: the answer to one of ours. */
  ACK: 0x1,
  /** HEADERS, PUSH_PROMISE and CONTINUATION: the field block ends here. */
  END_HEADERS: 0x4,
  /** DATA, HEADERS and PUSH_PROMISE: a pad length and padding are present. */
  PADDED: 0x8,
  /** HEADERS: the deprecated priority fields are present. */
  PRIORITY: 0x20,
} as const

/** The settings of RFC 9113 §6.5.2, RFC 8441 §3 and RFC 9218 §2.1. An identifier that is not listed stays a number. */
export const Setting = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
  ENABLE_CONNECT_PROTOCOL: 0x8,
  NO_RFC7540_PRIORITIES: 0x9,
} as const

/**
 * The registry name of a setting, or `0x…` for an identifier that has none.
 *
 * @example
 * settingName(4)      // 'INITIAL_WINDOW_SIZE'
 * settingName(0x4a4a) // '0x4a4a'
 */
export function settingName(id: number): string {
  const names = Object.keys(Setting) as (keyof typeof Setting)[]
  return names.find((name) => Setting[name] === id) ?? `0x${id.toString(16)}`
}
