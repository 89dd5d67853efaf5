import type { ByteWriter } from '../bytes/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { ContinuationFrame, HeadersFrame } from './frame.ts'
import { putPadding, requirePadding } from './padding.ts'
import { PRIORITY_SIZE, priorityAt, putPriority, requirePriority } from './priority.ts'
import { Flag } from './registry.ts'
import { requireFieldOfFlag, requireStream } from './usage.ts'

const SECTION = 'RFC 9113 §6.2'

export function checkHeaders(frame: HeadersFrame): void {
  requireStream(frame.streamId, SECTION)
  requirePadding(frame, SECTION)
  requireFieldOfFlag(frame.flags, Flag.PRIORITY, frame.priority, 'PRIORITY', SECTION)
  if (frame.priority !== undefined) requirePriority(frame.priority, SECTION)
}

export function putHeaders(w: ByteWriter, { fragment, padLength, priority }: HeadersFrame): void {
  if (padLength !== undefined) w.u8(padLength)
  if (priority !== undefined) putPriority(w, priority)
  w.write(fragment)
  putPadding(w, padLength)
}

/** The priority fields stand before the fragment, so they are found from its start. */
export function decodeHeaders(cursor: FrameCursor): HeadersFrame {
  const { streamId, flags, bytes, start, padLength } = cursor
  return {
    kind: 'HEADERS',
    streamId,
    flags,
    fragment: cursor.view(),
    ...((flags & Flag.PADDED) === 0 ? {} : { padLength }),
    ...((flags & Flag.PRIORITY) === 0 ? {} : { priority: priorityAt(bytes, start - PRIORITY_SIZE) }),
  }
}

export function checkContinuation({ streamId }: ContinuationFrame): void {
  requireStream(streamId, 'RFC 9113 §6.10')
}

export function putContinuation(w: ByteWriter, { fragment }: ContinuationFrame): void {
  w.write(fragment)
}

export function decodeContinuation(cursor: FrameCursor): ContinuationFrame {
  const { streamId, flags } = cursor
  return { kind: 'CONTINUATION', streamId, flags, fragment: cursor.view() }
}
