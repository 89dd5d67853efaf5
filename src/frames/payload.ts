import { type FrameCursor, writable } from './cursor.ts'
import { u31At } from './frame-header.ts'
import { layoutOf } from './layout.ts'
import { isPadded, optionalSize, paddingRule, type Rule, zeroRule } from './rules.ts'

/**
 * Takes off, from a whole payload at the cursor, what is not the payload proper: pad length, padding, and the fields in
 * front of it. All must fit: padding that reaches into these fields is as wrong as padding as long as the payload.
 * RFC 9113 §6.1, §6.2, §6.6. Gives back the rule that the payload breaks; its size was looked at with the header.
 */
export function takeOffFields(frame: FrameCursor): Rule | undefined {
  const cursor = writable(frame)
  const layout = layoutOf(cursor.type)
  if (layout === undefined) return undefined
  const padLength = isPadded(cursor.type, cursor.flags) ? cursor.bytes[cursor.start] : 0
  const start = cursor.start + optionalSize(cursor.type, cursor.flags) + layout.takenOff
  const end = cursor.end - padLength
  if (start > end) {
    cursor.raw = true
    return paddingRule(layout.section)
  }
  cursor.padLength = padLength
  cursor.start = start
  cursor.end = end
  if (layout.notZero === undefined || u31At(cursor.bytes, start - 4) !== 0) return undefined
  return zeroRule(layout, cursor.streamId)
}
