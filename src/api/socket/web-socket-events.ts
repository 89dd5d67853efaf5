/**
 * The events of the WHATWG `WebSocket`, `message` apart (`message-event.ts`). Where the runtime has the global class we use
 * it, so that `instanceof` holds; Node 20 has no `CloseEvent` and no `ErrorEvent`, and there ours extend `Event`.
 * HTML Standard §9.1, WebSockets Standard §6.
 */

/** A message; `data` is a string, an `ArrayBuffer` or a `Blob`. */
export interface WebSocketMessageEvent extends Event {
  readonly data: unknown
  readonly origin: string
}

/** The last event of a socket. 1006 stands for no Close at all, 1005 for one without a code. RFC 6455 §7.1.5. */
export interface WebSocketCloseEvent extends Event {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}

/** What went wrong; `close` follows. Browsers say nothing more than that it did, here `error` has the fault. */
export interface WebSocketErrorEvent extends Event {
  readonly message: string
  readonly error: unknown
}

class OwnCloseEvent extends Event implements WebSocketCloseEvent {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean

  constructor(type: string, init: CloseEventInit) {
    super(type)
    this.code = init.code ?? 0
    this.reason = init.reason ?? ''
    this.wasClean = init.wasClean ?? false
  }
}

class OwnErrorEvent extends Event implements WebSocketErrorEvent {
  readonly message: string
  readonly error: unknown

  constructor(type: string, init: ErrorEventInit) {
    super(type)
    this.message = init.message ?? ''
    this.error = init.error
  }
}

/** The end of a socket. `wasClean`: both Close frames were exchanged. WebSockets Standard §6, RFC 6455 §7.1.4. */
export function closeEvent(code: number, reason: string, wasClean: boolean): Event {
  const CloseEventClass = typeof CloseEvent === 'undefined' ? OwnCloseEvent : CloseEvent
  return new CloseEventClass('close', { code, reason, wasClean })
}

/** A failure, before its `close`. `error` is the WebSocketError, StreamError or HandshakeError behind it. */
export function errorEvent(error: Error): Event {
  const ErrorEventClass = typeof ErrorEvent === 'undefined' ? OwnErrorEvent : ErrorEvent
  return new ErrorEventClass('error', { message: error.message, error })
}
