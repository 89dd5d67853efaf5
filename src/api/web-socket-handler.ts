import type { ConnectRequest } from './connect-request.ts'
import type { ServerWebSocket } from './server-web-socket.ts'

/**
 * What happens to the sockets of one path: one object for all of them, so that a message costs no closure, promise or
 * event object. A callback that throws, or rejects if it is `async`, closes its socket with 1011; `error` hears of it.
 */
export interface WebSocketHandler {
  /** Subprotocols spoken here. The first of the client's that is among them is chosen. RFC 6455 §4.2.2. */
  readonly protocols?: readonly string[]
  /** Bytes in one message, 16 MiB when absent; a larger one closes the socket with 1009. */
  readonly maxMessageSize?: number
  open?(socket: ServerWebSocket, request: ConnectRequest): void
  /** A whole message. Bytes stay valid, but may be a view of the chunk they came in: who keeps few for long copies them. */
  message?(socket: ServerWebSocket, data: string | Uint8Array): void
  /** The last call, exactly once for each `open`. 1006 when no Close came, 1005 when it had no code. RFC 6455 §7.1.5. */
  close?(socket: ServerWebSocket, code: number, reason: string): void
  /** After a `send` returned false: the peer has taken enough for more. */
  drain?(socket: ServerWebSocket): void
  /** The peer broke a rule, the stream was reset, or one of these callbacks threw. Without it, a throw goes to `onError`. */
  error?(socket: ServerWebSocket, error: unknown): void
}
