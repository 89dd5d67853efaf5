import type { ByteWriter } from '../bytes/index.ts'
import { requireFlags, requirePayloadLength, requireStream, requireType } from './usage.ts'

/** Every frame begins with a header of nine octets. RFC 9113 §4.1. */
export const FRAME_HEADER_SIZE = 9
/** The frame size that everybody must accept, and the initial SETTINGS_MAX_FRAME_SIZE. RFC 9113 §4.2. */
export const MIN_MAX_FRAME_SIZE = 16_384
/** The greatest length that the 24-bit field can tell. RFC 9113 §4.2. */
export const MAX_FRAME_SIZE = 0xff_ffff
/** Stream identifiers, and all other 31-bit fields, end here. RFC 9113 §4.1. */
export const MAX_STREAM_ID = 0x7fff_ffff

/**
 * Writes the nine octets of a frame header; the caller then writes `length` octets of payload.
 * Which flags and stream fit which type is not checked, so this is also the way to unknown and malformed frames.
 * RFC 9113 §4.1.
 *
 * @param length of the payload, at most 2^24-1
 * @throws UsageError when a value does not fit its field
 * @example
 * writeFrameHeader(writer, 3, 0x4a, 0, 0)
 * writer.latin1('abc')
 */
export function writeFrameHeader(w: ByteWriter, length: number, type: number, flags: number, streamId: number): void {
  requirePayloadLength(length, MAX_FRAME_SIZE)
  requireType(type)
  requireFlags(flags)
  requireStream(streamId, 'RFC 9113 §4.1', 0)
  putFrameHeader(w, length, type, flags, streamId)
}

/** Writes a frame header whose values were checked, or are wrong on purpose. RFC 9113 §4.1. */
export function putFrameHeader(w: ByteWriter, length: number, type: number, flags: number, streamId: number): void {
  w.reserve(FRAME_HEADER_SIZE)
  const { bytes } = w
  const at = w.length
  bytes[at] = length >>> 16
  bytes[at + 1] = length >>> 8
  bytes[at + 2] = length
  bytes[at + 3] = type
  bytes[at + 4] = flags
  bytes[at + 5] = streamId >>> 24
  bytes[at + 6] = streamId >>> 16
  bytes[at + 7] = streamId >>> 8
  bytes[at + 8] = streamId
  w.length = at + FRAME_HEADER_SIZE
}

/** The unsigned 32-bit integer at `at`. */
export function u32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

/** The unsigned 31-bit integer at `at`; the reserved bit above it is ignored. RFC 9113 §4.1. */
export function u31At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] & 0x7f) << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
}

/** The unsigned 16-bit integer at `at`. */
export function u16At(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1]
}
