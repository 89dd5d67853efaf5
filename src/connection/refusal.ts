import { ErrorCode, StreamError } from '../errors/index.ts'
import type { DecodedSection } from '../hpack/index.ts'
import { chargeAnswer, chargeOverflow, chargeReset } from './charges.ts'
import type { Core } from './core.ts'
import type { Malformed } from './field-validation.ts'
import type { Stream } from './stream.ts'
import { StreamInput, StreamState } from './stream-state.ts'

/** Octets of RST_STREAM. */
const RST_STREAM_SIZE = 13

/** Ends a stream for what the peer did, or did not do, on it: RST_STREAM and an event. RFC 9113 §5.4.2. */
export function resetStream(core: Core, stream: Stream, error: StreamError): void {
  const { id } = stream
  core.advance(stream, StreamInput.SEND_RST_STREAM)
  // Told before it is written: writing it may be one answer too many, and then ConnectionClosed must come last.
  core.emit({ type: 'StreamReset', streamId: id, initiator: 'local', error, unsentBytes: stream.queued })
  core.sendRstStream(id, error.code)
  chargeAnswer(core, RST_STREAM_SIZE)
  chargeReset(core)
}

/** Refuses a stream that has no record, and of which nobody has heard: one never accepted, or one closed before. */
export function refuseStream(core: Core, id: number, code: number): void {
  core.closedStreams.add(id, StreamState.RESET_SENT)
  core.sendRstStream(id, code)
  chargeAnswer(core, RST_STREAM_SIZE)
  chargeReset(core)
}

/** RFC 9113 §8.1.1: a malformed message is a stream error PROTOCOL_ERROR. */
export function malformed(id: number, fault: Malformed): StreamError {
  return new StreamError(id, ErrorCode.PROTOCOL_ERROR, `malformed: ${fault.reason}`, fault.section)
}

/** A field section over a limit costs its stream. RFC 9113 §10.5.1. */
export function refuseOverflow(core: Core, id: number, section: DecodedSection): void {
  const limit = section.overflow === 'size' ? 'maxFieldSectionSize' : countPassed(core, section)
  const reason = `a field section of ${section.size} bytes passes the limit by ${section.overflow}`
  core.emit({ type: 'LimitExceeded', limit, streamId: id, reason })
  const stream = core.streams.get(id)
  const code = ErrorCode.ENHANCE_YOUR_CALM
  if (stream === undefined) refuseStream(core, id, code)
  else resetStream(core, stream, new StreamError(id, code, 'a field section over the limit', 'RFC 9113 §10.5.1'))
  chargeOverflow(core)
}

/** Cookie crumbs are counted apart from all other lines; what was kept tells which count was full. RFC 9113 §8.2.3. */
function countPassed(core: Core, section: DecodedSection): 'maxFieldCount' | 'maxCookieCrumbs' {
  const crumbs = section.fields.filter(({ name }) => name === 'cookie').length
  return section.fields.length - crumbs >= core.limits.maxFieldCount ? 'maxFieldCount' : 'maxCookieCrumbs'
}
