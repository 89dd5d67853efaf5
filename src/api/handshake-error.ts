/**
 * Why no connection, WebSocket or tunnel came about:
 * - `not-supported`: the server's SETTINGS don't have ENABLE_CONNECT_PROTOCOL; nothing was sent. RFC 8441 §3.
 * - `status`: it answered with another status than the one that accepts, see `status`.
 * - `protocol`: it accepted, but its answer breaks the handshake of the protocol. RFC 6455 §4.1.
 * - `reset`: the stream was reset; the `cause` is the StreamError with its code and whether it is `retryable`.
 * - `connection`: the connection failed, or takes no more streams.
 * - `unreachable`: no TCP connection; the `cause` is the system's error, which knows whether it was the name or the port.
 * - `tls`: no TLS connection, or one that is too weak for HTTP/2 (RFC 9113 §9.2).
 * - `alpn`: the server speaks no version of HTTP that was asked for. RFC 7301 §3.2, RFC 9113 §3.2.
 * - `timeout`: no connection, no SETTINGS, or no answer, in time.
 * - `aborted`: the caller's signal; the `cause` is its reason.
 */
export type HandshakeFailure =
  | 'not-supported'
  | 'status'
  | 'protocol'
  | 'reset'
  | 'connection'
  | 'unreachable'
  | 'tls'
  | 'alpn'
  | 'timeout'
  | 'aborted'

/** One thing that `dial` has tried, and what came of it. */
export interface DialAttempt {
  /** The version of HTTP that was tried; where ALPN could have chosen one and didn't come to it, the higher. */
  readonly version: '1.1' | '2'
  readonly reason: HandshakeFailure
  readonly status: number | undefined
  /** The code of the reset or GOAWAY, RFC 9113 §7, or of the system's error, `ECONNREFUSED` for example. */
  readonly code: number | string | undefined
  readonly message: string
  readonly cause: unknown
  /** How long it took. */
  readonly milliseconds: number
}

export interface HandshakeErrorOptions {
  readonly status?: number | undefined
  readonly cause?: unknown
  readonly attempts?: readonly DialAttempt[] | undefined
}

/** A connection, WebSocket or tunnel could not be opened. `reason` is for programs, the message for people. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError'
  readonly reason: HandshakeFailure
  /** The final status, when one came. */
  readonly status: number | undefined
  override readonly cause: unknown
  /** All that `dial` has tried, oldest first; `reason`, `status` and `cause` are those of the last. Empty elsewhere. */
  readonly attempts: readonly DialAttempt[]

  constructor(reason: HandshakeFailure, message: string, options?: HandshakeErrorOptions) {
    super(message)
    this.reason = reason
    this.status = options?.status
    this.cause = options?.cause
    this.attempts = options?.attempts ?? []
  }

  /**
   * The code behind the failure: of the reset or GOAWAY (RFC 9113 §7), or of the system's error (`ECONNREFUSED`).
   * Undefined where there is none.
   */
  get code(): number | string | undefined {
    if (this.reason === 'aborted') return undefined // the caller's own reason; a DOMException has a number of old
    const code = (this.cause as { readonly code?: unknown } | null | undefined)?.code
    return typeof code === 'number' || typeof code === 'string' ? code : undefined
  }
}
