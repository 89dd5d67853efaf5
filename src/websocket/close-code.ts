/**
 * Why a WebSocket was closed, by registry names. RFC 6455 §7.4.1, §11.7.
 * 1005, 1006 and 1015 are never on the wire: they stand for a Close without a code, for no Close at all, and for a
 * failed TLS handshake. 1012-1014 were registered after the RFC. Codes without a name stay numbers.
 */
export const CloseCode = {
  NORMAL_CLOSURE: 1000,
  GOING_AWAY: 1001,
  PROTOCOL_ERROR: 1002,
  UNSUPPORTED_DATA: 1003,
  NO_STATUS_RCVD: 1005,
  ABNORMAL_CLOSURE: 1006,
  INVALID_FRAME_PAYLOAD_DATA: 1007,
  POLICY_VIOLATION: 1008,
  MESSAGE_TOO_BIG: 1009,
  MANDATORY_EXTENSION: 1010,
  INTERNAL_ERROR: 1011,
  SERVICE_RESTART: 1012,
  TRY_AGAIN_LATER: 1013,
  BAD_GATEWAY: 1014,
  TLS_HANDSHAKE: 1015,
} as const

/**
 * True for the codes that a Close frame may carry, in either direction. RFC 6455 §7.4.
 * 1000-2999 belong to the protocol and only the registered ones exist; 3000-3999 are for libraries and frameworks and
 * 4000-4999 for private use, and any of those may come.
 */
export function isCloseCodeOnWire(code: number): boolean {
  if (code >= 3000) return code <= 4999
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
}
