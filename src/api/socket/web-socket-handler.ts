import type { ConnectRequest } from '../tunnel/connect-request.ts'
import type { HandledWebSocket } from './handled-web-socket.ts'
import type { WebSocketEnd } from './link-owner.ts'
import type { SocketOptions } from './socket-options.ts'
import type { OpenWebSocketOptions } from './web-socket-offer.ts'

/** What decides about a handshake: true or nothing accepts, false answers 403, a number answers that status. */
export type Admission = boolean | number | undefined

/** What a server says about the WebSockets of one path, and to whom. RFC 6455 §4.2. */
export interface AcceptOptions extends SocketOptions {
  /**
   * Looks at the request before it is answered, for example at its `origin` (RFC 6455 §10.2: any page of any site can open
   * a WebSocket with the cookies of its visitor). What it throws is a 500 and goes to `onError`.
   */
  accept?(request: ConnectRequest): Admission | PromiseLike<Admission>
  /**
   * Subprotocols spoken here: the first of the client's that is among them is chosen; or a function that chooses one of
   * those `offered`, or none. RFC 6455 §4.2.2.
   */
  readonly protocols?:
    | readonly string[]
    | ((offered: readonly string[], request: ConnectRequest) => string | undefined)
    | undefined
  /** More fields of the answer that accepts, for example `set-cookie`; none that begins with `sec-websocket-`. */
  readonly headers?:
    | ConstructorParameters<typeof Headers>[0]
    | ((request: ConnectRequest) => ConstructorParameters<typeof Headers>[0])
}

/**
 * What is told of sockets: one object for any number of them, so that a message costs no closure, promise or event object.
 * A callback that throws, or rejects if it is `async`, closes its socket with 1011; `error` hears of it.
 */
export interface WebSocketCallbacks {
  /** A whole message. Bytes stay valid, but may be a view of the chunk they came in: who keeps few for long copies them. */
  message?(socket: HandledWebSocket, data: string | Uint8Array): void
  /**
   * The last call, exactly once for each `open`. 1006 when no Close came, 1005 when it had no code. RFC 6455 §7.1.5.
   * `end` says more: the error behind it, and how many messages were never handed to the transport.
   */
  close?(socket: HandledWebSocket, code: number, reason: string, end: WebSocketEnd): void
  /** After a `send` returned false: the peer has taken enough for more. */
  drain?(socket: HandledWebSocket): void
  /**
   * The peer broke a rule, the stream was reset, or one of these callbacks threw. Without it, a throw goes to `onError` of
   * the server or session.
   */
  error?(socket: HandledWebSocket, error: unknown): void
}

/** What a server does with the sockets of one path. Its numbers, and `perMessageDeflate`, are read once, by `webSocket()`. */
export interface WebSocketHandler extends AcceptOptions, WebSocketCallbacks {
  open?(socket: HandledWebSocket, request: ConnectRequest): void
}

/**
 * What a client asks of a server, as `OpenWebSocketOptions` say it, and what it does with the socket. Given for several
 * sockets, its options are read for each, and its `signal` gives up all their handshakes.
 */
export interface ClientWebSocketHandler extends OpenWebSocketOptions, WebSocketCallbacks {
  /** Before the first message, and before the promise of the socket is resolved. */
  open?(socket: HandledWebSocket): void
}
