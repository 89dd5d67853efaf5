import type { ByteWriter } from '../bytes/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { DataFrame } from './frame.ts'
import { MAX_FRAME_SIZE, putFrameHeader } from './frame-header.ts'
import { putPadding, requirePadding } from './padding.ts'
import { Flag, FrameType } from './registry.ts'
import { requireRange, requireStream } from './usage.ts'

const SECTION = 'RFC 9113 §6.1'

/**
 * Writes the header of a DATA frame without padding; the caller then writes `length` octets, or sends them from where
 * they lie. RFC 9113 §6.1.
 *
 * @param flags 0 or `Flag.END_STREAM`
 * @throws UsageError on stream 0, on a length above 2^24-1, on any other flag
 */
export function writeDataHeader(w: ByteWriter, streamId: number, length: number, flags: number): void {
  requireStream(streamId, SECTION)
  requireRange('the payload length', length, 0, MAX_FRAME_SIZE, 'RFC 9113 §4.2')
  requireRange('the flags', flags, 0, Flag.END_STREAM, SECTION)
  putFrameHeader(w, length, FrameType.DATA, flags, streamId)
}

export function checkData(frame: DataFrame): void {
  requireStream(frame.streamId, SECTION)
  requirePadding(frame, SECTION)
}

export function putData(w: ByteWriter, { data, padLength }: DataFrame): void {
  if (padLength !== undefined) w.u8(padLength)
  w.write(data)
  putPadding(w, padLength)
}

/** The frame, or the piece of it that is there: END_STREAM and the padding belong to the last piece. */
export function decodeData(cursor: FrameCursor): DataFrame {
  const { streamId } = cursor
  const data = cursor.view()
  const flags = cursor.last ? cursor.flags : cursor.flags & ~(Flag.END_STREAM | Flag.PADDED)
  if ((flags & Flag.PADDED) === 0) return { kind: 'DATA', streamId, flags, data }
  return { kind: 'DATA', streamId, flags, data, padLength: cursor.padLength }
}
