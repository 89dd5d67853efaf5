import { ErrorCode, StreamError } from '../errors/index.ts'
import type { DecodedSection } from '../hpack/index.ts'
import type { Core } from './core.ts'
import type { Malformed } from './field-validation.ts'
import type { Stream } from './stream.ts'

/** Refuses a stream before anybody has heard of it. RFC 9113 §5.4.2. */
export function refuse(core: Core, id: number, code: number): void {
  core.refuseStream(id, code)
  core.chargeReset()
}

/** Ends a stream for what the peer did on it. RFC 9113 §5.4.2. */
export function reset(core: Core, stream: Stream, error: StreamError): void {
  core.resetStream(stream, error)
  core.chargeReset()
}

/** RFC 9113 §8.1.1: a malformed message is a stream error PROTOCOL_ERROR. */
export function malformed(id: number, fault: Malformed): StreamError {
  return new StreamError(id, ErrorCode.PROTOCOL_ERROR, `malformed: ${fault.reason}`, fault.section)
}

/**
 * A field section over a limit costs its stream. RFC 9113 §10.5.1: it had to be decoded all the same, so that this may not
 * go on for long.
 */
export function refuseOverflow(core: Core, id: number, section: DecodedSection): void {
  emitOverflow(core, id, section)
  const stream = core.streams.get(id)
  const code = ErrorCode.ENHANCE_YOUR_CALM
  if (stream === undefined) refuse(core, id, code)
  else reset(core, stream, new StreamError(id, code, 'a field section over the limit', 'RFC 9113 §10.5.1'))
  if (core.overflows.spend(core.now)) return
  core.refuse('overflowBurst', 0, 'too many field sections over their limit')
}

/** Says which limit of field sections was passed. */
function emitOverflow(core: Core, streamId: number, section: DecodedSection): void {
  const limit = section.overflow === 'size' ? 'maxFieldSectionSize' : countPassed(core, section)
  const reason = `a field section of ${section.size} bytes passes the limit by ${section.overflow}`
  core.emit({ type: 'LimitExceeded', limit, streamId, reason })
}

/** Cookie crumbs are counted apart from all other lines; what was kept tells which count was full. RFC 9113 §8.2.3. */
function countPassed(core: Core, section: DecodedSection): 'maxFieldCount' | 'maxCookieCrumbs' {
  const crumbs = section.fields.filter(({ name }) => name === 'cookie').length
  return section.fields.length - crumbs >= core.limits.maxFieldCount ? 'maxFieldCount' : 'maxCookieCrumbs'
}
