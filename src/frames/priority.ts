import type { ByteWriter } from '../bytes/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { Priority, PriorityFrame } from './frame.ts'
import { MAX_STREAM_ID, putFrameHeader, u31At } from './frame-header.ts'
import { FrameType } from './registry.ts'
import { requireRange, requireStream } from './usage.ts'

const SECTION = 'RFC 9113 §6.3'
/** Exclusive bit, dependency and weight, in PRIORITY and in HEADERS. */
export const PRIORITY_SIZE = 5

/**
 * Writes PRIORITY, which is deprecated: peers that follow RFC 9113 read past it. RFC 9113 §6.3, §5.3.2.
 *
 * @throws UsageError on stream 0 or a value that does not fit its field
 */
export function writePriority(w: ByteWriter, streamId: number, priority: Priority): void {
  requireStream(streamId, SECTION)
  requirePriority(priority, SECTION)
  putFrameHeader(w, PRIORITY_SIZE, FrameType.PRIORITY, 0, streamId)
  putPriority(w, priority)
}

export function requirePriority({ dependency, weight }: Priority, section: string): void {
  requireRange('the stream dependency', dependency, 0, MAX_STREAM_ID, section)
  requireRange('the weight', weight, 0, 0xff, section)
}

export function checkPriority({ streamId, priority }: PriorityFrame): void {
  requireStream(streamId, SECTION)
  requirePriority(priority, SECTION)
}

export function putPriority(w: ByteWriter, { exclusive, dependency, weight }: Priority): void {
  w.u32(exclusive ? dependency | 0x8000_0000 : dependency)
  w.u8(weight)
}

export function priorityAt(bytes: Uint8Array, at: number): Priority {
  return { exclusive: (bytes[at] & 0x80) !== 0, dependency: u31At(bytes, at), weight: bytes[at + 4] }
}

export function decodePriority({ streamId, flags, bytes, start }: FrameCursor): PriorityFrame {
  return { kind: 'PRIORITY', streamId, flags, priority: priorityAt(bytes, start) }
}
