import type { ByteWriter } from '../bytes/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { GoAwayFrame } from './frame.ts'
import { MAX_FRAME_SIZE, MAX_STREAM_ID, putFrameHeader } from './frame-header.ts'
import { FrameType } from './registry.ts'
import { requireErrorCode, requireRange, requireStreamZero } from './usage.ts'

const SECTION = 'RFC 9113 §6.8'

/**
 * Writes GOAWAY: the end of the connection, or the announcement of it. RFC 9113 §6.8.
 *
 * @param lastStreamId the last stream of the peer's that was or may be acted on; 2^31-1 announces
 * @param debugData free octets for people, copied; keep them below the peer's maximum frame size less 8
 * @throws UsageError when a value does not fit its field
 */
export function writeGoAway(w: ByteWriter, lastStreamId: number, errorCode: number, debugData?: Uint8Array): void {
  const size = debugData?.length ?? 0
  requireFields(lastStreamId, errorCode, size)
  putFrameHeader(w, 8 + size, FrameType.GOAWAY, 0, 0)
  w.u32(lastStreamId)
  w.u32(errorCode)
  if (debugData !== undefined) w.write(debugData)
}

function requireFields(lastStreamId: number, errorCode: number, size: number): void {
  requireRange('the last stream', lastStreamId, 0, MAX_STREAM_ID, SECTION)
  requireErrorCode(errorCode)
  requireRange('the size of the debug data', size, 0, MAX_FRAME_SIZE - 8, 'RFC 9113 §4.2')
}

export function checkGoAway({ streamId, lastStreamId, errorCode, debugData }: GoAwayFrame): void {
  requireStreamZero(streamId, SECTION)
  requireFields(lastStreamId, errorCode, debugData.length)
}

export function putGoAway(w: ByteWriter, { lastStreamId, errorCode, debugData }: GoAwayFrame): void {
  w.u32(lastStreamId)
  w.u32(errorCode)
  w.write(debugData)
}

export function decodeGoAway(cursor: FrameCursor): GoAwayFrame {
  const { streamId, flags, lastStreamId, errorCode } = cursor
  return { kind: 'GOAWAY', streamId, flags, lastStreamId, errorCode, debugData: cursor.view() }
}
