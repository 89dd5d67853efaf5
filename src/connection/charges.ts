import { ConnectionError, ErrorCode } from '../errors/index.ts'
import type { Core } from './core.ts'
import { fail } from './ending.ts'
import type { Limits } from './limits.ts'

/*
 * What a peer makes us do is charged here, whatever it sent. RFC 9113 §10.5: who makes too much of it is told
 * ENHANCE_YOUR_CALM. The budgets refill with time and with work done; `docs/security.md` has the numbers.
 */

/** Charges a stream reset that the peer caused, whoever sent the RST_STREAM. */
export function chargeReset(core: Core): void {
  if (core.resets.spend(core.now)) return
  limitPassed(core, 'resetBurst', 0, 'too many streams reset')
}

/** Charges a frame that costs work and brings nothing; `n` for one that costs as much as so many. */
export function chargeGlitch(core: Core, what: string, n = 1): void {
  if (core.glitches.spend(core.now, n)) return
  limitPassed(core, 'glitchBurst', 0, `too many ${what} frames`)
}

/** RFC 9113 §10.5.1: a field section over its limit had to be decoded all the same, so it may not go on for long. */
export function chargeOverflow(core: Core): void {
  if (core.overflows.spend(core.now)) return
  limitPassed(core, 'overflowBurst', 0, 'too many field sections over their limit')
}

/** Charges an answer of `n` bytes: a peer that makes us answer and does not read is cut off. */
export function chargeAnswer(core: Core, n: number): void {
  core.queuedAnswers += n
  if (core.queuedAnswers <= core.limits.maxQueuedControlBytes) return
  limitPassed(core, 'maxQueuedControlBytes', 0, 'the peer does not read what it makes us answer')
}

/** A limit was passed for good: says which, and ends the connection. */
export function limitPassed(core: Core, limit: keyof Limits, streamId: number, reason: string): void {
  if (core.state === 'closed') return
  core.emit({ type: 'LimitExceeded', limit, streamId, reason })
  fail(core, new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, reason, 'RFC 9113 §10.5', { frame: core.frame }))
}
