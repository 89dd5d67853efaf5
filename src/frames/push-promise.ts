import type { ByteWriter } from '../bytes/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { PushPromiseFrame } from './frame.ts'
import { MAX_STREAM_ID } from './frame-header.ts'
import { putPadding, requirePadding } from './padding.ts'
import { Flag } from './registry.ts'
import { requireRange, requireStream } from './usage.ts'

const SECTION = 'RFC 9113 §6.6'

export function checkPushPromise(frame: PushPromiseFrame): void {
  requireStream(frame.streamId, SECTION)
  requireRange('the promised stream', frame.promisedStreamId, 1, MAX_STREAM_ID, SECTION)
  requirePadding(frame, SECTION)
}

export function putPushPromise(w: ByteWriter, { promisedStreamId, fragment, padLength }: PushPromiseFrame): void {
  if (padLength !== undefined) w.u8(padLength)
  w.u32(promisedStreamId)
  w.write(fragment)
  putPadding(w, padLength)
}

export function decodePushPromise(cursor: FrameCursor): PushPromiseFrame {
  const { streamId, flags, promisedStreamId, padLength } = cursor
  return {
    kind: 'PUSH_PROMISE',
    streamId,
    flags,
    promisedStreamId,
    fragment: cursor.view(),
    ...((flags & Flag.PADDED) === 0 ? {} : { padLength }),
  }
}
