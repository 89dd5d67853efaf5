import type { Platform } from '../../platform/index.ts'
import { CloseCode, type SendOptions } from '../../websocket/index.ts'
import { bytesOf } from '../message-bytes.ts'
import { bytesOfReceived } from './received-blob.ts'
import type { WebSocketLink } from './web-socket-link.ts'

/** Bytes that a message in line is taken to cost beside its payload: an empty one isn't free. */
const ENTRY_COST = 512
/**
 * Blobs read in a row before timers and sockets get their turn: Node brings the bytes of a small Blob within microtasks,
 * about 50 µs each, so that a long line would keep everything else from running.
 */
const READ_IN_A_ROW = 256
/** Places at the front of the line that may stand empty before it is moved up. */
const MOVE_UP_AT = 1024

export type Message = string | ArrayBuffer | ArrayBufferView | Blob

interface Close {
  readonly code: number | undefined
  readonly reason: Uint8Array
}

/** A message whose bytes are there, or are to come. */
interface Waiting {
  readonly text: boolean
  readonly data: Uint8Array | Blob
  readonly options: SendOptions | undefined
}

/**
 * Keeps the order of what a WHATWG `WebSocket` sends: the bytes of a `Blob` come by a promise, and all that is sent after
 * it, a Close too, waits behind it. It also counts `bufferedAmount`. WebSockets Standard §3.1.
 *
 * A peer whose messages are answered with Blobs fills this line faster than it empties, so the link is told what it
 * costs and reads no more beyond its mark. A Blob that a socket of ours received is known here and doesn't wait.
 */
export class MessageOutbox {
  readonly #link: WebSocketLink
  readonly #platform: Platform
  /** What waits behind the `Blob` being read, that one first, from `#first` on; empty when none is. */
  #waiting: (Waiting | Close | undefined)[] = []
  #first = 0
  #readInARow = 0
  #waitingBytes = 0
  /** Payload that the link had been given by the time it was last empty. */
  #given = 0
  /** Payload that was sent before the end, and never leaves. */
  #dropped = 0

  constructor(link: WebSocketLink, platform: Platform) {
    this.#link = link
    this.#platform = platform
  }

  /** Payload bytes not yet handed to the transport. The queue below counts framing too; that part is left out. */
  get bufferedAmount(): number {
    const queued = this.#link.bufferedBytes
    if (queued === 0) this.#given = this.#link.payloadSent
    return this.#dropped + this.#waitingBytes + Math.min(this.#link.payloadSent - this.#given, queued)
  }

  /** Messages that wait here, a Close among them not counted. */
  get waitingMessages(): number {
    let messages = 0
    for (const entry of this.#waiting) if (entry !== undefined && 'data' in entry) messages++
    return messages
  }

  /** Sends `data` after all that was sent before. Buffers are copied before this returns. */
  send(data: Message, options?: SendOptions): void {
    if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) this.#sendBytes(bytesOf(data), options)
    else if (data instanceof Blob) this.#sendBlob(data, options)
    else this.#sendText(String(data), options)
  }

  #sendText(text: string, options: SendOptions | undefined): void {
    const link = this.#link
    if (this.#waiting.length > 0 || !link.open) {
      this.#passOrWait(true, this.#platform.encodeText(text), options)
      return
    }
    this.#noteEmpty()
    link.sendText(text, options)
  }

  #sendBytes(bytes: Uint8Array, options: SendOptions | undefined): void {
    // The program may change its buffer right after the call, the framing may keep a large one until it is written, and
    // what waits is kept in any case.
    this.#passOrWait(false, this.#waiting.length > 0 ? bytes.slice() : this.#link.ownBytes(bytes), options)
  }

  #sendBlob(blob: Blob, options: SendOptions | undefined): void {
    const bytes = bytesOfReceived(blob)
    if (bytes === undefined) this.#wait({ text: false, data: blob, options })
    else this.#passOrWait(false, bytes, options)
  }

  #passOrWait(text: boolean, bytes: Uint8Array, options: SendOptions | undefined): void {
    if (this.#waiting.length === 0) this.#pass(text, bytes, options)
    else this.#wait({ text, data: bytes, options })
  }

  /** Closes after all that was sent before: a Close frame ends the messages. RFC 6455 §5.5.1. */
  close(code: number | undefined, reason: Uint8Array): void {
    if (this.#waiting.length === 0) this.#link.close(code, reason)
    else this.#wait({ code, reason })
  }

  /** Hands a message on, unless the peer has closed meanwhile. */
  #pass(text: boolean, bytes: Uint8Array, options: SendOptions | undefined): void {
    if (!this.#link.open) {
      this.#dropped += bytes.length
      return
    }
    this.#noteEmpty()
    if (text) this.#link.sendUtf8(bytes, options)
    else this.#link.sendBinary(bytes, options)
  }

  #noteEmpty(): void {
    if (this.#link.allHandedOn) this.#given = this.#link.payloadSent
  }

  /** Puts `entry` last in the line; the first is a `Blob` to be read. */
  #wait(entry: Waiting | Close): void {
    const size = payloadOf(entry)
    this.#waitingBytes += size
    this.#link.keepBack(size + ENTRY_COST)
    this.#waiting.push(entry)
    if (this.#waiting.length === 1 && 'data' in entry && entry.data instanceof Blob)
      this.#read(entry.data, entry.options)
  }

  #read(blob: Blob, options: SendOptions | undefined): void {
    if (++this.#readInARow > READ_IN_A_ROW) {
      this.#readInARow = 0
      this.#platform.setTimer(() => this.#read(blob, options), 0)
      return
    }
    blob.arrayBuffer().then(
      (buffer) => this.#blobRead(new Uint8Array(buffer), options),
      () => this.#blobLost(),
    )
  }

  /** The bytes of the first in line are there: they go, and all behind them up to the next `Blob`. */
  #blobRead(bytes: Uint8Array, options: SendOptions | undefined): void {
    const freed = this.#takeFirst()
    this.#pass(false, bytes, options)
    this.#link.keepBack(-freed)
    for (let next = this.#waiting[this.#first]; next !== undefined; next = this.#waiting[this.#first]) {
      // On a link that is over there is no use in reading what will not be sent.
      if ('data' in next && next.data instanceof Blob && this.#link.open) {
        this.#read(next.data, next.options)
        return
      }
      const cost = this.#takeFirst()
      if (!('data' in next)) this.#link.close(next.code, next.reason)
      else if (next.data instanceof Blob) this.#dropped += next.data.size
      else this.#pass(next.text, next.data, next.options)
      this.#link.keepBack(-cost)
    }
  }

  /** A Blob backed by a file that is gone: the message can't be sent, and leaving it out would be a lie. */
  #blobLost(): void {
    this.#link.close(CloseCode.INTERNAL_ERROR, new Uint8Array(0))
    this.#dropped += this.#waitingBytes
    while (this.#waiting.length > 0) this.#link.keepBack(-this.#takeFirst())
  }

  /** Lets the first in line go, and returns what it cost. `shift()` would move a long line up each time. */
  #takeFirst(): number {
    const size = payloadOf(this.#waiting[this.#first] as Waiting | Close)
    this.#waiting[this.#first++] = undefined
    if (this.#first === this.#waiting.length) {
      this.#waiting = []
      this.#first = 0
    } else if (this.#first >= MOVE_UP_AT && this.#first * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first)
      this.#first = 0
    }
    this.#waitingBytes -= size
    return size + ENTRY_COST
  }
}

/** Bytes of payload that `data` would have as a message. */
export function payloadSize(platform: Platform, data: Message): number {
  if (data instanceof Blob) return data.size
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return data.byteLength
  return platform.encodeText(String(data)).length
}

function payloadOf(entry: Waiting | Close): number {
  if (!('data' in entry)) return 0
  return entry.data instanceof Blob ? entry.data.size : entry.data.length
}
