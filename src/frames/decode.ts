import type { FrameCursor } from './cursor.ts'
import { origin, origins, textBehindOrigin } from './fields.ts'
import { fieldsOf, isPresent } from './fields-of-kind.ts'
import type { Frame, RawFrame } from './frame.ts'
import { layoutOf } from './layout.ts'
import { Flag } from './registry.ts'

/** Flags of ORIGIN kept for changes that old clients must not misread. RFC 8336 §2.2. */
const BREAKING_FLAGS = 0x0f

/**
 * The frame on which the reader stands as an object of its own; byte fields are views. A piece of DATA comes as if it were
 * a frame: the padding is on the last piece, and so is END_STREAM. What cannot be taken apart comes as a raw frame with the
 * whole payload, and so does, from a strict reader, an ALTSVC or ORIGIN that its RFC wants ignored.
 */
export function decodeFrame(cursor: FrameCursor): Frame {
  const { type, streamId, last } = cursor
  const layout = layoutOf(type)
  if (layout === undefined || cursor.raw) return decodeRaw(cursor)
  const flags = last ? cursor.flags : cursor.flags & ~(Flag.END_STREAM | Flag.PADDED)
  const values: Record<string, unknown> = { kind: layout.kind, streamId, flags }
  for (const field of fieldsOf(layout.kind)) {
    if (!isPresent(field, flags)) continue
    const value = field.get(cursor)
    if (value === undefined) return decodeRaw(cursor)
    values[field.name] = value
  }
  const frame = values as unknown as Frame
  return cursor.lenient || !isIgnored(frame) ? frame : decodeRaw(cursor)
}

function isIgnored(frame: Frame): boolean {
  if (frame.kind === 'ALTSVC') return isAltSvcIgnored(frame.streamId, frame.origin)
  return frame.kind === 'ORIGIN' && isOriginIgnored(frame.streamId, frame.flags)
}

function decodeRaw(cursor: FrameCursor): RawFrame {
  const { type, streamId, flags } = cursor
  return { kind: 'RAW', type, streamId, flags, payload: cursor.view() }
}

/** Origin and value of ALTSVC; undefined when the frame is to be ignored. */
export function readAltSvc(cursor: FrameCursor): { readonly origin: string; readonly value: string } | undefined {
  const named = origin.get(cursor)
  if (named === undefined || isAltSvcIgnored(cursor.streamId, named)) return undefined
  return { origin: named, value: textBehindOrigin.get(cursor)! }
}

/** The origins of ORIGIN; undefined when the frame is to be ignored. */
export function readOrigin(cursor: FrameCursor): readonly string[] | undefined {
  return isOriginIgnored(cursor.streamId, cursor.flags) ? undefined : origins.get(cursor)
}

/** ALTSVC must name an origin on stream 0, and none on any other stream. RFC 7838 §4. */
function isAltSvcIgnored(streamId: number, named: string): boolean {
  return (streamId === 0) !== (named !== '')
}

/** ORIGIN must be on stream 0, without a flag that may change its meaning. RFC 8336 §2.2. */
function isOriginIgnored(streamId: number, flags: number): boolean {
  return streamId !== 0 || (flags & BREAKING_FLAGS) !== 0
}
