import { ErrorCode, StreamError } from '../errors/index.ts'
import type { DecodedSection } from '../hpack/index.ts'
import { chargeGlitch } from './charges.ts'
import type { Core } from './core.ts'
import { connectionFault } from './ending.ts'
import { type Malformed, originOf, validateRequest } from './field-validation.ts'
import { malformed, refuseOverflow, refuseStream, resetStream } from './refusal.ts'
import { Stream } from './stream.ts'
import { StreamInput, StreamState, transition } from './stream-state.ts'

/**
 * A server promises to answer a request that we have not made: PUSH_PROMISE, whole and decoded. RFC 9113 §6.6, §8.4.
 * Nobody hears of a promise that is refused; its stream is reset and the connection goes on.
 */
export function recvPromise(core: Core, id: number, promisedId: number, section: DecodedSection): void {
  if (!mayPromise(core, id, promisedId)) return
  const parentState = core.stateOf(id)
  core.highestPeerId = promisedId
  // §6.8: what comes after our GOAWAY is ignored, as for requests.
  if (promisedId > core.lastServedId) {
    chargeGlitch(core, 'overtaken PUSH_PROMISE')
    return
  }
  if (parentState === StreamState.RESET_SENT) {
    // §6.6: it was promised before our RST_STREAM arrived. Who gave up the request wants nothing that goes with it.
    refuseStream(core, promisedId, ErrorCode.CANCEL)
    return
  }
  if (section.overflow !== undefined) {
    refuseOverflow(core, promisedId, section)
    return
  }
  if (!hasRoom(core, promisedId, section)) return
  const fault = checkPromise(core, id, section)
  if (fault !== undefined) {
    core.emit({ type: 'RequestRefused', streamId: promisedId, error: malformed(promisedId, fault) })
    refuseStream(core, promisedId, ErrorCode.PROTOCOL_ERROR)
    return
  }
  const stream = new Stream(promisedId, 0)
  core.advance(stream, StreamInput.RECV_PUSH_PROMISE)
  stream.isHead = core.head.method === 'HEAD'
  stream.fieldSize = section.size
  core.retainedFieldSize += section.size
  core.emit({ type: 'PushPromised', streamId: id, promisedStreamId: promisedId, fields: section.fields })
}

/** RFC 9113 §6.6: a new stream of the server's, promised on one of ours that it may still answer. */
function mayPromise(core: Core, id: number, promisedId: number): boolean {
  const fault = (reason: string, section: string): false => {
    connectionFault(core, ErrorCode.PROTOCOL_ERROR, reason, section)
    return false
  }
  if (core.isPeerId(id)) return fault('PUSH_PROMISE on a stream of the server’s own', 'RFC 9113 §6.6')
  // §6.6: what we have reset may have been promised on before the server knew.
  const state = core.stateOf(id)
  if (state !== StreamState.OPEN && state !== StreamState.HALF_CLOSED_LOCAL && state !== StreamState.RESET_SENT) {
    return fault('PUSH_PROMISE on a stream that is neither open nor half-closed (local)', 'RFC 9113 §6.6')
  }
  if (!core.isPeerId(promisedId)) return fault(`stream ${promisedId} is not the server’s to promise`, 'RFC 9113 §5.1.1')
  const step = transition(core.stateOf(promisedId), StreamInput.RECV_PUSH_PROMISE)
  return step.kind !== 'connectionError' || fault(step.reason, step.section)
}

/** RFC 9113 §5.1.2: promises do not count as open streams, so that nothing but a limit of ours bounds them. */
function hasRoom(core: Core, id: number, section: DecodedSection): boolean {
  const full = core.reservedStreams >= core.limits.maxReservedStreams
  if (!full && core.retainedFieldSize + section.size <= core.limits.maxRetainedFieldSize) return true
  const reason = full ? 'too many streams promised' : 'the field sections of all open streams are too large'
  const limit = full ? 'maxReservedStreams' : 'maxRetainedFieldSize'
  core.emit({ type: 'LimitExceeded', limit, streamId: id, reason })
  refuseStream(core, id, ErrorCode.REFUSED_STREAM)
  return false
}

/**
 * RFC 9113 §8.4, §8.4.1: only what is safe, can be cached and has no body may be promised, by who may speak for its origin.
 * Whose certificate is good for which names is not known here: the origin of the request that goes with it surely is.
 */
function checkPromise(core: Core, id: number, { fields }: DecodedSection): Malformed | undefined {
  const { head } = core
  head.holds = 'nothing'
  const fault = validateRequest(fields, false, head)
  if (fault !== undefined) return fault
  if (head.method !== 'GET' && head.method !== 'HEAD') {
    return { reason: `a promise of ${head.method}, which is not safe and cacheable`, section: 'RFC 9113 §8.4.1' }
  }
  if (head.contentLength > 0) return { reason: 'a promise of a request with a body', section: 'RFC 9113 §8.4.1' }
  if (head.authority === '') return { reason: 'a promise without :authority', section: 'RFC 9113 §8.4.1' }
  if (originOf(head) === core.streams.get(id)?.origin) return undefined
  return { reason: 'a promise for an origin other than that of its request', section: 'RFC 9113 §8.4.1' }
}

/** RFC 9113 §5.1.2: once its response begins a pushed stream counts among those that the server may have open. */
export function mayRespond(core: Core, stream: Stream): boolean {
  if (stream.state !== StreamState.RESERVED_REMOTE) return true
  if (core.peerStreams < core.local.maxConcurrentStreams) return true
  const { id } = stream
  const reason = 'too many pushed streams open'
  core.emit({ type: 'LimitExceeded', limit: 'maxConcurrentStreams', streamId: id, reason })
  resetStream(core, stream, new StreamError(id, ErrorCode.REFUSED_STREAM, reason, 'RFC 9113 §5.1.2'))
  return false
}
