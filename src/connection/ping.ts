import { latin1Decode, latin1Encode } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'
import { Flag, FrameType, writePing } from '../frames/index.ts'
import { chargeAnswer, chargeGlitch } from './charges.ts'
import type { Core } from './core.ts'
import { DRAIN_PING, finishDrain } from './goaway.ts'

/** The PING that asks a silent peer whether it is there. */
const KEEP_ALIVE_PING = 'hearing?'

/** More of ours than this on the way make no sense, and would let a silent peer grow our memory. */
const MAX_OUTSTANDING = 64

/** Sends a PING of 8 bytes. RFC 9113 §6.7. */
export function sendPing(core: Core, data: Uint8Array): void {
  if (data.length !== 8) throw new UsageError('a PING carries exactly 8 bytes', 'RFC 9113 §6.7')
  if (core.pings.size >= MAX_OUTSTANDING) throw new UsageError(`${MAX_OUTSTANDING} PINGs are unanswered already`)
  // An answer names its PING by the octets alone, so no two on the way may have the same; some of ours have theirs.
  const key = latin1Decode(data)
  if (core.pings.has(key) || key === DRAIN_PING || key === KEEP_ALIVE_PING) {
    throw new UsageError('a PING with the same bytes is unanswered', 'RFC 9113 §6.7')
  }
  core.pings.set(key, core.now)
  writePing(core.writer, data, false)
  core.sent(FrameType.PING, 0, 0, 8)
}

/** It answers to nobody: what came of it is read from `roundTrip`, or the connection ends. */
export function sendKeepAlivePing(core: Core): void {
  writePing(core.writer, latin1Encode(KEEP_ALIVE_PING), false)
  core.sent(FrameType.PING, 0, 0, 8)
}

/** RFC 9113 §6.7: each PING is answered, an answer is matched to ours. */
export function recvPing(core: Core): void {
  const { reader } = core
  const data = reader.view().slice()
  if ((reader.flags & Flag.ACK) === 0) {
    chargeGlitch(core, 'PING')
    if (core.state === 'closed') return
    writePing(core.writer, data, true)
    core.sent(FrameType.PING, Flag.ACK, 0, 8)
    core.emit({ type: 'PingReceived', data })
    chargeAnswer(core, 17)
    return
  }
  const key = latin1Decode(data)
  if (core.deadlines.awaitsDrainPing && key === DRAIN_PING) {
    finishDrain(core)
    return
  }
  if (key === KEEP_ALIVE_PING) {
    const roundTrip = core.deadlines.silenceAnswered(core.now)
    if (roundTrip === undefined) chargeGlitch(core, 'PING acknowledgement')
    else core.roundTrip = roundTrip
    return
  }
  const sentAt = core.pings.get(key)
  if (sentAt === undefined) {
    chargeGlitch(core, 'PING acknowledgement')
    return
  }
  core.pings.delete(key)
  const roundTrip = core.now - sentAt
  core.roundTrip = roundTrip
  core.emit({ type: 'PingAcknowledged', data, roundTrip })
}
