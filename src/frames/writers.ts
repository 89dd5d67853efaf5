import type { ByteWriter } from '../bytes/index.ts'
import type { Frame, Priority, SettingEntry } from './frame.ts'
import { MAX_FRAME_SIZE, MAX_STREAM_ID, putFrameHeader } from './frame-header.ts'
import { Flag, FrameType } from './registry.ts'
import { requireAnyStream, requireErrorCode, requireRange, requireStream } from './usage.ts'
import { writeFrame } from './write-frame.ts'

/**
 * Writes RST_STREAM, which ends one stream. RFC 9113 §6.4.
 *
 * @param code an `ErrorCode`, or any other number of 32 bits
 * @throws UsageError on stream 0 or a code that does not fit
 */
export function writeRstStream(w: ByteWriter, streamId: number, code: number): void {
  requireStream(streamId, 'RFC 9113 §6.4')
  requireErrorCode(code)
  putFrameHeader(w, 4, FrameType.RST_STREAM, 0, streamId)
  w.u32(code)
}

/**
 * Writes PING, or with `ack` the answer to one, which repeats its octets. RFC 9113 §6.7.
 *
 * @param opaque eight octets, copied
 * @throws UsageError when they are not eight
 */
export function writePing(w: ByteWriter, opaque: Uint8Array, ack: boolean): void {
  write(w, { kind: 'PING', streamId: 0, flags: ack ? Flag.ACK : 0, opaque })
}

/**
 * Writes WINDOW_UPDATE: the peer may send `increment` octets more on the stream, or with stream 0 on the connection.
 * RFC 9113 §6.9.
 *
 * @param increment 1 to 2^31-1
 * @throws UsageError when a value is out of range
 */
export function writeWindowUpdate(w: ByteWriter, streamId: number, increment: number): void {
  requireAnyStream(streamId, 'RFC 9113 §6.9')
  requireRange('increment', increment, 1, MAX_STREAM_ID, 'RFC 9113 §6.9')
  putFrameHeader(w, 4, FrameType.WINDOW_UPDATE, 0, streamId)
  w.u32(increment)
}

/**
 * Writes SETTINGS. Entries keep their order, and unknown or repeated identifiers are written as they are; whether a
 * value is legal for its setting is not looked at. RFC 9113 §6.5.
 *
 * @throws UsageError when an identifier does not fit 16 bits or a value 32
 * @example
 * writeSettings(writer, [[Setting.ENABLE_PUSH, 0], [Setting.ENABLE_CONNECT_PROTOCOL, 1]])
 */
export function writeSettings(w: ByteWriter, settings: readonly SettingEntry[]): void {
  write(w, { kind: 'SETTINGS', streamId: 0, flags: 0, settings })
}

/** Writes the acknowledgement of the peer's SETTINGS: the ACK flag and no payload. RFC 9113 §6.5.3. */
export function writeSettingsAck(w: ByteWriter): void {
  putFrameHeader(w, 0, FrameType.SETTINGS, Flag.ACK, 0)
}

/**
 * Writes GOAWAY: the end of the connection, or the announcement of it. RFC 9113 §6.8.
 *
 * @param lastStreamId the last stream of the peer's that was or may be acted on; 2^31-1 announces
 * @param debugData free octets for people, copied; keep them below the peer's maximum frame size less 8
 * @throws UsageError when a value does not fit its field
 */
export function writeGoAway(
  w: ByteWriter,
  lastStreamId: number,
  errorCode: number,
  debugData: Uint8Array = new Uint8Array(0),
): void {
  write(w, { kind: 'GOAWAY', streamId: 0, flags: 0, lastStreamId, errorCode, debugData })
}

/**
 * Writes PRIORITY, which is deprecated: peers that follow RFC 9113 read past it. RFC 9113 §6.3, §5.3.2.
 *
 * @throws UsageError on stream 0 or a value that does not fit its field
 */
export function writePriority(w: ByteWriter, streamId: number, priority: Priority): void {
  write(w, { kind: 'PRIORITY', streamId, flags: 0, priority })
}

/**
 * Writes PRIORITY_UPDATE, which only clients send. RFC 9218 §7.1.
 *
 * @param prioritizedStreamId the stream meant, which may not be open yet
 * @param value a Priority field value, for example `u=1, i`
 * @throws UsageError when the stream is 0 or something does not fit
 */
export function writePriorityUpdate(w: ByteWriter, prioritizedStreamId: number, value: string): void {
  write(w, { kind: 'PRIORITY_UPDATE', streamId: 0, flags: 0, prioritizedStreamId, value })
}

/**
 * Writes ALTSVC: on stream 0 for the `origin` named, on another stream for that stream's origin, and then `origin` is
 * empty. RFC 7838 §4.
 *
 * @param origin ASCII serialisation, for example `https://example.com`
 * @param value an Alt-Svc field value, for example `h2=":443"`
 * @throws UsageError when origin and stream do not go together, or something does not fit
 */
export function writeAltSvc(w: ByteWriter, streamId: number, origin: string, value: string): void {
  write(w, { kind: 'ALTSVC', streamId, flags: 0, origin, value })
}

/**
 * Writes ORIGIN: the origins for which the connection may be used. RFC 8336 §2.
 *
 * @param origins ASCII serialisations, for example `https://example.com`; none at all is allowed
 * @throws UsageError when an origin does not fit
 */
export function writeOrigin(w: ByteWriter, origins: readonly string[]): void {
  write(w, { kind: 'ORIGIN', streamId: 0, flags: 0, origins })
}

/** Who writes a frame of the connection knows what its peer takes. */
function write(w: ByteWriter, frame: Frame): void {
  writeFrame(w, frame, { maxFrameSize: MAX_FRAME_SIZE })
}
