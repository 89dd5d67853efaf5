import { CloseCode } from './close-code.ts'
import type { MessageReceived } from './events.ts'
import { FrameHeader, MAX_HEADER_SIZE } from './frame-header.ts'
import { LARGEST_BUFFER, type WebSocketLimits } from './limits.ts'
import { MessageBuffer } from './message-buffer.ts'
import type { MessageInflater } from './message-inflater.ts'
import { Opcode } from './opcode.ts'
import { Utf8Validator } from './utf8-validator.ts'
import { WebSocketError } from './websocket-error.ts'
import { rotateKey, WordView } from './word-view.ts'

/** A whole control frame, unmasked. */
export interface ControlFrame {
  readonly type: 'ControlFrame'
  readonly opcode: number
  readonly data: Uint8Array
}

const empty = new Uint8Array(0)
/** Looks at one chunk at a time, whoever reads it: an idle connection needs none of its own. */
const words = new WordView()
/** `#left` between two frames. */
const NO_FRAME = -1
/** FIN and an opcode: the first byte of a message that is one frame. RFC 6455 §5.2. */
const WHOLE_TEXT = 0x80 | Opcode.TEXT
const WHOLE_BINARY = 0x80 | Opcode.BINARY
const MASK = 0x80

/**
 * Turns chunks, cut anywhere, into whole messages and control frames. RFC 6455 §5, §6.2.
 * Give it a chunk with `push`, then call `next` until it returns `undefined`; after a fault, never again.
 */
export class FrameReader {
  /** There is a chunk that was not read to its end. */
  unread = false
  /** Bytes of the messages found whose events were not all drained: kept by who drains them. */
  untaken = 0
  /** The peer's Close, or its fault, that came behind events which are not drained yet. */
  last: ControlFrame | WebSocketError | undefined = undefined
  /** Made for the first frame that is not a small message. */
  #header: FrameHeader | undefined = undefined
  readonly #limits: WebSocketLimits
  /** Made for the first text that is not all ASCII. */
  #utf8: Utf8Validator | undefined = undefined
  /** What came in earlier chunks, or earlier fragments, of the message under way. */
  #message: MessageBuffer | undefined = undefined
  #chunk: Uint8Array = empty
  #at = 0
  /** The beginning of a header that the last chunk broke off. */
  #partial: Uint8Array = empty
  #partialLength = 0
  /** Payload bytes of the current frame still to come, or NO_FRAME. */
  #left = NO_FRAME
  /** The masking key, turned to the next payload byte. */
  #key = 0
  /** The payload of a control frame that a chunk broke off. */
  #control: Uint8Array = empty
  #text = false
  #emptyFragments = 0
  /** The longest message that `#smallMessage` takes; none at all inside of a fragmented one. */
  #small: number
  readonly #expectMask: boolean
  readonly #inflater: MessageInflater | undefined

  /** With an `inflater` messages may come compressed. */
  constructor(expectMask: boolean, limits: WebSocketLimits, inflater: MessageInflater | undefined) {
    this.#limits = limits
    this.#small = smallRoom(limits)
    this.#expectMask = expectMask
    this.#inflater = inflater
  }

  /** The next bytes; unmasked in place from now on. All of the chunk before must have been read. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk
    this.#at = 0
    this.unread = true
  }

  /**
   * There is nothing more in the chunk, or nothing behind `last` that would count. Lets go of it, so that an idle
   * connection doesn't keep it alive.
   */
  finish(last: ControlFrame | WebSocketError | undefined): void {
    this.last = last
    this.#chunk = empty
    this.#at = 0
    this.unread = false
    words.over(empty)
  }

  /** The next thing that is complete in the bytes so far. */
  next(): MessageReceived | ControlFrame | WebSocketError | undefined {
    for (;;) {
      if (this.#left === NO_FRAME) {
        const small = this.#smallMessage()
        if (small !== undefined) return small
        if (!this.#readHeader()) return this.#header?.fault
        const fault = this.#beginFrame()
        if (fault !== undefined) return fault
      }
      const found = this.#readPayload()
      if (found !== undefined || this.#left > 0) return found
    }
  }

  /**
   * A short message that is one frame, all of it in the chunk and neither compressed nor in any way unusual: most are, and
   * this is a fifth of the work. `undefined`: not so, or not plainly so, and the way of all others tells what it is.
   */
  #smallMessage(): MessageReceived | WebSocketError | undefined {
    const chunk = this.#chunk
    const at = this.#at
    if (at + 2 > chunk.length || this.#partialLength > 0) return undefined
    const first = chunk[at]
    if (first !== WHOLE_BINARY && first !== WHOLE_TEXT) return undefined
    // A mask that is missing, or not expected, makes the length too large.
    const length = this.#expectMask ? chunk[at + 1] ^ MASK : chunk[at + 1]
    const start = this.#expectMask ? at + 6 : at + 2
    const end = start + length
    if (length > this.#small || end > chunk.length) return undefined
    this.#at = end
    words.over(chunk)
    let ascii = false
    if (this.#expectMask) {
      const key = chunk[at + 2] | (chunk[at + 3] << 8) | (chunk[at + 4] << 16) | (chunk[at + 5] << 24)
      ascii = words.mask(start, end, key)
    }
    const text = first === WHOLE_TEXT
    if (text && !ascii && !words.isAscii(start, end)) {
      this.#utf8 ??= new Utf8Validator()
      if (!this.#utf8.accept(chunk, start, end) || !this.#utf8.complete) return notText()
    }
    return { type: 'MessageReceived', text, data: chunk.subarray(start, end) }
  }

  /** True when `#header` now holds a whole, faultless header. */
  #readHeader(): boolean {
    const rest = this.#chunk.length - this.#at
    if (rest === 0) return false
    this.#header ??= this.#newHeader()
    if (this.#partialLength === 0) {
      const size = this.#header.parse(this.#chunk, this.#at, this.#chunk.length)
      this.#at += size
      if (size > 0) return true
    }
    // The header is in two chunks or more: what there is of it is joined and read again.
    const before = this.#partialLength
    const more = Math.min(rest, MAX_HEADER_SIZE - before)
    if (before === 0) this.#partial = new Uint8Array(MAX_HEADER_SIZE)
    this.#partial.set(this.#chunk.subarray(this.#at, this.#at + more), before)
    const size = this.#header.parse(this.#partial, 0, before + more)
    this.#at += size === 0 ? more : size - before
    this.#partialLength = size === 0 ? before + more : 0
    if (size > 0) this.#partial = empty
    return size > 0
  }

  #newHeader(): FrameHeader {
    const { maxMessageSize } = this.#limits
    const header = new FrameHeader(this.#expectMask, this.#inflater === undefined ? 0 : compressedRoom(maxMessageSize))
    header.room = maxMessageSize
    return header
  }

  #beginFrame(): WebSocketError | undefined {
    const header = this.#header!
    this.#left = header.length
    this.#key = header.key
    if (header.opcode >= Opcode.CLOSE) return undefined
    if (header.opcode !== Opcode.CONTINUATION) {
      this.#text = header.opcode === Opcode.TEXT
      this.#emptyFragments = 0
    }
    header.room = header.fin ? this.#limits.maxMessageSize : header.room - header.length
    header.inMessage = !header.fin
    this.#small = header.fin ? smallRoom(this.#limits) : -1
    // RFC 6455 §5.4 allows fragments without payload and sets no bound to their number; we do.
    if (header.length === 0 && !header.fin && ++this.#emptyFragments > this.#limits.maxEmptyFragments) {
      return new WebSocketError(CloseCode.POLICY_VIOLATION, 'too many empty fragments', 'RFC 6455 §10.4')
    }
    return undefined
  }

  /** Takes what the chunk has of the payload; when the frame is complete, `#left` is NO_FRAME again. */
  #readPayload(): MessageReceived | ControlFrame | WebSocketError | undefined {
    const header = this.#header!
    const start = this.#at
    const end = Math.min(start + this.#left, this.#chunk.length)
    this.#at = end
    this.#left -= end - start
    let ascii = false
    if (header.masked) {
      words.over(this.#chunk)
      ascii = words.mask(start, end, this.#key)
      this.#key = rotateKey(this.#key, end - start)
    }
    if (header.opcode >= Opcode.CLOSE) return this.#readControl(start, end)

    if (this.#text && !header.compressed && !this.#isValidText(start, end, ascii)) return notText()
    const whole = this.#left === 0 && header.fin && this.#message === undefined
    if (!whole && end > start) {
      this.#message ??= new MessageBuffer()
      this.#message.append(this.#chunk, start, end, header.fin ? this.#left : undefined)
    }
    if (this.#left > 0) return undefined
    this.#left = NO_FRAME
    if (!header.fin) return undefined
    const payload = this.#message === undefined ? this.#chunk.subarray(start, end) : this.#message.take()
    this.#message = undefined
    const data = header.compressed ? this.#inflate(payload) : payload
    if (data instanceof WebSocketError) return data
    return { type: 'MessageReceived', text: this.#text, data }
  }

  #inflate(payload: Uint8Array): Uint8Array | WebSocketError {
    this.#header!.compressed = false
    return this.#inflater === undefined ? payload : this.#inflater.inflate(payload, this.#text)
  }

  /** RFC 6455 §8.1: text is checked as it comes, across chunks and fragments, and may not end inside a code point. */
  #isValidText(start: number, end: number, ascii: boolean): boolean {
    if (this.#utf8?.complete === false || !(ascii || this.#isAscii(start, end))) {
      this.#utf8 ??= new Utf8Validator()
      if (!this.#utf8.accept(this.#chunk, start, end)) return false
    }
    return this.#left > 0 || !this.#header!.fin || this.#utf8 === undefined || this.#utf8.complete
  }

  #isAscii(start: number, end: number): boolean {
    words.over(this.#chunk)
    return words.isAscii(start, end)
  }

  #readControl(start: number, end: number): ControlFrame | undefined {
    const { opcode, length } = this.#header!
    let data = this.#chunk.subarray(start, end)
    if (this.#left > 0 || this.#control.length > 0) {
      // Only part of it is in this chunk; there are 125 bytes at most, so their memory may be taken at once.
      if (this.#control.length === 0) this.#control = new Uint8Array(length)
      this.#control.set(data, length - this.#left - data.length)
      if (this.#left > 0) return undefined
      data = this.#control
      this.#control = empty
    }
    this.#left = NO_FRAME
    return { type: 'ControlFrame', opcode, data }
  }
}

/**
 * How many bytes a compressed message may have so that `maxMessageSize` bytes come out of it: what can't be compressed
 * gets longer by some bytes for each block and each flush. More than that is refused by the frame header already.
 */
function compressedRoom(maxMessageSize: number): number {
  return Math.min(maxMessageSize + (maxMessageSize >>> 4) + 64, LARGEST_BUFFER)
}

function smallRoom({ maxMessageSize }: WebSocketLimits): number {
  return Math.min(125, maxMessageSize)
}

function notText(): WebSocketError {
  return new WebSocketError(CloseCode.INVALID_FRAME_PAYLOAD_DATA, 'text that is not UTF-8', 'RFC 6455 §8.1')
}
