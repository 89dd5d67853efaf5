import { type FrameCursor, writable } from './cursor.ts'
import { isPresent, padLength } from './fields.ts'
import { u31At } from './frame-header.ts'
import { layoutOfType } from './layout.ts'
import { paddingRule, type Rule, zeroRule } from './rules.ts'

/**
 * Takes off, from a whole payload at the cursor, what is not the payload proper: pad length, padding, and the fields in
 * front of it. All must fit: padding that reaches into these fields is as wrong as padding as long as the payload.
 * RFC 9113 §6.1, §6.2, §6.6. Gives back the rule that the payload breaks; its size was looked at with the header.
 */
export function takeOffFields(frame: FrameCursor): Rule | undefined {
  const cursor = writable(frame)
  let { start, end } = cursor
  let mayBeZero = true
  for (const field of layoutOfType(cursor.type)?.fields ?? []) {
    if (field.takenOff === undefined || !isPresent(field, cursor.flags)) continue
    if (field === padLength) end -= cursor.bytes[start]
    start += field.size
    mayBeZero = field.notZero !== true
  }
  if (start > end) {
    cursor.raw = true
    return paddingRule(cursor.type)
  }
  cursor.padLength = cursor.end - end
  cursor.start = start
  cursor.end = end
  return mayBeZero || u31At(cursor.bytes, start - 4) !== 0 ? undefined : zeroRule(cursor.type, cursor.streamId)
}
