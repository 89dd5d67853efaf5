import { type ByteWriter, latin1Decode } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { AltSvcFrame } from './frame.ts'
import { MAX_FRAME_SIZE, MAX_STREAM_ID, putFrameHeader, u16At } from './frame-header.ts'
import { FrameType } from './registry.ts'
import { requireLatin1, requireRange } from './usage.ts'

const SECTION = 'RFC 7838 §4'

/**
 * Writes ALTSVC: on stream 0 for the `origin` named, on another stream for that stream's origin, and then `origin` is
 * empty. RFC 7838 §4.
 *
 * @param origin ASCII serialisation, for example `https://example.com`
 * @param value an Alt-Svc field value, for example `h2=":443"`
 * @throws UsageError when origin and stream do not go together, or something does not fit
 */
export function writeAltSvc(w: ByteWriter, streamId: number, origin: string, value: string): void {
  requireFields(streamId, origin, value)
  putFrameHeader(w, 2 + origin.length + value.length, FrameType.ALTSVC, 0, streamId)
  putFields(w, origin, value)
}

export function checkAltSvc({ streamId, origin, value }: AltSvcFrame): void {
  requireFields(streamId, origin, value)
}

export function putAltSvc(w: ByteWriter, { origin, value }: AltSvcFrame): void {
  putFields(w, origin, value)
}

/** Undefined when the origin is longer than the frame; such a frame is ignored, as RFC 7838 §4 ignores all invalid ones. */
export function decodeAltSvc({ streamId, flags, bytes, start, end }: FrameCursor): AltSvcFrame | undefined {
  if (end - start < 2) return undefined
  const middle = start + 2 + u16At(bytes, start)
  if (middle > end) return undefined
  const origin = latin1Decode(bytes, start + 2, middle)
  return { kind: 'ALTSVC', streamId, flags, origin, value: latin1Decode(bytes, middle, end) }
}

/** On stream 0 an origin must be named, on any other stream none may be; else the frame is to be ignored. RFC 7838 §4. */
export function isAltSvcValid({ streamId, origin }: AltSvcFrame): boolean {
  return (streamId === 0) === (origin !== '')
}

function requireFields(streamId: number, origin: string, value: string): void {
  requireRange('the stream identifier', streamId, 0, MAX_STREAM_ID, 'RFC 9113 §4.1')
  requireRange('the length of the origin', origin.length, 0, 0xffff, SECTION)
  requireRange('the length of the value', value.length, 0, MAX_FRAME_SIZE - 2 - origin.length, 'RFC 9113 §4.2')
  requireLatin1('the origin', origin, SECTION)
  requireLatin1('the value', value, SECTION)
  if ((streamId === 0) !== (origin !== '')) {
    throw new UsageError('ALTSVC names its origin on stream 0 and on no other stream', SECTION)
  }
}

function putFields(w: ByteWriter, origin: string, value: string): void {
  w.u16(origin.length)
  w.latin1(origin)
  w.latin1(value)
}
