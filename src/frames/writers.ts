import type { ByteWriter } from '../bytes/index.ts'
import { requireInteger } from '../errors/index.ts'
import {
  debugData,
  errorCode,
  lastStreamId,
  lengthOf,
  origin,
  origins,
  type Part,
  priority,
  putFrame,
  settings,
  text,
  u31,
} from './fields.ts'
import type { Priority, SettingEntry } from './frame.ts'
import { MAX_FRAME_SIZE, MAX_STREAM_ID, putFrameHeader } from './frame-header.ts'
import { layoutOf } from './layout.ts'
import { Flag, FrameType } from './registry.ts'
import { requireErrorCode, requireOrigin, requirePayloadLength, requirePlace, requireStream } from './usage.ts'

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
 * @param data eight octets, copied
 * @throws UsageError when they are not eight
 */
export function writePing(w: ByteWriter, data: Uint8Array, ack: boolean): void {
  requireInteger('the number of octets', data.length, 8, 8, 'RFC 9113 §6.7')
  putFrameHeader(w, 8, FrameType.PING, ack ? Flag.ACK : 0, 0)
  w.write(data)
}

/**
 * Writes WINDOW_UPDATE: the peer may send `increment` octets more on the stream, or with stream 0 on the connection.
 * RFC 9113 §6.9.
 *
 * @param increment 1 to 2^31-1
 * @throws UsageError when a value is out of range
 */
export function writeWindowUpdate(w: ByteWriter, streamId: number, increment: number): void {
  requireStream(streamId, 'RFC 9113 §6.9', 0)
  requireInteger('increment', increment, 1, MAX_STREAM_ID, 'RFC 9113 §6.9')
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
export function writeSettings(w: ByteWriter, entries: readonly SettingEntry[]): void {
  write(w, FrameType.SETTINGS, 0, [settings, entries])
}

/** Writes the acknowledgement of the peer's SETTINGS: the ACK flag and no payload. RFC 9113 §6.5.3. */
export function writeSettingsAck(w: ByteWriter): void {
  putFrameHeader(w, 0, FrameType.SETTINGS, Flag.ACK, 0)
}

/**
 * Writes GOAWAY: the end of the connection, or the announcement of it. RFC 9113 §6.8.
 *
 * @param last the last stream of the peer's that was or may be acted on; 2^31-1 announces
 * @param data free octets for people, copied; keep them below the peer's maximum frame size less 8
 * @throws UsageError when a value does not fit its field
 */
export function writeGoAway(w: ByteWriter, last: number, code: number, data: Uint8Array = new Uint8Array(0)): void {
  write(w, FrameType.GOAWAY, 0, [lastStreamId, last], [errorCode, code], [debugData, data])
}

/**
 * Writes PRIORITY, which is deprecated: peers that follow RFC 9113 read past it. RFC 9113 §6.3, §5.3.2.
 *
 * @throws UsageError on stream 0 or a value that does not fit its field
 */
export function writePriority(w: ByteWriter, streamId: number, fields: Priority): void {
  write(w, FrameType.PRIORITY, streamId, [priority, fields])
}

/**
 * Writes PRIORITY_UPDATE, which only clients send. RFC 9218 §7.1.
 *
 * @param prioritizedStreamId the stream meant, which may not be open yet
 * @param value a Priority field value, for example `u=1, i`
 * @throws UsageError when the stream is 0 or something does not fit
 */
export function writePriorityUpdate(w: ByteWriter, prioritizedStreamId: number, value: string): void {
  write(w, FrameType.PRIORITY_UPDATE, 0, [u31('prioritizedStreamId'), prioritizedStreamId], [text, value])
}

/**
 * Writes ALTSVC: on stream 0 for the origin `named`, on another stream for that stream's origin, and then `named` is
 * empty. RFC 7838 §4.
 *
 * @param named ASCII serialisation, for example `https://example.com`
 * @param value an Alt-Svc field value, for example `h2=":443"`
 * @throws UsageError when origin and stream do not go together, or something does not fit
 */
export function writeAltSvc(w: ByteWriter, streamId: number, named: string, value: string): void {
  requireOrigin(streamId, named)
  write(w, FrameType.ALTSVC, streamId, [origin, named], [text, value])
}

/**
 * Writes ORIGIN: the origins for which the connection may be used. RFC 8336 §2.
 *
 * @param list ASCII serialisations, for example `https://example.com`; none at all is allowed
 * @throws UsageError when an origin does not fit
 */
export function writeOrigin(w: ByteWriter, list: readonly string[]): void {
  write(w, FrameType.ORIGIN, 0, [origins, list])
}

/** Checks all of a frame, and then writes it. */
function write(w: ByteWriter, type: number, streamId: number, ...parts: Part[]): void {
  const { section } = layoutOf(type)!
  requirePlace(type, streamId)
  requirePayloadLength(lengthOf(parts), MAX_FRAME_SIZE)
  for (const [field, value] of parts) field.check(value, section)
  putFrame(w, type, 0, streamId, parts)
}
