import { CloseCode, type SendOptions } from '../../websocket/index.ts'
import { bytesOf } from '../message-bytes.ts'
import type { WebSocketLink } from './web-socket-link.ts'
import type { AcceptedSocket } from './web-socket-opening.ts'

/** One WebSocket of either side, as a handler object is given it. RFC 6455 over an HTTP/2 stream, RFC 8441 §5. */
export class HandledWebSocket {
  /** The caller's own, for whatever belongs to this socket. */
  data: unknown
  /** The subprotocol in use; empty without one. */
  readonly protocol: string
  /** What was agreed on, as `sec-websocket-extensions` had it; empty without. RFC 6455 §9.1. */
  readonly extensions: string
  readonly #link: WebSocketLink

  /** For `webSocket()` and `openHandledWebSocket`: a handler is given its sockets, it doesn't make them. */
  constructor(link: WebSocketLink, accepted: Pick<AcceptedSocket, 'protocol' | 'extensions'>) {
    this.#link = link
    this.protocol = accepted.protocol
    this.extensions = accepted.extensions
  }

  /** As in the WHATWG class: 1 open, 2 closing, 3 closed. */
  get readyState(): 1 | 2 | 3 {
    return this.#link.readyState
  }

  /** Bytes sent and not yet handed to the transport, framing included. */
  get bufferedAmount(): number {
    return this.#link.bufferedBytes
  }

  /** The HTTP/2 stream that carries this socket; undefined over HTTP/1.1. */
  get streamId(): number | undefined {
    return this.#link.streamId
  }

  /** Milliseconds to the peer and back, by the last Ping of `keepAlive` that was answered; undefined before. */
  get roundTripTime(): number | undefined {
    return this.#link.roundTripTime
  }

  /**
   * Sends one message: a string as text, bytes as binary. The bytes belong to the library until written.
   * `compress: false` leaves compression out, for what is compressed already, or secret. RFC 7692 §6.
   *
   * Returns false when the queue is at its mark: the message is queued all the same, and `drain` follows. On a socket
   * that is closing or closed it does nothing and returns false, since the peer may close at any time.
   */
  send(data: string | ArrayBuffer | ArrayBufferView, options?: SendOptions): boolean {
    const link = this.#link
    if (!link.open) return false
    return typeof data === 'string' ? link.sendText(data, options) : link.sendBinary(bytesOf(data), options)
  }

  /** Asks the peer for a Pong. RFC 6455 §5.5.2. @throws UsageError for more than 125 bytes. */
  ping(data?: Uint8Array): void {
    this.#link.ping(data)
  }

  /**
   * Starts the closing handshake; `close` of the handler follows. RFC 6455 §7.1.2.
   * @throws UsageError for a code that may not be sent (RFC 6455 §7.4), or a reason of more than 123 bytes of UTF-8.
   */
  close(code?: number, reason = ''): void {
    this.#link.close(reason === '' ? code : (code ?? CloseCode.NORMAL_CLOSURE), this.#link.platform.encodeText(reason))
  }

  /** Ends the socket without a handshake; the peer sees RST_STREAM with CANCEL. RFC 8441 §5. */
  terminate(): void {
    this.#link.terminate()
  }
}
