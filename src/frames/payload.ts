import { type FrameCursor, writable } from './cursor.ts'
import { Flag, FrameType } from './registry.ts'
import { incrementZero, paddingRules, prioritizedStreamZero, promisedStreamZero, type Rule } from './rules.ts'

/**
 * Takes off, from a whole payload at the cursor, what is not the payload proper: pad length, padding, and the fixed
 * fields that have an accessor. Gives back the rule that the payload breaks; its size was looked at with the header.
 */
export function takeOffFields(cursor: FrameCursor): Rule | undefined {
  switch (cursor.type) {
    case FrameType.DATA:
      return takeOff(cursor, 0)
    case FrameType.HEADERS:
      return takeOff(cursor, (cursor.flags & Flag.PRIORITY) === 0 ? 0 : 5)
    case FrameType.PUSH_PROMISE: {
      // RFC 9113 §6.6: stream 0 is no stream that could be promised.
      const rule = takeOff(cursor, 4)
      return rule === undefined && cursor.promisedStreamId === 0 ? promisedStreamZero : rule
    }
    case FrameType.RST_STREAM:
      writable(cursor).start += 4
      return undefined
    case FrameType.GOAWAY:
      writable(cursor).start += 8
      return undefined
    case FrameType.WINDOW_UPDATE:
      // RFC 9113 §6.9: an increment is at least 1.
      writable(cursor).start += 4
      return cursor.increment === 0 ? incrementZero(cursor.streamId) : undefined
    case FrameType.PRIORITY_UPDATE:
      // RFC 9218 §7.1: stream 0 has no priority.
      writable(cursor).start += 4
      return cursor.prioritizedStreamId === 0 ? prioritizedStreamZero : undefined
    default:
      return undefined
  }
}

/**
 * Takes off the pad length, `fixed` octets and the padding, all of which must fit: padding that reaches into the fixed
 * fields is as wrong as padding as long as the payload. RFC 9113 §6.1, §6.2, §6.6.
 */
function takeOff(frame: FrameCursor, fixed: number): Rule | undefined {
  const cursor = writable(frame)
  const padded = (cursor.flags & Flag.PADDED) !== 0
  const padLength = padded ? cursor.bytes[cursor.start] : 0
  const start = cursor.start + (padded ? 1 : 0) + fixed
  const end = cursor.end - padLength
  if (start > end) {
    cursor.raw = true
    return paddingRules[cursor.type]
  }
  cursor.padLength = padLength
  cursor.start = start
  cursor.end = end
  return undefined
}
