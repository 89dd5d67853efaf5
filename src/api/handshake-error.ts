/**
 * Why an extended CONNECT made no tunnel:
 * - `not-supported`: the server's SETTINGS don't have ENABLE_CONNECT_PROTOCOL; nothing was sent. RFC 8441 §3.
 * - `status`: it answered with another status than 2xx, see `status`.
 * - `protocol`: it said 2xx, but its fields break the handshake of the protocol. RFC 6455 §4.1.
 * - `reset`: the stream was reset; the `cause` is the StreamError with its code and whether it is `retryable`.
 * - `connection`: the connection failed or takes no more streams.
 * - `timeout`: no SETTINGS, or no answer, in time.
 * - `aborted`: the caller's signal; the `cause` is its reason.
 */
export type HandshakeFailure = 'not-supported' | 'status' | 'protocol' | 'reset' | 'connection' | 'timeout' | 'aborted'

export interface HandshakeErrorOptions {
  readonly status?: number | undefined
  readonly cause?: unknown
}

/** A WebSocket or tunnel could not be opened. `reason` is for programs, the message for people. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError'
  readonly reason: HandshakeFailure
  /** The final status, when one came. */
  readonly status: number | undefined
  override readonly cause: unknown

  constructor(reason: HandshakeFailure, message: string, options?: HandshakeErrorOptions) {
    super(message)
    this.reason = reason
    this.status = options?.status
    this.cause = options?.cause
  }
}
