import type { ByteWriter } from '../bytes/index.ts'
import { requireInteger } from '../errors/index.ts'
import { FRAME_HEADER_SIZE, MAX_STREAM_ID, putFrameHeader, u31At } from './frame-header.ts'
import { Flag, FrameType } from './registry.ts'
import { requireFlags, requireMaxFrameSize, requireStream } from './usage.ts'

/**
 * Begins HEADERS: the caller encodes the field block straight into the writer, then calls `endHeaders` with the mark
 * that this returns. Nothing else may be written in between, and `take()` not be called. To give up, `rewind` the
 * writer to the mark. RFC 9113 §6.2.
 *
 * @param flags 0 or `Flag.END_STREAM`; END_HEADERS is set by `endHeaders`
 * @throws UsageError on stream 0 or any other flag
 * @example
 * const mark = beginHeaders(writer, 1, Flag.END_STREAM)
 * encoder.encode(fields, writer)
 * endHeaders(writer, mark, peerMaxFrameSize)
 */
export function beginHeaders(w: ByteWriter, streamId: number, flags: number): number {
  requireStream(streamId, 'RFC 9113 §6.2')
  requireFlags(flags, Flag.END_STREAM, 'RFC 9113 §6.2')
  const { mark } = w
  putFrameHeader(w, 0, FrameType.HEADERS, flags, streamId)
  return mark
}

/**
 * Begins PUSH_PROMISE on `streamId`, which promises `promisedStreamId`; see `beginHeaders`. RFC 9113 §6.6.
 *
 * @throws UsageError when either stream is 0
 */
export function beginPushPromise(w: ByteWriter, streamId: number, promisedStreamId: number): number {
  requireStream(streamId, 'RFC 9113 §6.6')
  requireInteger('the promised stream', promisedStreamId, 1, MAX_STREAM_ID, 'RFC 9113 §6.6')
  const { mark } = w
  putFrameHeader(w, 0, FrameType.PUSH_PROMISE, 0, streamId)
  w.u32(promisedStreamId)
  return mark
}

/**
 * Ends HEADERS or PUSH_PROMISE begun at `mark`: fills in the length and sets END_HEADERS. A block longer than the
 * peer's `maxFrameSize` is split in place into that frame and as many CONTINUATION frames as it takes, of which the
 * last one has END_HEADERS. RFC 9113 §4.3, §6.10.
 *
 * @throws UsageError when `maxFrameSize` is out of range or nothing was begun at `mark`
 */
export function endHeaders(w: ByteWriter, mark: number, maxFrameSize: number): void {
  requireMaxFrameSize(maxFrameSize)
  requireInteger('the mark', mark, 0, w.mark - FRAME_HEADER_SIZE, 'RFC 9113 §6.2')
  const length = w.mark - mark - FRAME_HEADER_SIZE
  if (length > maxFrameSize) {
    split(w, mark, length, maxFrameSize)
    return
  }
  w.patch24(mark, length)
  w.bytes[w.length - w.mark + mark + 4] |= Flag.END_HEADERS
}

/** Moves the fragments apart, the last one first, and writes a CONTINUATION header into each gap. */
function split(w: ByteWriter, mark: number, length: number, maxFrameSize: number): void {
  const continuations = Math.ceil(length / maxFrameSize) - 1
  w.reserve(continuations * FRAME_HEADER_SIZE)
  const { bytes } = w
  const begin = w.length - w.mark + mark
  const payload = begin + FRAME_HEADER_SIZE
  const streamId = u31At(bytes, begin + 5)
  for (let i = continuations; i > 0; i--) {
    const from = payload + i * maxFrameSize
    const size = Math.min(maxFrameSize, payload + length - from)
    const to = from + i * FRAME_HEADER_SIZE
    bytes.copyWithin(to, from, from + size)
    w.length = to - FRAME_HEADER_SIZE
    putFrameHeader(w, size, FrameType.CONTINUATION, i === continuations ? Flag.END_HEADERS : 0, streamId)
  }
  w.length = payload + length + continuations * FRAME_HEADER_SIZE
  w.patch24(mark, maxFrameSize)
}
