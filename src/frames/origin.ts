import { type ByteWriter, latin1Decode } from '../bytes/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { OriginFrame } from './frame.ts'
import { MAX_FRAME_SIZE, putFrameHeader, u16At } from './frame-header.ts'
import { FrameType } from './registry.ts'
import { requireLatin1, requireRange, requireStreamZero } from './usage.ts'

const SECTION = 'RFC 8336 §2.1'
/** Flags kept for changes that old clients must not misread: a frame with one of them is ignored. RFC 8336 §2.2. */
const BREAKING_FLAGS = 0x0f

/**
 * Writes ORIGIN: the origins for which the connection may be used. RFC 8336 §2.
 *
 * @param origins ASCII serialisations, for example `https://example.com`; none at all is allowed
 * @throws UsageError when an origin does not fit
 */
export function writeOrigin(w: ByteWriter, origins: readonly string[]): void {
  requireOrigins(origins)
  putFrameHeader(w, originsSize(origins), FrameType.ORIGIN, 0, 0)
  putOrigins(w, origins)
}

export function checkOrigin({ streamId, origins }: OriginFrame): void {
  requireStreamZero(streamId, 'RFC 8336 §2.2')
  requireOrigins(origins)
}

export function putOrigin(w: ByteWriter, { origins }: OriginFrame): void {
  putOrigins(w, origins)
}

/**
 * Undefined when an entry is longer than what is left of the frame: the RFC is silent here, and we ignore such a frame,
 * since ORIGIN is not critical and half a list of origins would be worse than none.
 */
export function decodeOrigin({ streamId, flags, bytes, start, end }: FrameCursor): OriginFrame | undefined {
  const origins: string[] = []
  let at = start
  while (at < end) {
    if (end - at < 2) return undefined
    const next = at + 2 + u16At(bytes, at)
    if (next > end) return undefined
    origins.push(latin1Decode(bytes, at + 2, next))
    at = next
  }
  return { kind: 'ORIGIN', streamId, flags, origins }
}

/** Off stream 0, or with a flag that may change its meaning, the frame is to be ignored. RFC 8336 §2.2. */
export function isOriginValid({ streamId, flags }: OriginFrame): boolean {
  return streamId === 0 && (flags & BREAKING_FLAGS) === 0
}

/** The payload length that `origins` take. */
export function originsSize(origins: readonly string[]): number {
  return origins.reduce((size, origin) => size + 2 + origin.length, 0)
}

function requireOrigins(origins: readonly string[]): void {
  for (const origin of origins) {
    requireRange('the length of an origin', origin.length, 0, 0xffff, SECTION)
    requireLatin1('an origin', origin, SECTION)
  }
  requireRange('the size of all origins', originsSize(origins), 0, MAX_FRAME_SIZE, 'RFC 9113 §4.2')
}

function putOrigins(w: ByteWriter, origins: readonly string[]): void {
  for (const origin of origins) {
    w.u16(origin.length)
    w.latin1(origin)
  }
}
