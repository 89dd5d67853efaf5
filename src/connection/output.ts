import { beginHeaders, endHeaders, Flag, FRAME_HEADER_SIZE, FrameType, writeDataHeader } from '../frames/index.ts'
import type { FieldInput } from '../hpack/index.ts'
import type { Core } from './core.ts'
import type { SendQueue } from './send-queue.ts'
import type { Stream } from './stream.ts'
import { StreamInput } from './stream-state.ts'
import { earnByData } from './window-update-budget.ts'

/** Data up to this size are copied in beside the frame headers: fewer, larger chunks cost the transport less. */
const COPY_UP_TO = 2048
/** Larger frames would make other streams wait longer for their turn. */
const MAX_DATA_FRAME = 16_384
/** A tunnel that has said nothing for so many milliseconds, while a body goes on, is not waited for. */
const PAUSE = 1000

/** Puts a stream in line if it has both DATA and window. */
export function schedule(core: Core, stream: Stream): void {
  if (stream.queued > 0) core.stalls.begin(core.now)
  if (stream.ready || !canSendData(stream)) return
  stream.ready = true
  core.ready.push(stream)
}

export function hasOutput(core: Core): boolean {
  if (core.writer.pending > 0) return true
  if (core.sendWindow <= 0) return false
  // Streams that lost their window to SETTINGS since they stood in line have nothing to give.
  for (let stream = core.ready.peek(); stream !== undefined; stream = core.ready.peek()) {
    if (canSendData(stream)) return true
    stream.ready = false
    core.ready.shift()
  }
  return false
}

/** Either may pause without being over; short bodies let nobody wait. */
export function isShared(core: Core): boolean {
  return Math.abs(core.tunnelSentAt - core.bodySentAt) < PAUSE
}

function canSendData(stream: Stream): boolean {
  return stream.queued > 0 && stream.sendWindow > 0
}

/**
 * All control output, and DATA up to about `maxBytes`, as chunks for one write. DATA is framed here and not before, a
 * frame a turn in the order of priority, so that resets, windows, settings and priorities act on all that has not left.
 * RFC 9113 §6.9, RFC 9218 §10.
 */
export function takeOutput(core: Core, maxBytes: number): Uint8Array[] {
  const { ready, writer } = core
  const out: Uint8Array[] = []
  let room = maxBytes - writer.pending
  while (core.sendWindow > 0 && room > 0) {
    const stream = ready.shift()
    if (stream === undefined) break
    stream.ready = false
    if (!canSendData(stream)) continue
    room -= takeFrame(core, stream, out, room)
    schedule(core, stream)
  }
  if (writer.pending > 0) out.push(writer.take())
  core.queuedAnswers = 0
  core.stalls.taken = true
  return out
}

/** Frames one DATA frame of the stream, as long as limits allow; answers how many bytes of data went. */
function takeFrame(core: Core, stream: Stream, out: Uint8Array[], room: number): number {
  const queue = stream.queue!
  const max = Math.min(core.peerSettings.maxFrameSize, MAX_DATA_FRAME, stream.sendWindow, core.sendWindow, room)
  const length = Math.min(queue.length, max)
  const isLast = length === queue.length && stream.endQueued && stream.trailers === undefined
  const flags = isLast ? Flag.END_STREAM : 0
  writeDataHeader(core.writer, stream.id, length, flags)
  moveData(core, queue, length, out)
  stream.sendWindow -= length
  core.sendWindow -= length
  if (stream.isConnect) core.tunnelSentAt = core.now
  else if (length === MAX_DATA_FRAME) core.bodySentAt = core.now
  queue.moved += length
  core.stalls.moved += length
  earnByData(core, length, queue.length)
  if (core.observer !== undefined) observe(core, stream, flags, length)
  if (queue.length === 0 && stream.endQueued) {
    if (isLast) core.advance(stream, StreamInput.SEND_END_STREAM)
    else sendEnd(core, stream)
  } else if (stream.held && queue.length <= core.sendHighWaterMark >>> 1) {
    stream.held = false
    core.emit({ type: 'StreamWritable', streamId: stream.id })
  }
  return length
}

/** Several small chunks become one frame; a large one goes out as it is. */
function moveData(core: Core, queue: SendQueue, length: number, out: Uint8Array[]): void {
  const { writer } = core
  for (let left = length; left > 0; ) {
    const chunk = queue.shift(left)
    left -= chunk.length
    if (chunk.length <= COPY_UP_TO) writer.write(chunk)
    else {
      if (writer.pending > 0) out.push(writer.take())
      out.push(chunk)
    }
  }
}

function observe(core: Core, stream: Stream, flags: number, length: number): void {
  core.sent(FrameType.DATA, flags, stream.id, length)
  core.observer?.windowChanged?.(stream.id, 'send', stream.sendWindow)
  core.observer?.windowChanged?.(0, 'send', core.sendWindow)
}

/** Ends our side of a stream whose queue is empty: by its trailers, or by an empty DATA frame. */
export function sendEnd(core: Core, stream: Stream): void {
  if (stream.trailers === undefined) {
    writeDataHeader(core.writer, stream.id, 0, Flag.END_STREAM)
    core.sent(FrameType.DATA, Flag.END_STREAM, stream.id, 0)
  } else writeFieldSection(core, stream.id, stream.trailers, true)
  core.advance(stream, StreamInput.SEND_END_STREAM)
}

/** Encodes a field section straight behind its frame header; endHeaders cuts it into CONTINUATION frames if need be. */
export function writeFieldSection(core: Core, id: number, fields: readonly FieldInput[], endStream: boolean): void {
  const { writer } = core
  const flags = endStream ? Flag.END_STREAM : 0
  const mark = beginHeaders(writer, id, flags)
  core.encoder.encode(fields, writer)
  const length = writer.mark - mark - FRAME_HEADER_SIZE
  endHeaders(writer, mark, core.peerSettings.maxFrameSize)
  core.stalls.begin(core.now)
  core.sent(FrameType.HEADERS, flags | Flag.END_HEADERS, id, length)
}
