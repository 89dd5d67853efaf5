import { type DialAttempt, HandshakeError, type HandshakeFailure } from '../handshake-error.ts'
import type { HttpVersion } from './connector.ts'

/** The server has answered, if not as it should. */
const answered: ReadonlySet<HandshakeFailure> = new Set<HandshakeFailure>([
  'not-supported',
  'status',
  'protocol',
  'reset',
])

/** What a dial has tried, and the one error that comes of it when nothing helped. */
export class DialLog {
  readonly #origin: string
  readonly #attempts: DialAttempt[] = []

  /** `origin` is for the message; the path of a URL may be secret. */
  constructor(origin: string) {
    this.#origin = origin
  }

  failed(version: HttpVersion, error: HandshakeError, goAway: number | undefined, milliseconds: number): void {
    const { reason, status, message, cause } = error
    // RFC 9113 §6.8: streams that a GOAWAY ends count as refused, but its own code says more.
    this.#attempts.push({ version, reason, status, code: goAway || error.code, message, cause, milliseconds })
  }

  /**
   * The error for all of it. Its reason is that of the last attempt that got an answer, since a second way that isn't
   * there says less than what the first one said; without any answer that of the last attempt.
   */
  error(): HandshakeError {
    const attempts = this.#attempts
    const last = attempts[attempts.length - 1]!
    const givenUp = last.reason === 'aborted' || last.reason === 'timeout'
    const telling = givenUp ? undefined : attempts.filter((attempt) => answered.has(attempt.reason)).pop()
    const { reason, status, cause } = telling ?? last
    const story = attempts.map(({ version, message }) => `HTTP/${version}: ${message}`).join('; ')
    return new HandshakeError(reason, `no WebSocket to ${this.#origin}: ${story}`, { status, cause, attempts })
  }
}
