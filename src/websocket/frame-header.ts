import { CloseCode } from './close-code.ts'
import { Opcode } from './opcode.ts'
import { WebSocketError } from './websocket-error.ts'

/** The longest frame header: two bytes, a 64-bit length, a masking key. */
export const MAX_HEADER_SIZE = 14

/** The longest payload of a control frame. RFC 6455 §5.5. */
export const MAX_CONTROL_PAYLOAD = 125

/** The bit that permessage-deflate gives its meaning: the message is compressed. RFC 7692 §6. */
export const RSV1 = 0x40

const FIN = 0x80
const RSV = 0x70
const MASK = 0x80

/**
 * The header of one frame, read with every check that it alone allows, each as soon as its byte is there:
 *
 *      FIN RSV1 RSV2 RSV3 opcode(4) | MASK length(7) | length(0, 16 or 64) | masking key(0 or 32)
 *
 * RFC 6455 §5.2. One object serves a whole connection; `parse` overwrites the fields.
 */
export class FrameHeader {
  fin = false
  opcode = 0
  masked = false
  /** Payload bytes. */
  length = 0
  /** The masking key with its first byte lowest, 0 when not masked. */
  key = 0
  /** What is wrong with the header, once `parse` has returned 0 because of it. */
  fault: WebSocketError | undefined = undefined

  /** True between the first fragment of a message and its last; kept up by the reader. */
  inMessage = false
  /** How many bytes the message may still have; kept up by the reader. */
  room = 0
  /** True from the first frame of a compressed message on; its end is the reader's to see. */
  compressed = false
  readonly #expectMask: boolean
  /** How many bytes a compressed message may have; 0 when none was agreed on. */
  readonly #compressedRoom: number

  constructor(expectMask: boolean, compressedRoom: number) {
    this.#expectMask = expectMask
    this.#compressedRoom = compressedRoom
  }

  /** Reads the header at `bytes[at..end)`. Returns its size in bytes, or 0 when it is not all there or has a `fault`. */
  parse(bytes: Uint8Array, at: number, end: number): number {
    if (at >= end || !this.#firstByte(bytes[at])) return 0
    if (at + 1 >= end || !this.#secondByte(bytes[at + 1])) return 0
    let next = at + 2
    if (this.length === 126) {
      if (next + 2 > end || !this.#length16(bytes, next)) return 0
      next += 2
    } else if (this.length === 127) {
      if (next + 8 > end || !this.#length64(bytes, next)) return 0
      next += 8
    }
    // Said before the masking key and any payload has come: nothing is kept of a message that is too long.
    if (this.length > this.room && this.opcode < Opcode.CLOSE) {
      this.fault = new WebSocketError(CloseCode.MESSAGE_TOO_BIG, 'the message is too big', 'RFC 6455 §10.4')
      return 0
    }
    this.key = 0
    if (this.masked) {
      if (next + 4 > end) return 0
      this.key = bytes[next] | (bytes[next + 1] << 8) | (bytes[next + 2] << 16) | (bytes[next + 3] << 24)
      next += 4
    }
    return next - at
  }

  #firstByte(byte: number): boolean {
    // RFC 6455 §5.2: a reserved bit without an extension that gives it a meaning fails the connection.
    if ((byte & RSV) !== 0 && !this.#isCompressed(byte)) return this.#refuse('a reserved bit is set', '§5.2')
    this.fin = (byte & FIN) !== 0
    const opcode = byte & 0xf
    this.opcode = opcode
    switch (opcode) {
      case Opcode.CONTINUATION:
        // RFC 6455 §5.4: a continuation continues a message that an unfinished frame has begun.
        return this.inMessage || this.#refuse('a continuation without a message', '§5.4')
      case Opcode.TEXT:
      case Opcode.BINARY:
        // RFC 6455 §5.4: fragments of two messages are never interleaved.
        return !this.inMessage || this.#refuse('a new message inside a fragmented one', '§5.4')
      case Opcode.CLOSE:
      case Opcode.PING:
      case Opcode.PONG:
        // RFC 6455 §5.5: control frames come whole.
        return this.fin || this.#refuse('a fragmented control frame', '§5.5')
      default:
        return this.#refuse(`the reserved opcode ${opcode}`, '§5.2')
    }
  }

  /** RFC 7692 §6: RSV1 stands in the first frame of a message, where compression was agreed on, and nowhere else. */
  #isCompressed(byte: number): boolean {
    const opcode = byte & 0xf
    if (this.#compressedRoom === 0 || (byte & RSV) !== RSV1) return false
    if (opcode !== Opcode.TEXT && opcode !== Opcode.BINARY) return false
    this.compressed = true
    this.room = this.#compressedRoom
    return true
  }

  #secondByte(byte: number): boolean {
    this.masked = (byte & MASK) !== 0
    this.length = byte & 0x7f
    // RFC 6455 §5.1: what a client sends is masked, what a server sends is not.
    if (this.masked !== this.#expectMask) {
      return this.#refuse(this.masked ? 'a masked frame from the server' : 'an unmasked frame from the client', '§5.1')
    }
    if (this.length > MAX_CONTROL_PAYLOAD && this.opcode >= Opcode.CLOSE) {
      return this.#refuse('a control frame of more than 125 bytes', '§5.5')
    }
    return true
  }

  #length16(bytes: Uint8Array, at: number): boolean {
    this.length = (bytes[at] << 8) | bytes[at + 1]
    return this.length > 125 || this.#refuse('a length in more bytes than it needs', '§5.2')
  }

  #length64(bytes: Uint8Array, at: number): boolean {
    // RFC 6455 §5.2: the most significant bit is 0. Beyond 2^53 the number is no longer exact, which does no harm: it
    // is above every limit.
    if (bytes[at] >= 0x80) return this.#refuse('a 64-bit length with its highest bit set', '§5.2')
    const high = bytes[at] * 0x1000000 + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3])
    const low = bytes[at + 4] * 0x1000000 + ((bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7])
    this.length = high * 0x100000000 + low
    return this.length > 0xffff || this.#refuse('a length in more bytes than it needs', '§5.2')
  }

  #refuse(reason: string, section: string): false {
    this.fault = new WebSocketError(CloseCode.PROTOCOL_ERROR, reason, `RFC 6455 ${section}`)
    return false
  }
}
