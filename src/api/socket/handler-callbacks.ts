import type { Platform } from '../../platform/index.ts'
import { onRejection } from '../../session/index.ts'
import { CloseCode } from '../../websocket/index.ts'
import type { Tunnel } from '../exchange.ts'
import { HandledWebSocket } from './handled-web-socket.ts'
import type { LinkOwner, WebSocketEnd } from './link-owner.ts'
import { tell } from './told-text.ts'
import type { WebSocketCallbacks } from './web-socket-handler.ts'
import { WebSocketLink } from './web-socket-link.ts'
import type { AcceptedSocket } from './web-socket-opening.ts'

const NO_REASON = new Uint8Array(0)

/** What is told, with what `open` is given beside the socket. */
interface Callbacks<T> extends WebSocketCallbacks {
  open?(socket: HandledWebSocket, request: T): void
}

/**
 * Tells one handler object what happens to one socket, and keeps what its callbacks throw from the session, which
 * would reset the stream: the peer of a WebSocket is owed a Close frame with a reason. RFC 6455 §7.1.7.
 *
 * This object is the only thing made per socket beside its link; a message costs one call through it.
 */
export class HandlerCallbacks<T> implements LinkOwner {
  readonly #handler: Callbacks<T>
  readonly #report: (error: unknown) => void
  readonly #link: WebSocketLink
  readonly #socket: HandledWebSocket
  #failed = false

  /** `report` hears what a callback threw when the handler has no `error`; it must not throw. */
  constructor(
    handler: Callbacks<T>,
    stream: Tunnel,
    platform: Platform,
    accepted: AcceptedSocket,
    report: (error: unknown) => void,
  ) {
    this.#handler = handler
    this.#report = report
    this.#link = new WebSocketLink(stream, accepted.core, platform, accepted.link, this)
    this.#socket = new HandledWebSocket(this.#link, accepted)
  }

  /** Tells of the new socket, then begins to read. */
  start(request: T): HandledWebSocket {
    try {
      const result: unknown = this.#handler.open?.(this.#socket, request)
      if (typeof result === 'object') this.#awaitResult(result)
    } catch (error) {
      this.#threw(error)
    }
    this.#link.start()
    return this.#socket
  }

  // The core has checked the text already, so decoding can't fail. RFC 6455 §8.1.
  messageReceived(text: boolean, data: Uint8Array): void {
    if (this.#failed) return
    try {
      const result: unknown = this.#handler.message?.(this.#socket, text ? tell(this.#link.platform, data) : data)
      if (typeof result === 'object') this.#awaitResult(result)
    } catch (error) {
      this.#threw(error)
    }
  }

  // The answer is queued by then and the end follows in the same turn: a handler has no use for the moment between.
  closeReceived(): void {}

  linkClosed(end: WebSocketEnd): void {
    const { code, reason, error } = end
    // A fault of the peer is no error of this program: without an `error` callback nobody is told. RFC 6455 §7.1.7.
    if (error !== undefined && this.#handler.error !== undefined) this.#tellError(error)
    try {
      const result: unknown = this.#handler.close?.(this.#socket, code, reason, end)
      if (typeof result === 'object') this.#awaitResult(result)
    } catch (thrown) {
      this.#threw(thrown)
    }
  }

  goingAway(): void {
    this.#link.close(CloseCode.GOING_AWAY, NO_REASON)
  }

  linkDrained(): void {
    try {
      const result: unknown = this.#handler.drain?.(this.#socket)
      if (typeof result === 'object') this.#awaitResult(result)
    } catch (error) {
      this.#threw(error)
    }
  }

  // A callback may be an `async` function. Apart from the callers, so that one that is not makes no closure.
  #awaitResult(result: unknown): void {
    onRejection(result, (error) => this.#threw(error))
  }

  /** RFC 6455 §7.4.1: 1011 says that this end met something it did not expect. No more messages after that. */
  #threw(error: unknown): void {
    this.#failed = true
    this.#link.close(CloseCode.INTERNAL_ERROR, NO_REASON)
    this.#tellError(error)
  }

  #tellError(error: unknown): void {
    if (this.#handler.error === undefined) {
      this.#report(error)
      return
    }
    try {
      onRejection(this.#handler.error(this.#socket, error), this.#report)
    } catch (thrown) {
      this.#report(thrown)
    }
  }
}
