import { ErrorCode, StreamError } from '../errors/index.ts'
import type { DecodedSection } from '../hpack/index.ts'
import { chargeGlitch } from './charges.ts'
import type { Core } from './core.ts'
import { connectionFault } from './ending.ts'
import type { FieldSectionKind } from './events.ts'
import {
  type Malformed,
  type MessageHead,
  validateRequest,
  validateResponse,
  validateTrailers,
} from './field-validation.ts'
import { MessagePart, MessagePhase, nextPhase, responsePart } from './message-phase.ts'
import { prioritizeRequest } from './prioritize.ts'
import { mayRespond } from './recv-push.ts'
import { malformed, refuseOverflow, refuseStream, resetStream } from './refusal.ts'
import { Stream } from './stream.ts'
import { StreamInput, StreamState, transition } from './stream-state.ts'
import { earnByStream } from './window-update-budget.ts'

/** Informational responses on one stream that nobody need wonder at: 100, 103, progress now and then. */
const FREE_INFORMATIONAL = 8

/** A whole field section in HEADERS, on whatever stream. RFC 9113 §6.2. */
export function recvFieldSection(core: Core, id: number, endStream: boolean, section: DecodedSection): void {
  const stream = core.streams.get(id)
  if (stream !== undefined) recvOnStream(core, stream, endStream, section)
  else if (core.role === 'server' && core.isPeerId(id) && id > core.highestPeerId)
    openStream(core, id, endStream, section)
  else recvWithoutStream(core, id)
}

/** HEADERS on a stream that is closed, or idle and not the peer's to open this way. */
function recvWithoutStream(core: Core, id: number): void {
  const state = core.stateOf(id)
  if (state === StreamState.IDLE) {
    // §5.1.1: only a client opens streams with HEADERS, and only with odd ids.
    connectionFault(
      core,
      ErrorCode.PROTOCOL_ERROR,
      `HEADERS on idle stream ${id}, which the peer cannot open`,
      'RFC 9113 §5.1.1',
    )
    return
  }
  const step = transition(state, StreamInput.RECV_HEADERS)
  if (step.kind === 'connectionError') connectionFault(core, step.code, step.reason, step.section)
  else if (step.kind === 'streamError') refuseStream(core, id, step.code)
  else chargeGlitch(core, 'overtaken HEADERS')
}

/** A client opens a stream. */
function openStream(core: Core, id: number, endStream: boolean, section: DecodedSection): void {
  core.highestPeerId = id
  // §6.8: what comes after our GOAWAY is ignored, and the client knows that it may send it again. It was decoded though.
  if (id > core.lastServedId) {
    chargeGlitch(core, 'overtaken HEADERS')
    return
  }
  // §5.1.2: our limit holds before the peer has acknowledged it; REFUSED_STREAM lets it try again.
  if (core.peerStreams >= core.local.maxConcurrentStreams) {
    core.emit({ type: 'LimitExceeded', limit: 'maxConcurrentStreams', streamId: id, reason: 'too many streams open' })
    refuseStream(core, id, ErrorCode.REFUSED_STREAM)
    return
  }
  if (section.overflow !== undefined) {
    refuseOverflow(core, id, section)
    return
  }
  // §10.5.1: small sections on many streams that never end are as large as one that is too large. A later try may fit.
  if (core.retainedFieldSize + section.size > core.limits.maxRetainedFieldSize) {
    const reason = 'the field sections of all open streams are too large'
    core.emit({ type: 'LimitExceeded', limit: 'maxRetainedFieldSize', streamId: id, reason })
    refuseStream(core, id, ErrorCode.REFUSED_STREAM)
    return
  }
  const { head } = core
  const fault = requestFault(core, section) ?? missingBody(head.contentLength, endStream)
  if (fault !== undefined) {
    // The consumer never hears of this stream; the observer and the wire do.
    core.emit({ type: 'RequestRefused', streamId: id, error: malformed(id, fault) })
    refuseStream(core, id, ErrorCode.PROTOCOL_ERROR)
    return
  }
  const stream = new Stream(id, core.peerSettings.initialWindowSize)
  core.advance(stream, StreamInput.RECV_HEADERS)
  stream.isConnect = head.method === 'CONNECT'
  stream.recvPhase = stream.isConnect ? MessagePhase.TUNNEL : MessagePhase.BODY
  stream.expected = stream.isConnect ? -1 : head.contentLength
  prioritizeRequest(core, stream, head.priority)
  earnByStream(core)
  deliver(core, stream, 'request', section, endStream)
}

function recvOnStream(core: Core, stream: Stream, endStream: boolean, section: DecodedSection): void {
  if (!mayRespond(core, stream)) return
  const step = core.advance(stream, StreamInput.RECV_HEADERS)
  if (step.kind === 'connectionError') {
    connectionFault(core, step.code, step.reason, step.section)
    return
  }
  if (step.kind === 'streamError') {
    resetStream(core, stream, new StreamError(stream.id, step.code, step.reason, step.section, { frame: core.frame }))
    return
  }
  if (section.overflow !== undefined) {
    refuseOverflow(core, stream.id, section)
    return
  }
  const kind = kindOf(core, stream)
  const fault = checkSection(core, stream, kind, endStream, section)
  if (typeof fault === 'object') {
    resetStream(core, stream, malformed(stream.id, fault))
    return
  }
  // §8.1: any number of them is lawful, and each costs a decoded section that ends nothing.
  if (fault === 'informational' && ++stream.informational > FREE_INFORMATIONAL)
    chargeGlitch(core, 'informational HEADERS')
  if (core.state === 'closed') return
  deliver(core, stream, fault, section, endStream)
}

/** A request that was judged and comes again has no fault: `:protocol` may become lawful meanwhile, but never unlawful (RFC 8441 §3). */
function requestFault({ head, local }: Core, section: DecodedSection): Malformed | undefined {
  if (head.holds === 'request') return undefined
  const fault = validateRequest(section.fields, local.enableConnectProtocol, head)
  head.holds = fault === undefined ? 'request' : 'nothing'
  return fault
}

function responseFault(head: MessageHead, section: DecodedSection): Malformed | undefined {
  if (head.holds === 'response') return undefined
  const fault = validateResponse(section.fields, head)
  head.holds = fault === undefined ? 'response' : 'nothing'
  return fault
}

function kindOf(core: Core, stream: Stream): FieldSectionKind {
  return core.role === 'client' && stream.recvPhase === MessagePhase.HEAD ? 'response' : 'trailers'
}

/** Validates a response or trailers by place and content, and moves the message on; answers what it is, or the fault. */
function checkSection(
  core: Core,
  stream: Stream,
  kind: FieldSectionKind,
  endStream: boolean,
  section: DecodedSection,
): FieldSectionKind | Malformed {
  const { head } = core
  let part: number = MessagePart.TRAILERS
  let fault: Malformed | undefined
  let found = kind
  if (kind === 'response') {
    fault = responseFault(head, section)
    part = responsePart(head.status, stream.isConnect)
    if (part === MessagePart.INFORMATIONAL) found = 'informational'
  } else if (stream.recvPhase !== MessagePhase.TUNNEL) {
    fault = validateTrailers(section.fields)
    // §8.1: a second header section that does not end the message is none that HTTP knows.
    if (!endStream) fault ??= { reason: 'trailers without END_STREAM', section: 'RFC 9113 §8.1' }
  }
  if (fault !== undefined) return fault
  const phase = nextPhase(stream.recvPhase, part)
  if (typeof phase === 'string') {
    return { reason: phase, section: stream.recvPhase === MessagePhase.TUNNEL ? 'RFC 9113 §8.5' : 'RFC 9113 §8.1' }
  }
  if (found === 'informational' && endStream) {
    return { reason: 'an informational response with END_STREAM', section: 'RFC 9113 §8.1.1' }
  }
  stream.recvPhase = phase
  if (found === 'response') {
    stream.expected = expectedBody(head.status, head.contentLength, stream)
  }
  return missingBody(stream.expected, endStream) ?? found
}

/**
 * How many bytes of body must come; -1: any number. RFC 9110 §6.4.1: some responses have no content by definition, and
 * their content-length tells how long another answer would have been. RFC 9113 §8.1.1: content that comes all the same
 * is malformed.
 */
function expectedBody(status: number, contentLength: number, stream: Stream): number {
  if (stream.isConnect && status < 300) return -1
  return stream.isHead || status === 304 || status === 204 ? 0 : contentLength
}

function missingBody(expected: number, endStream: boolean): Malformed | undefined {
  if (!endStream || expected <= 0) return undefined
  return { reason: `${expected} bytes of the body are missing`, section: 'RFC 9113 §8.1.1' }
}

function deliver(
  core: Core,
  stream: Stream,
  kind: FieldSectionKind,
  section: DecodedSection,
  endStream: boolean,
): void {
  if (core.isPeerId(stream.id)) {
    stream.fieldSize += section.size
    core.retainedFieldSize += section.size
  }
  // A tunnel may keep its fields for days, and the room of a list that has grown: a copy has none.
  const fields = stream.isConnect ? section.fields.slice() : section.fields
  core.emit({ type: 'HeadersReceived', streamId: stream.id, kind, fields, endStream })
  if (endStream) core.advance(stream, StreamInput.RECV_END_STREAM)
}
