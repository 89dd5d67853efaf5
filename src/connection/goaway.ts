import { latin1Encode } from '../bytes/index.ts'
import { ConnectionError, ErrorCode, requireInteger, StreamError, UsageError } from '../errors/index.ts'
import { FrameType, writePing } from '../frames/index.ts'
import { chargeGlitch } from './charges.ts'
import type { Core } from './core.ts'
import { ALL_STREAMS, close, sendGoAway } from './ending.ts'
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
    sendGoAway(core, ErrorCode.NO_ERROR)
    return
  }
  sendGoAway(core, ErrorCode.NO_ERROR, undefined, ALL_STREAMS)
  writePing(core.writer, latin1Encode(DRAIN_PING), false)
  core.sent(FrameType.PING, 0, 0, 8)
  core.deadlines.drainPingSent(core.now)
}

/**
 * Ends the connection now. RFC 9113 §6.8.
 *
 * @throws UsageError for a code that does not fit, or debug data larger than the peer's frames may be
 */
export function goAway(core: Core, code: number, debugData: Uint8Array | undefined): void {
  requireErrorCode(code)
  // RFC 9113 §4.2: no frame larger than the peer's SETTINGS_MAX_FRAME_SIZE may be sent.
  if (debugData !== undefined && debugData.length + 8 > core.peerSettings.maxFrameSize) {
    throw new UsageError(`${debugData.length} bytes of debug data do not fit in one frame`, 'RFC 9113 §4.2')
  }
  if (core.state === 'closed') return
  sendGoAway(core, code, debugData)
  const error = new ConnectionError(code, 'closed by its own side', 'RFC 9113 §6.8')
  close(core, 'local', code === ErrorCode.NO_ERROR && core.streams.size === 0 ? undefined : error)
}

/** RFC 9113 §7: any number of 32 bits, registered or not. */
export function requireErrorCode(code: number): void {
  requireInteger('the error code', code, 0, 0xffff_ffff, 'RFC 9113 §7')
}

/** The round trip is over, or has lasted long enough: the last stream is known now. */
export function finishDrain(core: Core): void {
  core.deadlines.drainPingReceived()
  sendGoAway(core, ErrorCode.NO_ERROR)
}

/** RFC 9113 §6.8: the peer serves no stream above `lastStreamId`; those may be sent again elsewhere. */
export function recvGoAway(core: Core): void {
  const { reader } = core
  const { lastStreamId, errorCode } = reader
  // §10.5: two or three say all there is to say; any more only have us look at every stream again.
  chargeGlitch(core, 'GOAWAY')
  if (core.state === 'closed') return
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
