import { latin1Encode } from '../bytes/index.ts'
import { ErrorCode, StreamError } from '../errors/index.ts'
import { FrameType, writePing } from '../frames/index.ts'
import { ALL_STREAMS, type Core } from './core.ts'
import { StreamInput } from './stream-state.ts'

/** The PING behind the first GOAWAY: when it is back, the peer has seen that GOAWAY. */
export const DRAIN_PING = 'draining'

/**
 * Begins a graceful end. RFC 9113 §6.8: a server first says GOAWAY with the highest id there is, and names the last
 * stream it serves one round trip later, so that no request on its way is lost. A client just opens no more.
 */
export function shutDown(core: Core): void {
  if (core.state !== 'open') return
  core.state = 'draining'
  // A client opens no stream before its SETTINGS: while they are missing, nothing can be on its way. §3.4
  if (core.role === 'client' || !core.peerSettings.received) {
    core.sendGoAway(ErrorCode.NO_ERROR)
    return
  }
  core.sendGoAway(ErrorCode.NO_ERROR, undefined, ALL_STREAMS)
  writePing(core.writer, latin1Encode(DRAIN_PING), false)
  core.sent(FrameType.PING, 0, 0, 8)
  core.deadlines.drainPingSent(core.now)
}

/** The round trip is over, or has lasted long enough: the last stream is known now. */
export function finishDrain(core: Core): void {
  core.deadlines.drainPingReceived()
  core.sendGoAway(ErrorCode.NO_ERROR)
}

/** RFC 9113 §6.8: the peer serves no stream above `lastStreamId`; those may be sent again elsewhere. */
export function recvGoAway(core: Core): void {
  const { reader } = core
  const { lastStreamId, errorCode } = reader
  if (core.state === 'open') core.state = 'draining'
  core.emit({ type: 'GoAwayReceived', lastStreamId, code: errorCode, debugData: reader.view().slice() })
  for (const stream of core.streams.values()) {
    if (core.isPeerId(stream.id) || stream.id <= lastStreamId) continue
    core.advance(stream, StreamInput.RECV_RST_STREAM)
    const reason = 'the peer went away before it took the stream up'
    const error = new StreamError(stream.id, ErrorCode.REFUSED_STREAM, reason, 'RFC 9113 §6.8', {
      initiator: 'remote',
      retryable: true,
    })
    core.emit({ type: 'StreamReset', streamId: stream.id, initiator: 'remote', error, unsentBytes: stream.queued })
  }
}
