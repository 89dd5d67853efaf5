import type { ByteWriter } from '../bytes/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { RstStreamFrame } from './frame.ts'
import { putFrameHeader } from './frame-header.ts'
import { FrameType } from './registry.ts'
import { requireErrorCode, requireStream } from './usage.ts'

const SECTION = 'RFC 9113 §6.4'

/**
 * Writes RST_STREAM, which ends one stream. RFC 9113 §6.4.
 *
 * @param code an `ErrorCode`, or any other number of 32 bits
 * @throws UsageError on stream 0 or a code that does not fit
 */
export function writeRstStream(w: ByteWriter, streamId: number, code: number): void {
  requireStream(streamId, SECTION)
  requireErrorCode(code)
  putFrameHeader(w, 4, FrameType.RST_STREAM, 0, streamId)
  w.u32(code)
}

export function checkRstStream({ streamId, errorCode }: RstStreamFrame): void {
  requireStream(streamId, SECTION)
  requireErrorCode(errorCode)
}

export function putRstStream(w: ByteWriter, { errorCode }: RstStreamFrame): void {
  w.u32(errorCode)
}

export function decodeRstStream({ streamId, flags, errorCode }: FrameCursor): RstStreamFrame {
  return { kind: 'RST_STREAM', streamId, flags, errorCode }
}
