import { UsageError } from '../errors/index.ts'
import { FrameType, frameTypeName, readAltSvc, readOrigin, writeFrameHeader } from '../frames/index.ts'
import { chargeGlitch } from './charges.ts'
import type { Core } from './core.ts'

/** RFC 7838 §4: only a client has a use for it, and what is not as the RFC wants it is ignored. */
export function recvAltSvc(core: Core): void {
  chargeGlitch(core, 'ALTSVC')
  if (core.role === 'server' || core.state === 'closed') return
  const fields = readAltSvc(core.reader)
  if (fields === undefined) return
  const { streamId } = core.reader
  // On a stream it speaks for the origin of that stream's request: one that is over has none any more.
  if (streamId !== 0 && !core.streams.has(streamId)) return
  core.emit({ type: 'AltSvcReceived', streamId, ...fields })
}

/** RFC 8336 §2.1: only a client has a use for it, and only on stream 0. */
export function recvOrigin(core: Core): void {
  chargeGlitch(core, 'ORIGIN')
  if (core.role === 'server' || core.state === 'closed') return
  const origins = readOrigin(core.reader)
  if (origins !== undefined) core.emit({ type: 'OriginReceived', origins })
}

/** RFC 9113 §5.5: a type that nobody asked to see is ignored. */
export function recvExtension(core: Core): void {
  const { flags, streamId, type } = core.reader
  chargeGlitch(core, frameTypeName(type))
  if (core.state === 'closed' || !core.extensionFrames.has(type)) return
  core.emit({ type: 'ExtensionFrameReceived', frameType: type, flags, streamId, payload: core.reader.view().slice() })
}

/** Sends a frame of a type that this connection gives no meaning to. RFC 9113 §5.5. */
export function sendExtensionFrame(
  core: Core,
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array,
): void {
  if (!Number.isInteger(type) || type <= FrameType.CONTINUATION || type > 0xff || type === FrameType.PRIORITY_UPDATE) {
    throw new UsageError(`frames of type ${type} are the connection's own, or none`, 'RFC 9113 §5.5')
  }
  if (payload.length > core.peerSettings.maxFrameSize) {
    throw new UsageError(`a payload of ${payload.length} octets is larger than the peer takes`, 'RFC 9113 §4.2')
  }
  writeFrameHeader(core.writer, payload.length, type, flags, streamId)
  core.writer.write(payload)
  core.sent(type, flags, streamId, payload.length)
}
