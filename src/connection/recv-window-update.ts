import { ErrorCode, StreamError } from '../errors/index.ts'
import type { Core } from './core.ts'
import { connectionFault } from './ending.ts'
import { MAX_WINDOW } from './flow-control.ts'
import { schedule } from './output.ts'
import { resetStream } from './refusal.ts'
import { StreamInput, transition } from './stream-state.ts'
import { chargeWindowUpdate } from './window-update-budget.ts'

/** RFC 9113 §6.9, §6.9.1. */
export function recvWindowUpdate(core: Core): void {
  const { streamId, increment } = core.reader
  if (streamId === 0) {
    if (core.sendWindow + increment > MAX_WINDOW) {
      connectionFault(
        core,
        ErrorCode.FLOW_CONTROL_ERROR,
        'WINDOW_UPDATE takes the connection window above 2^31-1',
        'RFC 9113 §6.9.1',
      )
      return
    }
    core.sendWindow += increment
    core.observer?.windowChanged?.(0, 'send', core.sendWindow)
    chargeWindowUpdate(core)
    return
  }
  const stream = core.streams.get(streamId)
  const step =
    stream === undefined
      ? transition(core.stateOf(streamId), StreamInput.RECV_WINDOW_UPDATE)
      : core.advance(stream, StreamInput.RECV_WINDOW_UPDATE)
  if (step.kind === 'connectionError') {
    connectionFault(core, step.code, step.reason, step.section)
    return
  }
  if (stream === undefined) {
    // §5.1: credit for a stream that has just closed is in flight with every honest peer.
    chargeWindowUpdate(core)
    return
  }
  if (stream.sendWindow + increment > MAX_WINDOW) {
    const reason = 'WINDOW_UPDATE takes the window above 2^31-1'
    resetStream(core, stream, new StreamError(streamId, ErrorCode.FLOW_CONTROL_ERROR, reason, 'RFC 9113 §6.9.1'))
    return
  }
  stream.sendWindow += increment
  core.observer?.windowChanged?.(streamId, 'send', stream.sendWindow)
  schedule(core, stream)
  chargeWindowUpdate(core)
}
