/**
 * What the payload of a frame is, by registry names. RFC 6455 §5.2, §11.8.
 * 3-7 and 11-15 are reserved: receiving one fails the connection.
 */
export const Opcode = {
  CONTINUATION: 0x0,
  TEXT: 0x1,
  BINARY: 0x2,
  CLOSE: 0x8,
  PING: 0x9,
  PONG: 0xa,
} as const
