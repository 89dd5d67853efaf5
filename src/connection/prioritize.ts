import { latin1Decode } from '../bytes/index.ts'
import { ErrorCode, requireInteger, UsageError } from '../errors/index.ts'
import { FrameType, writePriorityUpdate } from '../frames/index.ts'
import { chargeGlitch } from './charges.ts'
import type { Core } from './core.ts'
import { connectionFault } from './ending.ts'
import { type Priority, parsePriority } from './priority.ts'
import type { Stream } from './stream.ts'
import { StreamState } from './stream-state.ts'

/**
 * Schedules a stream anew. RFC 9218 §10. A tunnel always shares: it has no end to wait for (§11). So does a response
 * whose client said nothing of priorities: what it wants first is not known, and equal turns are fair.
 */
export function prioritize(core: Core, stream: Stream, { urgency, incremental }: Priority): void {
  const { ready } = core
  if (stream.ready) ready.remove(stream)
  stream.urgency = urgency
  stream.shares = incremental || stream.isConnect
  if (stream.ready) ready.push(stream)
}

/** The priority of a stream that just opened: PRIORITY_UPDATE has the last word, then the request's field. §7 */
export function prioritizeRequest(core: Core, stream: Stream, field: string | undefined): void {
  const early = core.earlyPriorities.size === 0 ? undefined : core.earlyPriorities.get(stream.id)
  if (early !== undefined) {
    core.earlyPriorities.delete(stream.id)
    prioritize(core, stream, early)
  } else if (field !== undefined) prioritize(core, stream, parsePriority(field))
}

/** RFC 9218 §7.1. */
export function recvPriorityUpdate(core: Core): void {
  const { reader } = core
  if (core.role === 'client') {
    connectionFault(core, ErrorCode.PROTOCOL_ERROR, 'PRIORITY_UPDATE from a server', 'RFC 9218 §7.1')
    return
  }
  chargeGlitch(core, 'PRIORITY_UPDATE')
  if (core.state === 'closed') return
  const id = reader.prioritizedStreamId
  // We push nothing, so that all streams of ours are idle.
  if (!core.isPeerId(id)) {
    const reason = `PRIORITY_UPDATE for stream ${id}, which was never promised`
    connectionFault(core, ErrorCode.PROTOCOL_ERROR, reason, 'RFC 9218 §7.1')
    return
  }
  const priority = parsePriority(latin1Decode(reader.bytes, reader.start, reader.end))
  const stream = core.streams.get(id)
  if (stream !== undefined) prioritize(core, stream, priority)
  else if (core.stateOf(id) === StreamState.IDLE) keepEarly(core, id, priority)
}

/**
 * It may come before its request. RFC 9218 §7.1: such streams and those that are open are together no more than may be open
 * at once. A client that has not acknowledged our SETTINGS need not know how many that are: what it sends beyond is dropped.
 */
function keepEarly(core: Core, id: number, priority: Priority): void {
  const { earlyPriorities, highestPeerId, local } = core
  const hasRoom = () => earlyPriorities.has(id) || earlyPriorities.size + core.peerStreams < local.maxConcurrentStreams
  if (!hasRoom()) {
    for (const other of earlyPriorities.keys()) if (other < highestPeerId) earlyPriorities.delete(other)
  }
  if (hasRoom()) earlyPriorities.set(id, priority)
  else if (core.ownSettings.outstanding === 0) {
    const reason = 'PRIORITY_UPDATE for more streams than may be open at once'
    connectionFault(core, ErrorCode.PROTOCOL_ERROR, reason, 'RFC 9218 §7.1')
  }
}

/**
 * A client's wish for a stream of its own, sent as PRIORITY_UPDATE. RFC 9218 §7.1.
 *
 * @throws UsageError for an urgency that is not 0 to 7, and for a stream of which nothing may be said
 */
export function sendPriorityUpdate(core: Core, id: number, { urgency, incremental }: Priority): void {
  requireInteger('urgency', urgency, 0, 7, 'RFC 9218 §4.1')
  const isEarly = core.stateOf(id) === StreamState.IDLE
  if (isEarly) requireLawful(core, id)
  const value = incremental ? `u=${urgency}, i` : `u=${urgency}`
  writePriorityUpdate(core.writer, id, value)
  if (isEarly) core.earlyPriorities.set(id, { urgency, incremental })
  core.sent(FrameType.PRIORITY_UPDATE, 0, 0, 4 + value.length)
}

/** RFC 9218 §7.1: of streams that are idle none is a push, and they count beside those that are open. */
function requireLawful(core: Core, id: number): void {
  const { earlyPriorities, highestOwnId } = core
  if (core.isPeerId(id)) throw new UsageError(`stream ${id} was never promised`, 'RFC 9218 §7.1')
  for (const other of earlyPriorities.keys()) if (other <= highestOwnId) earlyPriorities.delete(other)
  const others = earlyPriorities.size - (earlyPriorities.has(id) ? 1 : 0)
  if (core.ownStreams + others < core.peerSettings.maxConcurrentStreams) return
  throw new UsageError('so many streams may not be open at once', 'RFC 9218 §7.1')
}
