import type { WebSocketError } from './websocket-error.ts'

/**
 * A whole message, its fragments joined. RFC 6455 §6.2.
 * `data` is unmasked and, with `text`, valid UTF-8. The library never writes to it again, but it may be a view of the
 * chunk it came in: who keeps a small one for long copies it, or keeps the whole chunk alive.
 */
export interface MessageReceived {
  readonly type: 'MessageReceived'
  readonly text: boolean
  readonly data: Uint8Array
}

/** A Ping; the Pong that answers it is already queued. RFC 6455 §5.5.2. */
export interface PingReceived {
  readonly type: 'PingReceived'
  readonly data: Uint8Array
}

/** A Pong, asked for or not. RFC 6455 §5.5.3. */
export interface PongReceived {
  readonly type: 'PongReceived'
  readonly data: Uint8Array
}

/**
 * The peer's Close; the answering Close is already queued, unless one of ours went before. RFC 6455 §5.5.1.
 * `code` is 1005 when the frame had none; `reason` is valid UTF-8, empty when there was none.
 */
export interface CloseReceived {
  readonly type: 'CloseReceived'
  readonly code: number
  readonly reason: Uint8Array
}

/**
 * The last event: nothing is read any more, and after what is queued nothing is written. RFC 6455 §7.1.4.
 * `code` and `reason` are the peer's Close (§7.1.5), or 1006 and empty when none came. `wasClean` says that both Close
 * frames were exchanged. `error` is the peer's fault, when there was one; its `code` is what we told the peer.
 */
export interface Closed {
  readonly type: 'Closed'
  readonly code: number
  readonly reason: Uint8Array
  readonly wasClean: boolean
  readonly error: WebSocketError | undefined
}

/** What a WebSocket reports, in wire order. The union is open: a new event comes with a minor version. */
export type WebSocketEvent = MessageReceived | PingReceived | PongReceived | CloseReceived | Closed
