import type { Platform } from '../platform/index.ts'
import { CloseCode } from '../websocket/index.ts'
import { bytesOf } from './message-bytes.ts'
import type { WebSocketLink } from './web-socket-link.ts'

/** Payloads up to this size are copied by the framing below in any case. */
const COPIED_BELOW = 4096

export type Message = string | ArrayBuffer | ArrayBufferView | Blob

interface Close {
  readonly code: number | undefined
  readonly reason: Uint8Array
}

type Waiting = { readonly text: boolean; readonly bytes: Uint8Array } | Blob | Close

/**
 * Keeps the order of what a WHATWG `WebSocket` sends: the bytes of a `Blob` come by a promise, and all that is sent after
 * it, a Close too, waits behind it. It also counts `bufferedAmount`. WebSockets Standard §3.1.
 */
export class MessageOutbox {
  readonly #link: WebSocketLink
  readonly #platform: Platform
  /** What waits behind the `Blob` being read, that one first; empty when none is. */
  readonly #waiting: Waiting[] = []
  #waitingBytes = 0
  /** Payload handed to the link since it was last empty. */
  #handedOn = 0
  /** Payload that was sent after the end, and never leaves. */
  #dropped = 0

  constructor(link: WebSocketLink, platform: Platform) {
    this.#link = link
    this.#platform = platform
  }

  /** Payload bytes not yet handed to the transport. The queue below counts framing too; that part is left out. */
  get bufferedAmount(): number {
    const queued = this.#link.bufferedBytes
    if (queued === 0) this.#handedOn = 0
    return this.#dropped + this.#waitingBytes + Math.min(this.#handedOn, queued)
  }

  /** Sends `data` after all that was sent before. Buffers are copied before this returns. */
  send(data: Message): void {
    if (data instanceof Blob) {
      this.#waitingBytes += data.size
      this.#waiting.push(data)
      if (this.#waiting.length === 1) this.#read(data)
      return
    }
    const text = !(data instanceof ArrayBuffer || ArrayBuffer.isView(data))
    const view = text ? this.#platform.encodeText(String(data)) : bytesOf(data)
    if (this.#waiting.length === 0) {
      // The program may change its buffer right after the call, the framing may keep a large one until it is written.
      this.#pass(text, text || view.length <= COPIED_BELOW ? view : view.slice())
    } else {
      this.#waitingBytes += view.length
      this.#waiting.push({ text, bytes: text ? view : view.slice() })
    }
  }

  /** Counts a message that can't be sent any more. */
  drop(data: Message): void {
    if (data instanceof Blob) this.#dropped += data.size
    else if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) this.#dropped += data.byteLength
    else this.#dropped += this.#platform.encodeText(String(data)).length
  }

  /** Closes after all that was sent before: a Close frame ends the messages. RFC 6455 §5.5.1. */
  close(code: number | undefined, reason: Uint8Array): void {
    if (this.#waiting.length === 0) this.#link.close(code, reason)
    else this.#waiting.push({ code, reason })
  }

  /** Hands a message on, unless the peer has closed meanwhile. */
  #pass(text: boolean, bytes: Uint8Array): void {
    if (!this.#link.open) {
      this.#dropped += bytes.length
      return
    }
    this.#handedOn = this.#link.bufferedBytes === 0 ? bytes.length : this.#handedOn + bytes.length
    if (text) this.#link.sendUtf8(bytes)
    else this.#link.sendBinary(bytes)
  }

  #read(blob: Blob): void {
    blob.arrayBuffer().then(
      (buffer) => this.#blobRead(blob, new Uint8Array(buffer)),
      // A blob backed by a file that is gone: the message can't be sent, and leaving it out would be a lie.
      () => this.#link.close(CloseCode.INTERNAL_ERROR, new Uint8Array(0)),
    )
  }

  /** The bytes of the first in line are there: they go, and all behind them up to the next `Blob`. */
  #blobRead(blob: Blob, bytes: Uint8Array): void {
    this.#waitingBytes -= blob.size
    this.#pass(false, bytes)
    this.#waiting.shift()
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (next instanceof Blob) {
        this.#read(next)
        return
      }
      this.#waiting.shift()
      if ('bytes' in next) {
        this.#waitingBytes -= next.bytes.length
        this.#pass(next.text, next.bytes)
      } else {
        this.#link.close(next.code, next.reason)
      }
    }
  }
}
