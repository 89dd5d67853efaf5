import type { ByteWriter } from '../bytes/index.ts'
import { MAX_FRAME_SIZE, putFrameHeader } from './frame-header.ts'
import { Flag, FrameType } from './registry.ts'
import { requireFlags, requirePayloadLength, requireStream } from './usage.ts'

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
  requirePayloadLength(length, MAX_FRAME_SIZE)
  requireFlags(flags, Flag.END_STREAM, SECTION)
  putFrameHeader(w, length, FrameType.DATA, flags, streamId)
}
