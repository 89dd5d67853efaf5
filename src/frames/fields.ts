import { type ByteWriter, latin1Decode } from '../bytes/index.ts'
import { requireInteger } from '../errors/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { Priority, SettingEntry } from './frame.ts'
import { MAX_STREAM_ID, putFrameHeader, u16At, u31At } from './frame-header.ts'
import { FrameType } from './registry.ts'
import { requireErrorCode, requireLatin1 } from './usage.ts'

/** One field of a payload: how it is checked, written and read. */
export interface Field<Value = unknown> {
  /** The property of the frame that holds it. */
  readonly name: string
  /** The flag that announces it; without one it is always there. */
  readonly flag?: 'PADDED' | 'PRIORITY'
  /** The octets that `value` takes. */
  length(value: Value): number
  /** @throws UsageError when the value does not fit, or breaks a rule */
  check(value: Value, section: string): unknown
  put(w: ByteWriter, value: Value): void
  /** Undefined when the octets make no value: then the frame comes as a raw one. */
  get(cursor: FrameCursor): Value | undefined
}

/** A field and what stands in it. */
export type Part = readonly [field: Field, value: unknown]

/** The octets that they take. */
export function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((length, [field, value]) => length + field.length(value), 0)
}

/** Writes them behind the header of their frame; all was checked, or is wrong on purpose. */
export function putFrame(w: ByteWriter, type: number, flags: number, streamId: number, parts: readonly Part[]): void {
  putFrameHeader(w, lengthOf(parts), type, flags, streamId)
  for (const [field, value] of parts) field.put(w, value)
}

type Check<Value> = (value: Value, section: string) => unknown

// Bundles keep what is made at the start by more than a literal or a call that is marked as pure.

/** 31 bits, of a stream or of a window. */
export function u31(
  name: 'errorCode' | 'increment' | 'lastStreamId' | 'prioritizedStreamId' | 'promisedStreamId',
  least = 1,
  check: Check<number> = (value, section) => requireInteger(name, value, least, MAX_STREAM_ID, section),
): Field<number> {
  return {
    name,
    length: () => 4,
    check,
    put: (w, value) => w.u32(value),
    get: (cursor) => cursor[name],
  }
}

/** 32 bits. RFC 9113 §7. */
export const errorCode: Field<number> = /* @__PURE__ */ u31('errorCode', 0, requireErrorCode)

/** RFC 9113 §6.8. */
export const lastStreamId: Field<number> = /* @__PURE__ */ u31('lastStreamId', 0)

/** All that is left of the payload, as octets. */
export function rest(name: string, check: Check<Uint8Array> = () => {}): Field<Uint8Array> {
  return {
    name,
    length: (value) => value.length,
    check,
    put: (w, value) => w.write(value),
    get: (cursor) => cursor.view(),
  }
}

/** RFC 9113 §6.8. */
export const debugData: Field<Uint8Array> = /* @__PURE__ */ rest('debugData')

/** RFC 9113 §6.7. */
export const opaque: Field<Uint8Array> = /* @__PURE__ */ rest('opaque', (value, section) =>
  requireInteger('the number of octets', value.length, 8, 8, section),
)

/** The pad length, counted with the padding; that is written behind all fields. RFC 9113 §6.1. */
export const padLength: Field<number> = {
  name: 'padLength',
  flag: 'PADDED',
  length: (value) => 1 + value,
  check: (value, section) => requireInteger('padLength', value, 0, 0xff, section),
  put: (w, value) => w.u8(value),
  get: (cursor) => cursor.padLength,
}

/** Exclusive bit, dependency and weight. RFC 9113 §6.3. */
export const priority: Field<Priority> = {
  name: 'priority',
  length: () => 5,
  check({ dependency, weight }, section) {
    requireInteger('the stream dependency', dependency, 0, MAX_STREAM_ID, section)
    requireInteger('the weight', weight, 0, 0xff, section)
  },
  put(w, { exclusive, dependency, weight }) {
    w.u32(exclusive ? dependency | 0x8000_0000 : dependency)
    w.u8(weight)
  },
  get({ type, bytes, start }) {
    const at = type === FrameType.HEADERS ? start - 5 : start
    return { exclusive: (bytes[at] & 0x80) !== 0, dependency: u31At(bytes, at), weight: bytes[at + 4] }
  },
}

/** The same in HEADERS. RFC 9113 §6.2. */
export const headersPriority: Field<Priority> = /* @__PURE__ */ announcedBy('PRIORITY', priority)

function announcedBy<Value>(flag: Field['flag'] & string, field: Field<Value>): Field<Value> {
  return { ...field, flag }
}

/** RFC 9113 §6.5.1. Whether a value is legal for its setting is not looked at. */
export const settings: Field<readonly SettingEntry[]> = {
  name: 'settings',
  length: (entries) => entries.length * 6,
  check(entries) {
    for (const [id, value] of entries) {
      requireInteger('the setting identifier', id, 0, 0xffff, 'RFC 9113 §6.5.1')
      requireInteger('the setting value', value, 0, 0xffff_ffff, 'RFC 9113 §6.5.1')
    }
  },
  put(w, entries) {
    for (const [id, value] of entries) {
      w.u16(id)
      w.u32(value)
    }
  },
  get(cursor) {
    const entries: SettingEntry[] = []
    for (let i = 0; i < cursor.settingCount; i++) entries.push([cursor.settingId(i), cursor.settingValue(i)])
    return entries
  },
}

function value(get: Field<string>['get']): Field<string> {
  return {
    name: 'value',
    length: (text) => text.length,
    check: (text, section) => requireLatin1('the value', text, section),
    put: (w, text) => w.latin1(text),
    get,
  }
}

/** A Priority field value. RFC 9218 §7.1. */
export const text: Field<string> = /* @__PURE__ */ value(({ bytes, start, end }) => latin1Decode(bytes, start, end))

/** An Alt-Svc field value, behind an origin. RFC 7838 §4. */
export const textBehindOrigin: Field<string> = /* @__PURE__ */ value(({ bytes, start, end }) =>
  latin1Decode(bytes, start + 2 + u16At(bytes, start), end),
)

/** An origin behind its length. RFC 7838 §4. */
export const origin: Field<string> = {
  name: 'origin',
  length: (value) => 2 + value.length,
  check(value, section) {
    requireInteger('the length of an origin', value.length, 0, 0xffff, section)
    requireLatin1('an origin', value, section)
  },
  put(w, value) {
    w.u16(value.length)
    w.latin1(value)
  },
  get: ({ bytes, start, end }) => originAt(bytes, start, end),
}

/** RFC 8336 §2.1. */
export const origins: Field<readonly string[]> = {
  name: 'origins',
  length: (value) => value.reduce((length, each) => length + origin.length(each), 0),
  check(value) {
    for (const each of value) origin.check(each, 'RFC 8336 §2.1')
  },
  put(w, value) {
    for (const each of value) origin.put(w, each)
  },
  // The RFC is silent about an entry longer than what is left. Such a frame is ignored, since ORIGIN is not critical and
  // half a list of origins would be worse than none.
  get({ bytes, start, end }) {
    const value: string[] = []
    for (let at = start; at < end; ) {
      const each = originAt(bytes, at, end)
      if (each === undefined) return undefined
      value.push(each)
      at += origin.length(each)
    }
    return value
  },
}

/** Undefined when it is longer than what is left; what stands for its length may lie beyond that too. */
function originAt(bytes: Uint8Array, at: number, end: number): string | undefined {
  const next = at + 2 + u16At(bytes, at)
  return next > end ? undefined : latin1Decode(bytes, at + 2, next)
}
