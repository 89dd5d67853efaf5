import { type ByteWriter, latin1Decode } from '../bytes/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { PriorityUpdateFrame } from './frame.ts'
import { MAX_FRAME_SIZE, MAX_STREAM_ID, putFrameHeader } from './frame-header.ts'
import { FrameType } from './registry.ts'
import { requireLatin1, requireRange, requireStreamZero } from './usage.ts'

const SECTION = 'RFC 9218 §7.1'

/**
 * Writes PRIORITY_UPDATE, which only clients send. RFC 9218 §7.1.
 *
 * @param prioritizedStreamId the stream meant, which may not be open yet
 * @param value a Priority field value, for example `u=1, i`
 * @throws UsageError when the stream is 0 or something does not fit
 */
export function writePriorityUpdate(w: ByteWriter, prioritizedStreamId: number, value: string): void {
  requireFields(prioritizedStreamId, value)
  putFrameHeader(w, 4 + value.length, FrameType.PRIORITY_UPDATE, 0, 0)
  w.u32(prioritizedStreamId)
  w.latin1(value)
}

export function checkPriorityUpdate({ streamId, prioritizedStreamId, value }: PriorityUpdateFrame): void {
  requireStreamZero(streamId, SECTION)
  requireFields(prioritizedStreamId, value)
}

export function putPriorityUpdate(w: ByteWriter, { prioritizedStreamId, value }: PriorityUpdateFrame): void {
  w.u32(prioritizedStreamId)
  w.latin1(value)
}

export function decodePriorityUpdate(cursor: FrameCursor): PriorityUpdateFrame {
  const { streamId, flags, prioritizedStreamId, bytes, start, end } = cursor
  return { kind: 'PRIORITY_UPDATE', streamId, flags, prioritizedStreamId, value: latin1Decode(bytes, start, end) }
}

function requireFields(prioritizedStreamId: number, value: string): void {
  requireRange('the prioritized stream', prioritizedStreamId, 1, MAX_STREAM_ID, SECTION)
  requireRange('the length of the value', value.length, 0, MAX_FRAME_SIZE - 4, 'RFC 9113 §4.2')
  requireLatin1('the value', value, SECTION)
}
