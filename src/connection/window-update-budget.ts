import { chargeGlitch } from './charges.ts'
import type { Core } from './core.ts'

/** A window cut a frame to less than this: whoever gives windows so small makes us work for nothing. */
const CRUMB = 1024
/** WINDOW_UPDATE frames for one DATA frame: one for each level would do, some peers split theirs. */
const FOR_DATA = 4
/** Many clients widen a new stream, and with the first one the connection, before any DATA. */
const FOR_STREAM = 2
/** What is earned is kept for later only so far: a large window is credited long after it was used. */
const MAX_EARNED = 16_384

/*
 * RFC 9113 §10.5: credit is needed as often as DATA flows. So each DATA frame sent, and each stream opened, pays for a few
 * WINDOW_UPDATE frames; what comes beyond that is a glitch. How large the credits are does not matter, so that a peer that
 * is sent small messages may credit them one by one.
 */

/** A DATA frame of `length` octets left; `left` octets stayed in the queue. */
export function earnByData(core: Core, length: number, left: number): void {
  if (length >= CRUMB || left === 0) earn(core, FOR_DATA)
}

/** The peer opened a stream. */
export function earnByStream(core: Core): void {
  earn(core, FOR_STREAM)
}

function earn(core: Core, n: number): void {
  if (core.usefulWindowUpdates < MAX_EARNED) core.usefulWindowUpdates += n
}

/** Charges one WINDOW_UPDATE, wherever it goes. */
export function chargeWindowUpdate(core: Core): void {
  if (core.usefulWindowUpdates > 0) core.usefulWindowUpdates--
  else chargeGlitch(core, 'WINDOW_UPDATE')
}
