import type { ByteWriter } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'
import { lengthOf, putFrame } from './fields.ts'
import { fieldsOf, isPresent, partsOf, valueFor } from './fields-of-kind.ts'
import type { Frame } from './frame.ts'
import { MAX_FRAME_SIZE, MIN_MAX_FRAME_SIZE } from './frame-header.ts'
import { layoutOf } from './layout.ts'
import { frameFlags, frameType } from './outline.ts'
import { Flag } from './registry.ts'
import { requireFlags, requireOrigin, requirePayloadLength, requirePlace, requireStream, requireType } from './usage.ts'

/** How `writeFrame` writes. */
export interface WriteFrameOptions {
  /** The peer's SETTINGS_MAX_FRAME_SIZE; 16,384 when absent. RFC 9113 §4.2. */
  readonly maxFrameSize?: number | undefined
  /** Writes what breaks the rules too, as long as the length fits its field; numbers lose the bits for which there is no room. */
  readonly lenient?: boolean | undefined
}

/**
 * Writes any frame: known ones with their padding and unknown flags, unknown and malformed ones as raw frames. Fields
 * are copied. The flags PADDED and PRIORITY are set when the frame has the fields they announce. RFC 9113 §4.1.
 *
 * @throws UsageError when the frame breaks a rule that it shows alone, is larger than `maxFrameSize`, or has a value
 * that does not fit its field; nothing is written then
 * @example
 * writeFrame(writer, { kind: 'PING', streamId: 0, flags: 0, opaque: new Uint8Array(8) })
 * writeFrame(writer, { kind: 'RAW', type: 0x4a, streamId: 0, flags: 0xff, payload: Uint8Array.of(1, 2) })
 */
export function writeFrame(w: ByteWriter, frame: Frame, options?: WriteFrameOptions): void {
  const type = frameType(frame)
  const parts = partsOf(frame)
  const flags = frameFlags(frame)
  const lenient = options?.lenient ?? false
  requirePayloadLength(lengthOf(parts), lenient ? MAX_FRAME_SIZE : (options?.maxFrameSize ?? MIN_MAX_FRAME_SIZE))
  if (!lenient) check(frame, type, flags)
  putFrame(w, type, flags, frame.streamId, parts)
  if ('padLength' in frame) putPadding(w, frame.padLength ?? 0)
}

function check(frame: Frame, type: number, flags: number): void {
  const { kind, streamId } = frame
  const section = layoutOf(type)?.section ?? 'RFC 9113 §4.1'
  requireType(type)
  requireFlags(flags)
  // A raw frame is the way to say what no rule here knows: only what the header can hold is checked.
  if (kind === 'RAW') requireStream(streamId, 'RFC 9113 §4.1', 0)
  else requirePlace(type, streamId)
  if (kind === 'SETTINGS' && (flags & Flag.ACK) !== 0 && frame.settings.length > 0) {
    throw new UsageError('SETTINGS with ACK must be empty', section)
  }
  if (kind === 'ALTSVC') requireOrigin(streamId, frame.origin)
  for (const field of fieldsOf(kind)) {
    const value = valueFor(field, frame)
    if (value !== undefined) field.check(value, section)
    // The opposite needs no check, since the writer sets the flag.
    else if (isPresent(field, flags)) throw new UsageError(`the flag ${field.flag} is set without its field`, section)
  }
}

/** Padding is zeros when sent; the writer's buffer may hold old bytes after a rewind. RFC 9113 §6.1. */
function putPadding(w: ByteWriter, padLength: number): void {
  w.reserve(padLength)
  w.bytes.fill(0, w.length, w.length + padLength)
  w.length += padLength
}
