import { ErrorCode, StreamError, UsageError } from '../errors/index.ts'
import { MAX_STREAM_ID } from '../frames/index.ts'
import type { FieldInput } from '../hpack/index.ts'
import { chargeReset } from './charges.ts'
import type { Core } from './core.ts'
import { type Malformed, originOf, validateRequest, validateResponse, validateTrailers } from './field-validation.ts'
import { requireErrorCode } from './goaway.ts'
import type { Limits } from './limits.ts'
import { MessagePart, MessagePhase, nextPhase, responsePart } from './message-phase.ts'
import { schedule, sendEnd, writeFieldSection } from './output.ts'
import { resetStream } from './refusal.ts'
import { SendQueue } from './send-queue.ts'
import { Stream } from './stream.ts'
import { StreamInput, StreamState, transition } from './stream-state.ts'

/*
 * The commands. Each judges everything first and throws a UsageError before anything has changed; on a stream that is
 * gone by the peer's doing it does nothing, because the caller may not have heard yet.
 */

function refuseFields(fault: Malformed | undefined): void {
  if (fault !== undefined) throw new UsageError(`these fields would be malformed: ${fault.reason}`, fault.section)
}

function misuse(stream: Stream, reason: string, section: string): UsageError {
  return new UsageError(`stream ${stream.id}: ${reason}`, section)
}

/** The stream if the input is lawful for us now; undefined if it is gone by the peer's doing. */
function sendable(core: Core, id: number, input: number): Stream | undefined {
  if (core.state === 'closed') return undefined
  const stream = core.streams.get(id)
  if (stream === undefined) {
    absent(core, id, input)
    return undefined
  }
  const step = transition(stream.state, input)
  if (step.kind === 'misuse') throw misuse(stream, step.reason, step.section)
  if (stream.endQueued) throw misuse(stream, 'the stream was already ended on this side', 'RFC 9113 §5.1')
  return stream
}

/** What a command on a stream without a record means: nothing when the peer ended it, else the caller's mistake. */
function absent(core: Core, id: number, input: number): void {
  const state = core.stateOf(id)
  // Only openStream takes a stream out of idle; for all other commands an id that was never used is a mistake.
  if (!(id >= 1) || state === StreamState.IDLE)
    throw new UsageError(`stream ${id} has not been opened`, 'RFC 9113 §5.1')
  const step = transition(state, input)
  if (step.kind === 'misuse') throw new UsageError(`stream ${id}: ${step.reason}`, step.section)
}

/** Whether a request may be sent now: not draining, below the peer's limit, ids left. RFC 9113 §5.1.1, §5.1.2, §6.8. */
export function canOpenStream(core: Core): boolean {
  return (
    core.role === 'client' &&
    core.state === 'open' &&
    core.ownStreams < core.peerSettings.maxConcurrentStreams &&
    core.highestOwnId + 2 <= MAX_STREAM_ID
  )
}

export function openStream(core: Core, fields: readonly FieldInput[], endStream: boolean): number {
  if (core.role === 'server') throw new UsageError('a server opens no streams with HEADERS', 'RFC 9113 §5.1.1')
  if (!canOpenStream(core)) {
    throw new UsageError('no stream can be opened now: see canOpenStream', 'RFC 9113 §5.1.2')
  }
  const { sentHead: head } = core
  refuseFields(validateRequest(fields, true, head))
  if (head.protocol !== undefined && !core.peerSettings.enableConnectProtocol) {
    throw new UsageError('the server has not sent ENABLE_CONNECT_PROTOCOL=1', 'RFC 8441 §4')
  }
  const stream = new Stream(core.highestOwnId + 2, core.peerSettings.initialWindowSize)
  core.highestOwnId = stream.id
  stream.isConnect = head.method === 'CONNECT'
  stream.isHead = head.method === 'HEAD'
  if (core.local.enablePush) stream.origin = originOf(head)
  stream.sendPhase = stream.isConnect ? MessagePhase.TUNNEL : MessagePhase.BODY
  core.advance(stream, StreamInput.SEND_HEADERS)
  writeFieldSection(core, stream.id, fields, endStream)
  if (endStream) core.advance(stream, StreamInput.SEND_END_STREAM)
  return stream.id
}

/** A server's answer: informational as often as it likes, then the final one. RFC 9113 §8.1. */
export function sendHeaders(core: Core, id: number, fields: readonly FieldInput[], endStream: boolean): void {
  if (core.role === 'client') throw new UsageError('a client sends HEADERS with openStream and sendTrailers')
  const stream = sendable(core, id, StreamInput.SEND_HEADERS)
  if (stream === undefined) return
  const { sentHead: head } = core
  refuseFields(validateResponse(fields, head))
  const part = responsePart(head.status, stream.isConnect)
  if (endStream && part === MessagePart.INFORMATIONAL) {
    throw misuse(stream, 'an informational response cannot end the stream', 'RFC 9113 §8.1.1')
  }
  const phase = nextPhase(stream.sendPhase, part)
  if (typeof phase === 'string') throw misuse(stream, phase, 'RFC 9113 §8.1')
  stream.sendPhase = phase
  core.advance(stream, StreamInput.SEND_HEADERS)
  writeFieldSection(core, id, fields, endStream)
  if (endStream) core.advance(stream, StreamInput.SEND_END_STREAM)
}

/** Queues DATA; true while the queue is below its mark. */
export function sendData(core: Core, id: number, data: Uint8Array, endStream: boolean): boolean {
  const stream = sendable(core, id, StreamInput.SEND_DATA)
  if (stream === undefined) return true
  const phase = nextPhase(stream.sendPhase, MessagePart.DATA)
  if (typeof phase === 'string') throw misuse(stream, phase, 'RFC 9113 §8.1')
  if (data.length > 0) {
    stream.queue ??= new SendQueue()
    stream.queue.push(data)
    schedule(core, stream)
  }
  if (endStream) {
    stream.endQueued = true
    if (stream.queued === 0) sendEnd(core, stream)
    return true
  }
  if (stream.queued < core.sendHighWaterMark) return true
  stream.held = true
  return false
}

/** Trailers go out behind all queued DATA and end our side. RFC 9113 §8.1. */
export function sendTrailers(core: Core, id: number, fields: readonly FieldInput[]): void {
  const stream = sendable(core, id, StreamInput.SEND_HEADERS)
  if (stream === undefined) return
  refuseFields(validateTrailers(fields))
  const phase = nextPhase(stream.sendPhase, MessagePart.TRAILERS)
  if (typeof phase === 'string') throw misuse(stream, phase, 'RFC 9113 §8.1')
  stream.sendPhase = phase
  // Those that wait are our own: what the caller does with its list meanwhile would go out unjudged.
  const waits = stream.queued > 0
  stream.trailers = waits ? fields.map(({ name, value, sensitive }) => ({ name, value, sensitive })) : fields
  stream.endQueued = true
  if (!waits) sendEnd(core, stream)
}

/** Ends a stream at once: what is queued is dropped. RFC 9113 §6.4. */
export function reset(core: Core, id: number, code: number = ErrorCode.CANCEL): void {
  requireErrorCode(code)
  if (core.state === 'closed') return
  const stream = core.streams.get(id)
  if (stream === undefined) {
    absent(core, id, StreamInput.SEND_RST_STREAM)
    return
  }
  const isPromise = stream.state === StreamState.RESERVED_REMOTE
  core.advance(stream, StreamInput.SEND_RST_STREAM)
  core.sendRstStream(id, code)
  // Nobody asked for what was promised: that it must be refused is the server's doing. RFC 9113 §10.5
  if (isPromise) chargeReset(core)
}

/**
 * Refuses a request for a limit that the consumer watches over. RFC 9113 §8.7: REFUSED_STREAM says that nothing was done,
 * so it must not come once a response has begun: the client would send the request again.
 */
export function refuse(core: Core, id: number, limit: keyof Limits, reason: string): void {
  if (core.role === 'client') throw new UsageError('only a server refuses requests', 'RFC 9113 §8.7')
  const stream = core.streams.get(id)
  if (stream === undefined) return
  if (stream.sendPhase !== MessagePhase.HEAD) throw misuse(stream, 'the response has begun', 'RFC 9113 §8.7')
  core.emit({ type: 'LimitExceeded', limit, streamId: id, reason })
  resetStream(core, stream, new StreamError(id, ErrorCode.REFUSED_STREAM, reason, 'RFC 9113 §8.7'))
}
