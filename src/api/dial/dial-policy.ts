import { ConnectionError, ErrorCode } from '../../errors/index.ts'
import type { HandshakeError } from '../handshake-error.ts'

/**
 * What to do after HTTP/2 made no WebSocket. Asking again is safe whatever came: the handshake is a safe request, as the
 * GET of RFC 6455 was. The rule: HTTP/1.1 where the failure speaks about the way (this HTTP/2, this extended CONNECT),
 * nothing more where it speaks about the resource or about us, since another way leads to the same place.
 */
export type NextStep =
  | { readonly kind: 'http/1.1' | 'fail' }
  /** Over HTTP/2 again, `retries` times at most; after those, `otherwise`. `fresh`: not on a connection that is there already. */
  | {
      readonly kind: 'retry'
      readonly retries: number
      readonly otherwise: 'http/1.1' | 'fail'
      readonly fresh: boolean
    }

const HTTP_1_1: NextStep = { kind: 'http/1.1' }
const FAIL: NextStep = { kind: 'fail' }

/** RFC 9113 §8.7: not processed, so it may be sent again; a server that goes on refusing is busy, on any way. */
const REFUSED: NextStep = { kind: 'retry', retries: 2, otherwise: 'fail', fresh: false }
/** Lost connections may be chance; twice in a row they rather come of something between that can't bear HTTP/2. */
const LOST: NextStep = { kind: 'retry', retries: 1, otherwise: 'http/1.1', fresh: true }
/** RFC 9110 §15.5.20: 421 may be asked again on another connection. */
const MISDIRECTED: NextStep = { kind: 'retry', retries: 1, otherwise: 'fail', fresh: true }

/**
 * Statuses that speak about the request as HTTP/2 put it. 400 and 501 come from servers that don't know the method or
 * the `:protocol`, 405 from routers that know the resource for GET only, 426 and 505 ask for another version.
 * All others are the resource's own answer, also 404: it is the same resource over HTTP/1.1 (RFC 9110 §7.1).
 */
const aboutTheWay: ReadonlySet<number | undefined> = new Set([400, 405, 426, 501, 505])

/** Where HTTP/2 failed. */
export interface FailedAt {
  /** The connection stood. */
  readonly connected: boolean
  /** The code of the GOAWAY that came on it, if one did. */
  readonly goAway: number | undefined
}

/** The next step for a failure of HTTP/2. */
export function nextStep(error: HandshakeError, { connected, goAway }: FailedAt): NextStep {
  switch (error.reason) {
    case 'not-supported':
      return HTTP_1_1
    case 'status':
      if (error.status === 421) return MISDIRECTED
      return aboutTheWay.has(error.status) ? HTTP_1_1 : FAIL
    case 'reset':
      // RFC 9113 §6.8: a GOAWAY ends streams as refused; why it was said is in its own code.
      return goAway ? afterCode(goAway) : afterCode(error.code)
    case 'connection':
      // A server that goes away without a fault takes the request up on the next connection: it was refused.
      if (goAway !== undefined) return goAway === ErrorCode.NO_ERROR ? REFUSED : afterCode(goAway)
      // We ended it ourselves: what came was no HTTP/2.
      return error.cause instanceof ConnectionError && error.cause.initiator === 'local' ? HTTP_1_1 : LOST
    // Before the whole dial is late, only the SETTINGS can be: who doesn't send them speaks no HTTP/2.
    case 'timeout':
      return connected ? HTTP_1_1 : FAIL
    // The answer came and was no good, or HTTP/1.1 was offered too, or there is nobody to ask, or nobody who wants to know.
    default:
      return FAIL
  }
}

/** By the code of a reset or GOAWAY, RFC 9113 §7. */
function afterCode(code: number | string | undefined): NextStep {
  switch (code) {
    case ErrorCode.REFUSED_STREAM:
      return REFUSED
    // RFC 9113 §7, RFC 8441 §5: the server says so in as many words
    case ErrorCode.HTTP_1_1_REQUIRED:
    // RFC 8441 §4: to a server that doesn't know it, an extended CONNECT is malformed
    case ErrorCode.PROTOCOL_ERROR:
    // ended without an answer, as if nothing had been asked
    case ErrorCode.NO_ERROR:
    // faults in HTTP/2 itself, where our sides don't understand each other
    case ErrorCode.FLOW_CONTROL_ERROR:
    case ErrorCode.SETTINGS_TIMEOUT:
    case ErrorCode.STREAM_CLOSED:
    case ErrorCode.FRAME_SIZE_ERROR:
    case ErrorCode.COMPRESSION_ERROR:
      return HTTP_1_1
    // INTERNAL_ERROR is 500, CANCEL a refusal, CONNECT_ERROR 502; ENHANCE_YOUR_CALM forbids to ask more, and
    // INADEQUATE_SECURITY is no reason to come back less secure. Unknown codes count as INTERNAL_ERROR: RFC 9113 §7.
    default:
      return FAIL
  }
}
