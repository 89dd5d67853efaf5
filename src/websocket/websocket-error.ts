/**
 * The peer broke a rule of RFC 6455 and the WebSocket fails (§7.1.7): a Close frame with `code` is queued and the
 * `Closed` event carries this error. The core never throws it.
 */
export class WebSocketError extends Error {
  override readonly name = 'WebSocketError'
  /** The close code sent to the peer, one of `CloseCode`. RFC 6455 §7.4.1. */
  readonly code: number
  /** The rule in words, without code and section. */
  readonly reason: string
  /** The rule, for example `RFC 6455 §5.2`. */
  readonly section: string

  constructor(code: number, reason: string, section: string) {
    super(`${code}: ${reason} (${section})`)
    this.code = code
    this.reason = reason
    this.section = section
  }
}
