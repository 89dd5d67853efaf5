import {
  debugData,
  errorCode,
  type Field,
  headersPriority,
  lastStreamId,
  opaque,
  origin,
  origins,
  type Part,
  padLength,
  priority,
  rest,
  settings,
  text,
  textBehindOrigin,
  u31,
} from './fields.ts'
import type { Frame } from './frame.ts'
import { Flag } from './registry.ts'

const fragment = /* @__PURE__ */ rest('fragment')

/** What stands in the payload of each type, in the order of the wire: what is checked, written, read and described. */
const fields: { readonly [Kind in Frame['kind']]: readonly Field[] } = {
  DATA: [padLength, /* @__PURE__ */ rest('data')],
  HEADERS: [padLength, headersPriority, fragment],
  PRIORITY: [priority],
  RST_STREAM: [errorCode],
  SETTINGS: [settings],
  PUSH_PROMISE: [padLength, /* @__PURE__ */ u31('promisedStreamId'), fragment],
  PING: [opaque],
  GOAWAY: [lastStreamId, errorCode, debugData],
  WINDOW_UPDATE: [/* @__PURE__ */ u31('increment')],
  CONTINUATION: [fragment],
  ALTSVC: [origin, textBehindOrigin],
  ORIGIN: [origins],
  PRIORITY_UPDATE: [/* @__PURE__ */ u31('prioritizedStreamId'), text],
  RAW: [/* @__PURE__ */ rest('payload')],
}

export function fieldsOf(kind: Frame['kind']): readonly Field[] {
  return fields[kind]
}

/** What a frame has for a field. */
export function valueFor({ name }: Field, frame: Frame): unknown {
  return (frame as unknown as Readonly<Record<string, unknown>>)[name]
}

/** The fields that a frame has, with their values. */
export function partsOf(frame: Frame): Part[] {
  const parts = fieldsOf(frame.kind).map((field): Part => [field, valueFor(field, frame)])
  return parts.filter(([, value]) => value !== undefined)
}

/** Whether a frame with these flags has the field. */
export function isPresent({ flag }: Field, flags: number): boolean {
  return flag === undefined || (flags & Flag[flag]) !== 0
}
