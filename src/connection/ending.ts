import { latin1Encode } from '../bytes/index.ts'
import { ConnectionError, ErrorCode, type Initiator, StreamError } from '../errors/index.ts'
import { FrameType, writeGoAway } from '../frames/index.ts'
import type { Core } from './core.ts'

/** The highest stream id there is: a GOAWAY that names it gives up none. RFC 9113 §6.8. */
export const ALL_STREAMS = 0x7fff_ffff

/** A fault of the peer in the frame being read that ends the connection. */
export function connectionFault(core: Core, code: number, reason: string, section: string): void {
  fail(core, new ConnectionError(code, reason, section, { frame: core.frame }))
}

/** Ends the connection for a fault: GOAWAY with code and reason, then the last events. RFC 9113 §5.4.1. */
export function fail(core: Core, error: ConnectionError): void {
  if (core.state === 'closed') return
  sendGoAway(core, error.code, latin1Encode(error.message.slice(0, 256).replace(/[^ -~]/g, '?')))
  close(core, 'local', error)
}

export function sendGoAway(
  core: Core,
  code: number,
  debugData?: Uint8Array,
  lastStreamId: number = core.highestPeerId,
): void {
  // RFC 9113 §6.8: the value must not grow from one GOAWAY to the next; what was given up may be on its way elsewhere.
  const last = Math.min(core.lastServedId, lastStreamId)
  writeGoAway(core.writer, last, code, debugData)
  core.lastServedId = last
  core.sent(FrameType.GOAWAY, 0, 0, 8 + (debugData?.length ?? 0))
}

/** The end: every stream still open is told, then nothing more happens. */
export function close(core: Core, initiator: Initiator, error: ConnectionError | undefined): void {
  if (core.state === 'closed') return
  core.state = 'closed'
  core.deadlines.clear()
  for (const stream of core.streams.values()) {
    const reason = error === undefined ? 'the connection ended' : `the connection ended: ${error.message}`
    const code = error?.code ?? ErrorCode.CANCEL
    const fault = new StreamError(stream.id, code, reason, 'RFC 9113 §5.4.1', { initiator })
    core.emit({ type: 'StreamReset', streamId: stream.id, initiator, error: fault, unsentBytes: stream.queued })
    stream.queue?.drop()
  }
  core.streams.clear()
  core.ready.clear()
  core.stalls.clear()
  core.emit({ type: 'ConnectionClosed', initiator, error })
}

/** The transport delivers no more bytes: a clean end only if no stream is open. RFC 9113 §5.4.1. */
export function transportEnded(core: Core): void {
  const open = core.streams.size
  const reason = `the transport ended with ${open} streams open`
  const error = new ConnectionError(ErrorCode.CONNECT_ERROR, reason, 'RFC 9113 §5.4.1', { initiator: 'transport' })
  close(core, 'transport', open === 0 ? undefined : error)
}

/** Ends a draining connection once its last stream has ended. */
export function closeIfDrained(core: Core): void {
  if (core.state !== 'draining' || core.streams.size > 0 || core.deadlines.awaitsDrainPing) return
  // RFC 9113 §6.8: who was told GOAWAY and needs the connection no more says GOAWAY too before it ends it.
  if (core.lastServedId === ALL_STREAMS) sendGoAway(core, ErrorCode.NO_ERROR)
  close(core, 'local', undefined)
}
