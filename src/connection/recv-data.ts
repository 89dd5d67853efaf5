import { ErrorCode, StreamError } from '../errors/index.ts'
import { Flag } from '../frames/index.ts'
import type { Core } from './core.ts'
import { ReceiveWindow } from './flow-control.ts'
import { MessagePart, nextPhase } from './message-phase.ts'
import type { Stream } from './stream.ts'
import { StreamInput, transition } from './stream-state.ts'

/**
 * A DATA frame, or the piece of one that has arrived. RFC 9113 §6.1. Both windows are charged for the whole frame,
 * padding included, when its header is seen (§6.9.1); what no consumer will ever see is given back at once.
 */
export function recvData(core: Core): void {
  const { reader } = core
  const { streamId } = reader
  if (reader.first && !chargeConnection(core)) return
  const stream = core.streams.get(streamId)
  if (stream === undefined) recvWithoutStream(core)
  else recvOnStream(core, stream)
}

function chargeConnection(core: Core): boolean {
  const { flowControlled } = core.reader
  if (flowControlled > 0 && !core.recvWindow.charge(flowControlled)) {
    core.connectionFault(ErrorCode.FLOW_CONTROL_ERROR, 'DATA beyond the connection window', 'RFC 9113 §6.9.1')
    return false
  }
  return true
}

/** A DATA frame that is skipped for a fault of its own still counts on the connection window. RFC 9113 §6.9. */
export function chargeAndDiscard(core: Core): void {
  if (chargeConnection(core)) discard(core, core.reader.flowControlled)
}

/** The frame's bytes of the connection window go back: nobody will consume them. */
function discard(core: Core, n: number): void {
  if (n === 0) return
  const increment = core.recvWindow.consume(n)
  if (increment > 0) core.sendWindowUpdate(0, increment)
}

function recvWithoutStream(core: Core): void {
  const { reader } = core
  if (!reader.first) return // told and given back with the first piece
  const { streamId } = reader
  const step = transition(core.stateOf(streamId), StreamInput.RECV_DATA)
  if (step.kind === 'connectionError') {
    core.connectionFault(step.code, step.reason, step.section)
    return
  }
  discard(core, reader.flowControlled)
  if (step.kind === 'streamError') {
    core.refuseStream(streamId, step.code)
    core.chargeReset()
  } else if (reader.flowControlled < 256) core.chargeGlitch('overtaken DATA')
}

function recvOnStream(core: Core, stream: Stream): void {
  const { reader } = core
  const size = reader.end - reader.start
  if (reader.first && !admit(core, stream)) return
  const endStream = reader.last && (reader.flags & Flag.END_STREAM) !== 0
  if (stream.expected >= 0) {
    stream.expected -= size
    if (stream.expected < 0 || (endStream && stream.expected > 0)) {
      const reason = 'the body is not as long as content-length says'
      fault(core, stream, new StreamError(stream.id, ErrorCode.PROTOCOL_ERROR, reason, 'RFC 9113 §8.1.1'), size)
      return
    }
  }
  if (size > 0 || endStream) core.emit({ type: 'DataReceived', streamId: stream.id, data: reader.view(), endStream })
  if (endStream) core.advance(stream, StreamInput.RECV_END_STREAM)
}

/** What a whole frame must satisfy, judged when its header is there. */
function admit(core: Core, stream: Stream): boolean {
  const { reader } = core
  const { flowControlled } = reader
  const step = core.advance(stream, StreamInput.RECV_DATA)
  if (step.kind === 'streamError') {
    fault(
      core,
      stream,
      new StreamError(stream.id, step.code, step.reason, step.section, { frame: core.frame }),
      flowControlled,
    )
    return false
  }
  if (step.kind === 'connectionError') {
    core.connectionFault(step.code, step.reason, step.section)
    return false
  }
  const phase = nextPhase(stream.recvPhase, MessagePart.DATA)
  if (typeof phase === 'string') {
    fault(core, stream, new StreamError(stream.id, ErrorCode.PROTOCOL_ERROR, phase, 'RFC 9113 §8.1'), flowControlled)
    return false
  }
  if (flowControlled === 0) {
    if ((reader.flags & Flag.END_STREAM) === 0) core.chargeGlitch('empty DATA')
    return core.state !== 'closed'
  }
  stream.recvWindow ??= new ReceiveWindow(core.streamWindow, core.grantedStreamWindow)
  if (!stream.recvWindow.charge(flowControlled)) {
    const reason = 'DATA beyond the stream window'
    fault(
      core,
      stream,
      new StreamError(stream.id, ErrorCode.FLOW_CONTROL_ERROR, reason, 'RFC 9113 §6.9.1'),
      flowControlled,
    )
    return false
  }
  // Padding is nobody's to consume. §6.1, §6.9.1
  const padding = (reader.flags & Flag.PADDED) === 0 ? 0 : reader.padLength + 1
  if (padding > 0) giveBack(core, stream.id, padding)
  return true
}

/** Credit for `n` bytes of a stream, on both levels; on the connection's alone when the stream is gone. */
export function giveBack(core: Core, streamId: number, n: number): void {
  const stream = core.streams.get(streamId)
  if (stream?.recvWindow !== undefined) {
    const increment = stream.recvWindow.consume(n)
    // §6.9: once the peer has ended the stream it has no use for more window.
    if (increment > 0 && stream.recvOpen) core.sendWindowUpdate(streamId, increment)
  }
  discard(core, n)
}

/** Resets the stream; `undelivered` bytes of this frame go back to the connection. */
function fault(core: Core, stream: Stream, error: StreamError, undelivered: number): void {
  core.resetStream(stream, error)
  discard(core, undelivered)
  core.chargeReset()
}
