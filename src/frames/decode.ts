import type { FrameCursor } from './cursor.ts'
import { isPresent } from './fields.ts'
import type { Frame, RawFrame } from './frame.ts'
import { layoutOfType } from './layout.ts'
import { Flag } from './registry.ts'

/** Flags of ORIGIN kept for changes that old clients must not misread. RFC 8336 §2.2. */
const BREAKING_FLAGS = 0x0f

/** The object for the frame on which the cursor stands, or for the piece of DATA: its end and its padding are the last one's. */
export function decodeFrame(cursor: FrameCursor): Frame {
  const { type, streamId, last } = cursor
  const layout = layoutOfType(type)
  if (layout === undefined || cursor.raw) return decodeRaw(cursor)
  const flags = last ? cursor.flags : cursor.flags & ~(Flag.END_STREAM | Flag.PADDED)
  const values: Record<string, unknown> = { kind: layout.kind, streamId, flags }
  for (const field of layout.fields) {
    if (!isPresent(field, flags)) continue
    const value = field.get(cursor)
    if (value === undefined) return decodeRaw(cursor)
    values[field.name] = value
  }
  const frame = values as unknown as Frame
  return cursor.lenient || !isIgnored(frame) ? frame : decodeRaw(cursor)
}

function decodeRaw(cursor: FrameCursor): RawFrame {
  const { type, streamId, flags } = cursor
  return { kind: 'RAW', type, streamId, flags, payload: cursor.view() }
}

/**
 * ALTSVC must name an origin on stream 0, and none on any other stream. RFC 7838 §4. ORIGIN must be on stream 0, without
 * a flag that may change its meaning. RFC 8336 §2.2.
 */
function isIgnored(frame: Frame): boolean {
  const { kind, streamId, flags } = frame
  if (kind === 'ALTSVC') return (streamId === 0) !== (frame.origin !== '')
  return kind === 'ORIGIN' && (streamId !== 0 || (flags & BREAKING_FLAGS) !== 0)
}
