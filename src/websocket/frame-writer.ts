import { MAX_HEADER_SIZE } from './frame-header.ts'
import type { MaskKeys } from './mask-keys.ts'
import { Opcode } from './opcode.ts'
import { WordView } from './word-view.ts'

const FIN = 0x80
const MASK = 0x80

/**
 * Unmasked payloads above this many bytes are not copied. Measured through a socket in bursts of 32: copied, a message
 * of 256, 512, 1024 bytes takes 290, 550, 2200 ns; by reference, one more piece to write each, 650, 800, 1000 ns.
 */
const COPY_LIMIT = 512
/** With this many bytes a full buffer is set aside instead of grown, so that no byte is copied again and again. */
const WORTH_A_CHUNK = 4096
/**
 * Pongs that may wait one behind the other. Pings come in bursts of a few, and who sent them may count the answers; a
 * flood from somebody who doesn't read must not make a queue.
 */
const MAX_PONGS = 16

const NONE = new Uint8Array(0)
const NO_CHUNKS: Uint8Array[] = []
/** The size of the buffer that all writers share; a frame larger than a quarter of it gets memory of its own. */
const SLAB = 8192
/**
 * One buffer for all writers, filled from its beginning and never written again where it was: most sockets are idle most
 * of the time, and those that are not write a few small frames and have them taken. Measured with ten bursts of ten
 * messages on each of ten connections: a buffer for each writer made up 15 to 20 % of the time.
 */
let slab: Uint8Array = NONE
let used = 0
const words = new WordView()

/**
 * The frames waiting to be written, small ones side by side in one buffer. RFC 6455 §5.2.
 * Every message goes out as one frame: nothing is gained by cutting what is whole already.
 */
export class FrameWriter {
  readonly #keys: MaskKeys | undefined
  #chunks = NO_CHUNKS
  /** Bytes in `#chunks`. */
  #setAside = 0
  /** The newest frames, `#bytes[#start..#end)`: in the shared buffer, or in one of our own. */
  #bytes: Uint8Array = NONE
  #start = 0
  #end = 0
  /** Messages written since the beginning, how many of them `take` has handed over, and the bytes of their payload. */
  messages = 0
  messagesTaken = 0
  payload = 0
  /** Pongs written since the last `take`. */
  #pongs = 0
  /** The answer to the latest Ping, where too many are written already. */
  #pong: Uint8Array | undefined = undefined

  /** With `keys` every frame is masked: the client's side. */
  constructor(keys: MaskKeys | undefined) {
    this.#keys = keys
  }

  /** Bytes that the next `take` hands over. */
  get pending(): number {
    const pending = this.#setAside + this.#end - this.#start
    return this.#pong === undefined ? pending : pending + this.#headerSize(this.#pong.length) + this.#pong.length
  }

  /** Whether `frame` copies a payload of so many bytes, and does not keep it by reference. */
  copies(length: number): boolean {
    return length <= COPY_LIMIT || this.#keys !== undefined
  }

  /**
   * One final frame; RSV1 stands beside the opcode where it is to be set. A large unmasked `payload` is kept by
   * reference and must not change until it is written.
   */
  frame(opcode: number, payload: Uint8Array): void {
    const length = payload.length
    if (!this.copies(length)) {
      this.#header(opcode, length, 0)
      this.#setPieceAside()
      this.#setBytesAside(payload)
      return
    }
    const key = this.#header(opcode, length, length)
    const bytes = this.#bytes
    const start = this.#end
    if (length <= 16) {
      // For 8 bytes the loop takes 13 ns and `set` 25; from about 20 bytes on `set` is faster.
      for (let i = 0; i < length; i++) bytes[start + i] = payload[i]
    } else {
      bytes.set(payload, start)
    }
    this.#payloadWritten(length, key)
  }

  /**
   * A text frame of `text` if that is all ASCII: its characters are its UTF-8 bytes and need no encoder.
   * Otherwise writes nothing and returns false.
   */
  asciiFrame(text: string): boolean {
    const length = text.length
    const key = this.#header(Opcode.TEXT, length, length)
    const bytes = this.#bytes
    const start = this.#end
    let seen = 0
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i)
      seen |= unit
      bytes[start + i] = unit
    }
    if (seen > 0x7f) {
      this.#moveEnd(start - this.#headerSize(length))
      return false
    }
    this.#payloadWritten(length, key)
    return true
  }

  /**
   * A text frame of `text`, whatever is in it. `encodeInto` writes its UTF-8 and answers how many bytes that is, three at
   * most for each character; so does this.
   */
  encodedFrame(text: string, encodeInto: (text: string, bytes: Uint8Array) => number): number {
    const units = text.length
    const key = this.#header(Opcode.TEXT, units, 3 * units)
    const bytes = this.#bytes
    const start = this.#end
    const length = encodeInto(text, bytes.subarray(start, start + 3 * units))
    // The header was made for ASCII: what is longer may need one with more bytes for its length.
    const header = start - this.#headerSize(units)
    const further = header + this.#headerSize(length)
    if (further !== start) bytes.copyWithin(further, start, start + length)
    if (length !== units) this.#moveEnd(this.#putHeader(header, Opcode.TEXT, length, key))
    this.#payloadWritten(length, key)
    return length
  }

  /** Counts the frame written last as a message; `payload` is its length before compression. */
  messageQueued(payload: number): void {
    this.messages++
    this.payload += payload
  }

  /**
   * Answers a Ping. RFC 6455 §5.5.3 lets an endpoint answer only the latest one; it does so from the 17th Ping on that
   * comes between two times that output is taken.
   */
  pong(data: Uint8Array): void {
    if (++this.#pongs > MAX_PONGS) this.#pong = data.slice()
    else this.frame(Opcode.PONG, data)
  }

  /** Puts the Pong kept back, if any, behind what is written so far: before a Close, or when everything leaves. */
  flushPong(): void {
    if (this.#pong === undefined) return
    this.frame(Opcode.PONG, this.#pong)
    this.#pong = undefined
  }

  /** Everything written since, in order. */
  take(): Uint8Array[] {
    this.flushPong()
    this.#pongs = 0
    this.messagesTaken = this.messages
    const bytes = this.#bytes
    const start = this.#start
    const end = this.#end
    this.#bytes = NONE
    this.#start = 0
    this.#end = 0
    const newest = start === end ? [] : [bytes.subarray(start, end)]
    if (this.#setAside === 0) return newest
    const taken = this.#chunks
    this.#chunks = NO_CHUNKS
    this.#setAside = 0
    return taken.concat(newest)
  }

  #headerSize(length: number): number {
    const size = length < 126 ? 2 : length <= 0xffff ? 4 : 10
    return this.#keys === undefined ? size : size + 4
  }

  /** Writes the header of a final frame with `length` payload bytes, makes room for `room` of them, returns the key. */
  #header(opcode: number, length: number, room: number): number {
    const size = MAX_HEADER_SIZE + room
    if (this.#end + size > this.#bytes.length || (this.#bytes === slab && this.#end !== used)) this.#makeRoom(size)
    const key = this.#keys === undefined ? 0 : this.#keys.next()
    this.#moveEnd(this.#putHeader(this.#end, opcode, length, key))
    return key
  }

  /** Writes a header at `start`, and answers where it ends. */
  #putHeader(start: number, opcode: number, length: number, key: number): number {
    const bytes = this.#bytes
    const masked = this.#keys === undefined ? 0 : MASK
    let at = start
    bytes[at++] = FIN | opcode
    // RFC 6455 §5.2: the length in as few bytes as it needs, in network byte order.
    if (length < 126) {
      bytes[at++] = masked | length
    } else if (length <= 0xffff) {
      bytes[at++] = masked | 126
      bytes[at++] = length >>> 8
      bytes[at++] = length
    } else {
      bytes[at++] = masked | 127
      for (let power = 56; power >= 0; power -= 8) bytes[at++] = Math.floor(length / 2 ** power)
    }
    if (this.#keys !== undefined) {
      bytes[at++] = key
      bytes[at++] = key >>> 8
      bytes[at++] = key >>> 16
      bytes[at++] = key >>> 24
    }
    return at
  }

  #payloadWritten(length: number, key: number): void {
    const start = this.#end
    this.#moveEnd(start + length)
    if (this.#keys === undefined) return
    words.over(this.#bytes)
    words.mask(start, start + length, key)
  }

  #moveEnd(end: number): void {
    this.#end = end
    if (this.#bytes === slab) used = end
  }

  /** Sees to it that `#bytes` has room for `size` more bytes at `#end`, and that nobody else writes there. */
  #makeRoom(size: number): void {
    if (this.#start === this.#end && size <= SLAB / 4 && used + size <= slab.length) {
      this.#bytes = slab
      this.#start = used
      this.#end = used
      return
    }
    if (this.#end - this.#start >= WORTH_A_CHUNK) this.#setPieceAside()
    const pending = this.#bytes.subarray(this.#start, this.#end)
    const needed = pending.length + size
    // What others have written behind moves to memory of our own, until all is taken: while a peer reads nothing, a few
    // bytes of its would otherwise hold each shared buffer of that time.
    const shared = size <= SLAB / 4 && (pending.length === 0 || (this.#bytes === slab && this.#end === used))
    if (shared && used + needed > slab.length) {
      slab = new Uint8Array(SLAB)
      used = 0
    }
    this.#bytes = shared ? slab : new Uint8Array(size > SLAB / 4 ? needed : 2 * needed)
    this.#start = shared ? used : 0
    this.#bytes.set(pending, this.#start)
    this.#moveEnd(this.#start + pending.length)
  }

  #setPieceAside(): void {
    const pending = this.#end - this.#start
    if (pending === 0) return
    this.#setBytesAside(this.#bytes.subarray(this.#start, this.#end))
    this.#start = this.#end
  }

  /** There are some. */
  #setBytesAside(bytes: Uint8Array): void {
    if (this.#setAside === 0) this.#chunks = []
    this.#chunks.push(bytes)
    this.#setAside += bytes.length
  }
}
