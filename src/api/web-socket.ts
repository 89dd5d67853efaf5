import type { Platform } from '../platform/index.ts'
import { CloseCode, type WebSocketConnection } from '../websocket/index.ts'
import type { Tunnel } from './exchange.ts'
import { type EventListener, guardedListener } from './guarded-listener.ts'
import { MessageOutbox } from './message-outbox.ts'
import { receivedBlob } from './received-blob.ts'
import {
  closeEvent,
  errorEvent,
  messageEvent,
  type WebSocketCloseEvent,
  type WebSocketErrorEvent,
  type WebSocketMessageEvent,
} from './web-socket-events.ts'
import { WebSocketLink } from './web-socket-link.ts'

const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3

type EventName = 'open' | 'message' | 'error' | 'close'
type Listener = (event: Event) => void

/** An `on…` property: its place in the list of listeners, and what stands there. */
interface Handler {
  callback: Listener
  readonly listener: Listener
}

/** What a socket is made from, by `openWebSocket` or `webSocket()`, once its handshake is done. */
export interface WebSocketInit {
  readonly stream: Tunnel
  readonly core: WebSocketConnection
  readonly platform: Platform
  /** With the scheme `ws` or `wss`. */
  readonly url: string
  readonly protocol: string
  /** Hears what a listener threw; must not throw. */
  readonly report: (error: unknown) => void
}

/**
 * What uses the socket threw: closes with 1011, RFC 6455 §7.4.1, and reports. No more messages after that. Set once by
 * the class below.
 */
export let programThrew: (socket: WebSocket, error: unknown) => void

const listenerThrew = (target: EventTarget, error: unknown): void => programThrew(target as WebSocket, error)

/**
 * A WebSocket with the shape and the event order of the WHATWG standard, over one HTTP/2 stream, for either side.
 * RFC 8441 §5. A handler object (`WebSocketHandler`) costs less for many small messages.
 *
 * It is handed out open. `open` is dispatched a moment later, and no message before it, so that whoever was handed
 * the socket has time to add listeners. A listener or `on…` property that throws, or rejects if it is `async`, closes the
 * socket with 1011, and `onError` of the session or server hears of it.
 *
 * @example
 * const socket = await openWebSocket(session, 'https://localhost:8443', '/chat', { protocols: ['chat'] })
 * socket.binaryType = 'arraybuffer'
 * socket.onmessage = ({ data }) => socket.send(data)
 */
export class WebSocket extends EventTarget {
  static readonly CONNECTING: 0 = CONNECTING
  static readonly OPEN: 1 = OPEN
  static readonly CLOSING: 2 = CLOSING
  static readonly CLOSED: 3 = CLOSED
  readonly CONNECTING: 0 = CONNECTING
  readonly OPEN: 1 = OPEN
  readonly CLOSING: 2 = CLOSING
  readonly CLOSED: 3 = CLOSED

  readonly url: string
  readonly protocol: string
  /** None is negotiated. */
  readonly extensions: string = ''
  readonly #origin: string
  readonly #platform: Platform
  readonly #link: WebSocketLink
  readonly #outbox: MessageOutbox
  readonly #report: (error: unknown) => void
  readonly #handlers = new Map<EventName, Handler>()
  #binaryType: 'blob' | 'arraybuffer' = 'blob'
  #readyState: 0 | 1 | 2 | 3 = OPEN
  #opened = false
  /** The end, when it came before `open` was dispatched. */
  #early: (() => void) | undefined

  static {
    programThrew = (socket, error) => {
      socket.#report(error)
      if (socket.#readyState >= CLOSING) return
      socket.#readyState = CLOSING
      socket.#outbox.close(CloseCode.INTERNAL_ERROR, new Uint8Array(0))
    }
  }

  /** For `openWebSocket` and `webSocket()`: what a program holds was handed to it. */
  constructor(init: WebSocketInit) {
    super()
    this.url = init.url
    this.protocol = init.protocol
    this.#origin = new URL(init.url).origin
    this.#platform = init.platform
    this.#report = init.report
    this.#link = new WebSocketLink(init.stream, init.core, init.platform, {
      messageReceived: (text, data) => this.#messageReceived(text, data),
      closeReceived: () => {
        this.#readyState = CLOSING
      },
      linkClosed: (code, reason, wasClean, error) => this.#linkClosed(code, reason, wasClean, error),
      linkDrained: () => undefined,
    })
    this.#outbox = new MessageOutbox(this.#link, init.platform)
    // A microtask would be too soon: a promise handed through a few functions takes several to reach its program.
    init.platform.setTimer(() => this.#open(), 0)
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState
  }

  /**
   * How binary messages arrive; other values are ignored, as the standard has it. An `ArrayBuffer` costs a good deal less
   * than a `Blob`, which is what they are unless this is set.
   */
  get binaryType(): 'blob' | 'arraybuffer' {
    return this.#binaryType
  }

  set binaryType(type: 'blob' | 'arraybuffer') {
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type
  }

  /** Bytes of messages sent and not yet handed to the transport, without framing. */
  get bufferedAmount(): number {
    return this.#outbox.bufferedAmount
  }

  /** The HTTP/2 stream that carries this socket; undefined over HTTP/1.1. Not in the standard. */
  get streamId(): number | undefined {
    return this.#link.streamId
  }

  /**
   * Sends one message. Messages leave in the order of the calls, also behind a `Blob`, whose bytes come later.
   * Buffers are copied. After `close` it only adds to `bufferedAmount`.
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    if (this.#readyState !== OPEN) this.#outbox.drop(data)
    else this.#outbox.send(data)
  }

  /**
   * Starts the closing handshake, after all that was sent. RFC 6455 §7.1.2.
   * @throws DOMException `InvalidAccessError` for a code other than 1000 and 3000-4999, `SyntaxError` for a reason of
   * more than 123 bytes of UTF-8.
   */
  close(code?: number, reason?: string): void {
    const number = code === undefined ? undefined : clampedShort(code)
    if (number !== undefined && number !== CloseCode.NORMAL_CLOSURE && (number < 3000 || number > 4999)) {
      throw new DOMException(
        `a program may not close with ${number}, only with 1000 or 3000-4999`,
        'InvalidAccessError',
      )
    }
    const bytes = this.#platform.encodeText(reason ?? '')
    if (bytes.length > 123) throw new DOMException('a close reason of more than 123 bytes', 'SyntaxError')
    if (this.#readyState >= CLOSING) return
    this.#readyState = CLOSING
    // RFC 6455 §5.5.1: a reason needs a code before it.
    this.#outbox.close(bytes.length > 0 ? (number ?? CloseCode.NORMAL_CLOSURE) : number, bytes)
  }

  override addEventListener(
    type: string,
    listener: EventListener,
    options?: Parameters<EventTarget['addEventListener']>[2],
  ): void {
    super.addEventListener(type, guardedListener(listener, listenerThrew), options)
  }

  override removeEventListener(
    type: string,
    listener: EventListener,
    options?: Parameters<EventTarget['removeEventListener']>[2],
  ): void {
    super.removeEventListener(type, guardedListener(listener, listenerThrew), options)
  }

  get onopen(): ((event: Event) => void) | null {
    return this.#handler('open')
  }

  set onopen(callback: ((event: Event) => void) | null) {
    this.#setHandler('open', callback)
  }

  get onmessage(): ((event: WebSocketMessageEvent) => void) | null {
    return this.#handler('message')
  }

  set onmessage(callback: ((event: WebSocketMessageEvent) => void) | null) {
    this.#setHandler('message', callback as Listener | null)
  }

  get onerror(): ((event: WebSocketErrorEvent) => void) | null {
    return this.#handler('error')
  }

  set onerror(callback: ((event: WebSocketErrorEvent) => void) | null) {
    this.#setHandler('error', callback as Listener | null)
  }

  get onclose(): ((event: WebSocketCloseEvent) => void) | null {
    return this.#handler('close')
  }

  set onclose(callback: ((event: WebSocketCloseEvent) => void) | null) {
    this.#setHandler('close', callback as Listener | null)
  }

  #handler(type: EventName): Listener | null {
    return this.#handlers.get(type)?.callback ?? null
  }

  /**
   * HTML Standard §8.1.8.1: an event handler takes its place among the listeners when it is first set and keeps it when
   * it is replaced; set to null, it gives the place up.
   */
  #setHandler(type: EventName, callback: Listener | null): void {
    const handler = this.#handlers.get(type)
    if (typeof callback !== 'function') {
      if (handler === undefined) return
      this.removeEventListener(type, handler.listener)
      this.#handlers.delete(type)
    } else if (handler !== undefined) {
      handler.callback = callback
    } else {
      const added: Handler = { callback, listener: (event) => added.callback.call(this, event) }
      this.#handlers.set(type, added)
      this.addEventListener(type, added.listener)
    }
  }

  #open(): void {
    this.#opened = true
    this.dispatchEvent(new Event('open'))
    if (this.#early !== undefined) this.#early()
    else this.#link.start()
  }

  #messageReceived(text: boolean, data: Uint8Array): void {
    // WebSockets Standard §6: a message counts only while the socket is open, not once `close` was called.
    if (this.#readyState !== OPEN) return
    this.dispatchEvent(messageEvent(text ? this.#platform.decodeText(data) : this.#binary(data), this.#origin))
  }

  /** The bytes as the program wants them, no longer a view of anything. */
  #binary(data: Uint8Array): ArrayBuffer | Blob {
    return this.#binaryType === 'blob' ? receivedBlob(data) : (data.slice().buffer as ArrayBuffer)
  }

  #linkClosed(code: number, reason: string, wasClean: boolean, error: Error | undefined): void {
    if (!this.#opened) {
      this.#early = () => this.#linkClosed(code, reason, wasClean, error)
      return
    }
    this.#readyState = CLOSED
    if (!wasClean) this.dispatchEvent(errorEvent(error))
    this.dispatchEvent(closeEvent(code, reason, wasClean))
  }
}

/** WebIDL `[Clamp] unsigned short`. */
function clampedShort(value: number): number {
  const number = Math.min(Math.max(Number(value), 0), 65_535)
  return Number.isNaN(number) ? 0 : Math.round(number)
}
