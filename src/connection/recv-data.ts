import { ErrorCode, StreamError, UsageError } from '../errors/index.ts'
import { Flag } from '../frames/index.ts'
import { chargeGlitch } from './charges.ts'
import type { Core } from './core.ts'
import { connectionFault } from './ending.ts'
import { ReceiveWindow } from './flow-control.ts'
import { MessagePart, nextPhase } from './message-phase.ts'
import { refuseStream, resetStream } from './refusal.ts'
import type { Stream } from './stream.ts'
import { StreamInput, StreamState, transition } from './stream-state.ts'

/**
 * A DATA frame, or the piece of one that has arrived. RFC 9113 §6.1. Both windows are charged for the whole frame,
 * padding included, when its header is seen (§6.9.1). What no consumer will ever see is given back as it arrives:
 * padding at once, and each piece that finds its stream gone, whoever ended it and in whichever piece.
 */
export function recvData(core: Core): void {
  const { reader } = core
  if (reader.first && !chargeConnection(core)) return
  const stream = core.streams.get(reader.streamId)
  if (stream === undefined) recvWithoutStream(core)
  else recvOnStream(core, stream)
}

function chargeConnection(core: Core): boolean {
  const { flowControlled } = core.reader
  if (flowControlled > 0 && !core.recvWindow.charge(flowControlled)) {
    connectionFault(core, ErrorCode.FLOW_CONTROL_ERROR, 'DATA beyond the connection window', 'RFC 9113 §6.9.1')
    return false
  }
  if (flowControlled > 0) observe(core, 0, core.recvWindow)
  return true
}

function observe(core: Core, id: number, window: ReceiveWindow): void {
  core.observer?.windowChanged?.(id, 'receive', window.available)
}

/**
 * A DATA frame that is skipped for a fault of its own still counts on the connection window. RFC 9113 §6.9.
 * False: it was more than the window allowed, and the connection has failed.
 */
export function chargeAndDiscard(core: Core): boolean {
  if (!chargeConnection(core)) return false
  discard(core, core.reader.flowControlled)
  return true
}

/** The frame's bytes of the connection window go back: nobody will consume them. */
function discard(core: Core, n: number): void {
  if (n === 0) return
  const increment = core.recvWindow.consume(n, core, core.limits.maxConnectionWindow)
  if (increment === 0) return
  core.sendWindowUpdate(0, increment)
  observe(core, 0, core.recvWindow)
}

/** What this piece takes of the windows beside its data: pad length and padding, with the first one. §6.1, §6.9.1. */
function paddingOf(core: Core): number {
  const { reader } = core
  return reader.first && (reader.flags & Flag.PADDED) !== 0 ? reader.padLength + 1 : 0
}

/** Gives back all that this piece brought. */
function discardPiece(core: Core): void {
  discard(core, paddingOf(core) + core.reader.end - core.reader.start)
}

function recvWithoutStream(core: Core): void {
  const { reader } = core
  const { streamId } = reader
  // The first piece decides; a later one finds the stream gone when it was reset in between.
  const step = reader.first ? transition(core.stateOf(streamId), StreamInput.RECV_DATA) : undefined
  if (step?.kind === 'connectionError') {
    connectionFault(core, step.code, step.reason, step.section)
    return
  }
  discardPiece(core)
  if (step?.kind === 'streamError') {
    refuseStream(core, streamId, step.code)
  } else if (reader.first && reader.flowControlled < 256) chargeGlitch(core, 'overtaken DATA')
}

function recvOnStream(core: Core, stream: Stream): void {
  const { reader } = core
  if (reader.first && !admit(core, stream)) return
  const size = reader.end - reader.start
  const endStream = reader.last && (reader.flags & Flag.END_STREAM) !== 0
  if (size > 0 || endStream) core.emit({ type: 'DataReceived', streamId: stream.id, data: reader.view(), endStream })
  if (endStream) core.advance(stream, StreamInput.RECV_END_STREAM)
}

/** What a whole frame must satisfy, judged when its header is there, so that it does not matter how it was cut. */
function admit(core: Core, stream: Stream): boolean {
  const { reader } = core
  const { flowControlled } = reader
  const step = core.advance(stream, StreamInput.RECV_DATA)
  if (step.kind === 'connectionError') {
    connectionFault(core, step.code, step.reason, step.section)
    return false
  }
  if (step.kind === 'streamError') return fault(core, stream, step.code, step.reason, step.section)
  const phase = nextPhase(stream.recvPhase, MessagePart.DATA)
  if (typeof phase === 'string') return fault(core, stream, ErrorCode.PROTOCOL_ERROR, phase, 'RFC 9113 §8.1')
  const padding = paddingOf(core)
  // Nothing but padding brings as little as nothing at all.
  if (flowControlled === padding && (reader.flags & Flag.END_STREAM) === 0) chargeGlitch(core, 'empty DATA')
  if (core.state === 'closed') return false
  if (!chargeStream(core, stream)) {
    return fault(core, stream, ErrorCode.FLOW_CONTROL_ERROR, 'DATA beyond the stream window', 'RFC 9113 §6.9.1')
  }
  if (!measure(stream, flowControlled - padding, (reader.flags & Flag.END_STREAM) !== 0)) {
    const reason = 'the body is not as long as content-length says'
    return fault(core, stream, ErrorCode.PROTOCOL_ERROR, reason, 'RFC 9113 §8.1.1')
  }
  // Padding is nobody's to consume. §6.1, §6.9.1
  if (padding > 0) giveBack(core, stream.id, padding)
  return true
}

/** §6.9.1: an empty frame needs no window, not even one above zero. */
function chargeStream(core: Core, stream: Stream): boolean {
  const { flowControlled } = core.reader
  if (flowControlled === 0) return true
  stream.recvWindow ??= new ReceiveWindow(core.streamWindow, core.local.initialWindowSize)
  if (!stream.recvWindow.charge(flowControlled)) return false
  observe(core, stream.id, stream.recvWindow)
  return true
}

/** RFC 9113 §8.1.1: the data of all DATA frames together are as long as content-length says. */
function measure(stream: Stream, length: number, endStream: boolean): boolean {
  if (stream.expected < 0) return true
  stream.expected -= length
  return stream.expected === 0 || (stream.expected > 0 && !endStream)
}

/** Credit for `n` bytes of a stream, on both levels; on the connection's alone when the stream is gone. */
function giveBack(core: Core, streamId: number, n: number): void {
  const stream = core.streams.get(streamId)
  if (stream?.recvWindow !== undefined) {
    const increment = stream.recvWindow.consume(n, core, core.limits.maxStreamWindow)
    // §6.9: once the peer has ended the stream it has no use for more window.
    if (increment > 0 && stream.recvOpen) {
      core.sendWindowUpdate(streamId, increment)
      observe(core, streamId, stream.recvWindow)
    }
  }
  discard(core, n)
}

/**
 * The consumer has done with `n` bytes of a stream, whether that still lives or not. RFC 9113 §6.9.
 *
 * @throws UsageError when more is given back than was received
 */
export function consumed(core: Core, streamId: number, n: number): void {
  const outstanding = outstandingBytes(core, streamId)
  if (!(Number.isInteger(n) && n > 0 && n <= outstanding)) {
    throw new UsageError(`stream ${streamId}: ${n} bytes consumed of ${outstanding} received`, 'RFC 9113 §6.9')
  }
  giveBack(core, streamId, n)
}

/** How much the consumer of a stream can give back; of one that is gone, only the connection's sum is known. */
function outstandingBytes(core: Core, streamId: number): number {
  const total = core.recvWindow.outstanding
  const stream = core.streams.get(streamId)
  if (stream !== undefined) return Math.min(total, stream.recvWindow?.outstanding ?? 0)
  return streamId < 1 || core.stateOf(streamId) === StreamState.IDLE ? 0 : total
}

/** Resets the stream and gives this piece back to the connection; the pieces after it will find no stream. */
function fault(core: Core, stream: Stream, code: number, reason: string, section: string): false {
  resetStream(core, stream, new StreamError(stream.id, code, reason, section, { frame: core.frame }))
  discardPiece(core)
  return false
}
