import type { ByteWriter } from '../bytes/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { WindowUpdateFrame } from './frame.ts'
import { MAX_STREAM_ID, putFrameHeader } from './frame-header.ts'
import { FrameType } from './registry.ts'
import { requireRange } from './usage.ts'

const SECTION = 'RFC 9113 §6.9'
const MAX_INCREMENT = 0x7fff_ffff

/**
 * Writes WINDOW_UPDATE: the peer may send `increment` octets more on the stream, or with stream 0 on the connection.
 * RFC 9113 §6.9.
 *
 * @param increment 1 to 2^31-1
 * @throws UsageError when a value is out of range
 */
export function writeWindowUpdate(w: ByteWriter, streamId: number, increment: number): void {
  requireFields(streamId, increment)
  putFrameHeader(w, 4, FrameType.WINDOW_UPDATE, 0, streamId)
  w.u32(increment)
}

function requireFields(streamId: number, increment: number): void {
  requireRange('the stream identifier', streamId, 0, MAX_STREAM_ID, SECTION)
  requireRange('the increment', increment, 1, MAX_INCREMENT, SECTION)
}

export function checkWindowUpdate({ streamId, increment }: WindowUpdateFrame): void {
  requireFields(streamId, increment)
}

export function putWindowUpdate(w: ByteWriter, { increment }: WindowUpdateFrame): void {
  w.u32(increment)
}

export function decodeWindowUpdate({ streamId, flags, increment }: FrameCursor): WindowUpdateFrame {
  return { kind: 'WINDOW_UPDATE', streamId, flags, increment }
}
