import type { Platform } from '../../platform/index.ts'
import { CloseCode, type SendOptions } from '../../websocket/index.ts'
import { closeArgument } from './close-argument.ts'
import { endedWithoutClose, type WebSocketEnd } from './link-owner.ts'
import { messageEvent } from './message-event.ts'
import { type Message, MessageOutbox, payloadSize } from './message-outbox.ts'
import { receivedBlob } from './received-blob.ts'
import { tell } from './told-text.ts'
import { WebSocketEventTarget } from './web-socket-event-target.ts'
import { closeEvent, errorEvent } from './web-socket-events.ts'
import { WebSocketLink } from './web-socket-link.ts'
import { PendingHandshake, type WebSocketInit, type WebSocketOpening } from './web-socket-opening.ts'

const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3

/**
 * What uses the socket threw: closes with 1011, RFC 6455 §7.4.1, and reports. No more messages after that. Set once by
 * the class below.
 */
export let programThrew: (socket: WebSocket, error: unknown) => void

/**
 * A WebSocket with the shape and the event order of the WHATWG standard, over one HTTP/2 stream, for either side.
 * RFC 8441 §5. A handler object (`webSocket()`, `openHandledWebSocket`) costs less for many small messages.
 *
 * One that is handed out open dispatches `open` a moment later, and no message before it, so that whoever was handed
 * the socket has time to add listeners. A listener or `on…` property that throws, or rejects if it is `async`, closes the
 * socket with 1011, and `onError` of the session or server hears of it.
 *
 * @example
 * const socket = await openWebSocket(session, 'https://localhost:8443', '/chat', { protocols: ['chat'] })
 * socket.binaryType = 'arraybuffer'
 * socket.onmessage = ({ data }) => socket.send(data)
 */
export class WebSocket extends WebSocketEventTarget {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSING: 2
  declare static readonly CLOSED: 3
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSING: 2
  declare readonly CLOSED: 3

  readonly #url: string
  readonly #origin: string
  readonly #platform: Platform
  readonly #report: (error: unknown) => void
  #protocol = ''
  #extensions = ''
  #link: WebSocketLink | undefined
  #outbox: MessageOutbox | undefined
  #binaryType: 'blob' | 'arraybuffer' = 'blob'
  #readyState: 0 | 1 | 2 | 3 = CONNECTING
  /** Payload that was sent after the end, and never leaves. */
  #dropped = 0
  #unsentMessages = 0
  /** Ends the handshake, while there is one. */
  #handshake: PendingHandshake | undefined
  #opened = false
  /** The end, when it came before `open` was dispatched. */
  #early: (() => void) | undefined

  static {
    // Web IDL §3.7.5: constants stand on the class and on its prototype, for reading only.
    for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED })) {
      for (const place of [WebSocket, WebSocket.prototype]) {
        Object.defineProperty(place, name, { value, enumerable: true })
      }
    }
    Object.defineProperty(WebSocket.prototype, Symbol.toStringTag, { value: 'WebSocket', configurable: true })
    // Bundlers rename classes, and a socket says by its constructor what it is.
    Object.defineProperty(WebSocket, 'name', { value: 'WebSocket', configurable: true })
    programThrew = (socket, error) => socket.listenerThrew(error)
  }

  /** For those who open and accept sockets: of an open one, or of a handshake that begins now. */
  constructor(init: WebSocketInit | WebSocketOpening) {
    super()
    this.#url = init.url
    this.#origin = new URL(init.url).origin
    this.#platform = init.platform
    this.#report = init.report
    if ('open' in init) {
      const accepted = (open: WebSocketInit): void => {
        this.#join(open)
        this.#open()
      }
      this.#handshake = new PendingHandshake(init, accepted, (error) => this.#handshakeFailed(error))
    } else {
      this.#join(init)
      // A microtask would be too soon: a promise handed through a few functions takes several to reach its program.
      init.platform.setTimer(() => this.#open(), 0)
    }
  }

  get url(): string {
    return this.#url
  }

  /** The subprotocol in use; empty without one, and before there is any. */
  get protocol(): string {
    return this.#protocol
  }

  /** The extensions in use, as the handshake had them; empty without any. */
  get extensions(): string {
    return this.#extensions
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

  /** Bytes of messages sent and not yet handed to the transport, without framing. What never leaves stays counted. */
  get bufferedAmount(): number {
    return this.#dropped + (this.#outbox?.bufferedAmount ?? 0)
  }

  /** The HTTP/2 stream that carries this socket; undefined over HTTP/1.1. Not in the standard. */
  get streamId(): number | undefined {
    return this.#link?.streamId
  }

  /** Milliseconds to the peer and back, by the last Ping of `keepAlive` that was answered. Not in the standard. */
  get roundTripTime(): number | undefined {
    return this.#link?.roundTripTime
  }

  /**
   * How many of the messages sent last were not handed to the transport, whole, when the socket ended without a Close:
   * these the peer can't have got, the others it may have. 0 before and otherwise. Not in the standard.
   */
  get unsentMessages(): number {
    return this.#unsentMessages
  }

  /**
   * Sends one message. Messages leave in the order of the calls, also behind a `Blob`, whose bytes come later.
   * Buffers are copied. After `close` it only adds to `bufferedAmount`. `compress: false` leaves compression out, for
   * what is compressed already, or secret (RFC 7692 §6); the standard knows no options.
   * @throws DOMException `InvalidStateError` before the socket is open.
   */
  send(data: Message, options?: SendOptions): void {
    if (this.#readyState === CONNECTING) throw new DOMException('the WebSocket is not open yet', 'InvalidStateError')
    if (this.#readyState !== OPEN || this.#outbox === undefined) this.#dropped += payloadSize(this.#platform, data)
    else this.#outbox.send(data, options)
  }

  /**
   * Starts the closing handshake, after all that was sent. RFC 6455 §7.1.2. A handshake still under way is given up.
   * @throws DOMException `InvalidAccessError` for a code other than 1000 and 3000-4999, `SyntaxError` for a reason of
   * more than 123 bytes of UTF-8.
   */
  close(code?: number, reason?: string): void {
    const close = closeArgument(this.#platform, code, reason)
    if (this.#readyState >= CLOSING) return
    this.#readyState = CLOSING
    if (this.#outbox !== undefined) this.#outbox.close(close.code, close.reason)
    else this.#handshake?.giveUp(new DOMException('the WebSocket was closed before it was open', 'AbortError'))
  }

  protected override listenerThrew(error: unknown): void {
    this.#report(error)
    this.#end(CloseCode.INTERNAL_ERROR)
  }

  /** Closes with a code that is not the program's to choose. RFC 6455 §7.4.1. */
  #end(code: number): void {
    if (this.#readyState >= CLOSING) return
    this.#readyState = CLOSING
    this.#outbox?.close(code, new Uint8Array(0))
  }

  /** WebSockets Standard §3.1: a handshake that fails is told of later, even to who has just given it up. */
  #handshakeFailed(error: Error): void {
    this.#readyState = CLOSING
    this.#opened = true
    const code = CloseCode.ABNORMAL_CLOSURE
    const end: WebSocketEnd = { code, reason: '', wasClean: false, error, unsentMessages: 0 }
    this.#platform.setTimer(() => this.#linkClosed(end), 0)
  }

  #join(init: WebSocketInit): void {
    this.#protocol = init.protocol
    this.#extensions = init.extensions
    this.#readyState = OPEN
    this.#link = new WebSocketLink(init.stream, init.core, init.platform, init.link, {
      messageReceived: (text, data) => this.#messageReceived(text, data),
      closeReceived: () => {
        this.#readyState = CLOSING
      },
      linkClosed: (end) => this.#linkClosed(end),
      goingAway: () => this.#end(CloseCode.GOING_AWAY),
      linkDrained: () => undefined,
    })
    this.#outbox = new MessageOutbox(this.#link, init.platform)
  }

  #open(): void {
    this.#opened = true
    this.dispatchEvent(new Event('open'))
    if (this.#early !== undefined) this.#early()
    else this.#link?.start()
  }

  #messageReceived(text: boolean, data: Uint8Array): void {
    // WebSockets Standard §6: a message counts only while the socket is open, not once `close` was called.
    if (this.#readyState !== OPEN) return
    this.dispatchEvent(messageEvent(text ? tell(this.#platform, data) : this.#binary(data), this.#origin))
  }

  /** The bytes as the program wants them, no longer a view of anything. */
  #binary(data: Uint8Array): ArrayBuffer | Blob {
    if (this.#binaryType === 'blob') return receivedBlob(data)
    // What was joined or inflated lies in memory that nobody else has; what came in one piece is a part of a chunk.
    const own = data.length > 0 && data.byteOffset === 0 && data.length === data.buffer.byteLength
    if (own) return data.buffer as ArrayBuffer
    // Half of what a short message costs here is its ArrayBuffer; made by `slice` of the view it takes 60 ns more.
    const buffer = new ArrayBuffer(data.length)
    new Uint8Array(buffer).set(data)
    return buffer
  }

  #linkClosed(end: WebSocketEnd): void {
    if (!this.#opened) {
      this.#early = () => this.#linkClosed(end)
      return
    }
    const { code, reason, wasClean, error } = end
    this.#readyState = CLOSED
    if (!wasClean) {
      this.#unsentMessages = end.unsentMessages + (this.#outbox?.waitingMessages ?? 0)
      this.dispatchEvent(errorEvent(error ?? endedWithoutClose()))
    }
    this.dispatchEvent(closeEvent(code, reason, wasClean))
  }
}
