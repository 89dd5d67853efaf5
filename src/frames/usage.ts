import { requireInteger, UsageError } from '../errors/index.ts'
import { MAX_FRAME_SIZE, MAX_STREAM_ID, MIN_MAX_FRAME_SIZE } from './frame-header.ts'
import { layoutOf } from './layout.ts'

/** RFC 9113 §4.2. */
export function requirePayloadLength(length: number, max: number): void {
  requireInteger('the payload length', length, 0, max, 'RFC 9113 §4.2')
}

/** What SETTINGS_MAX_FRAME_SIZE may say. RFC 9113 §4.2. */
export function requireMaxFrameSize(size: number): void {
  requireInteger('maxFrameSize', size, MIN_MAX_FRAME_SIZE, MAX_FRAME_SIZE, 'RFC 9113 §4.2')
}

/** RFC 9113 §4.1. */
export function requireType(type: number): void {
  requireInteger('the frame type', type, 0, 0xff, 'RFC 9113 §4.1')
}

/** Any flags, or those that one place allows. RFC 9113 §4.1. */
export function requireFlags(flags: number, max = 0xff, section = 'RFC 9113 §4.1'): void {
  requireInteger('the flags', flags, 0, max, section)
}

/** A frame that belongs to a stream needs an identifier from 1 to 2^31-1; one that need not may have 0 as `least`. */
export function requireStream(streamId: number, section: string, least = 1): void {
  requireInteger('the stream identifier', streamId, least, MAX_STREAM_ID, section)
}

/** A 32-bit error code; codes outside the registry are allowed. RFC 9113 §7. */
export function requireErrorCode(code: number): void {
  requireInteger('the error code', code, 0, 0xffff_ffff, 'RFC 9113 §7')
}

/** Text that goes out as one octet per character must have no character above 0xff. */
export function requireLatin1(what: string, text: string, section: string): void {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0xff) throw new UsageError(`${what} has a character above 0xff at ${i}`, section)
  }
}

/** The stream must be one on which a frame of the type may be; all may, of a type that is not known. */
export function requirePlace(type: number, streamId: number): void {
  const layout = layoutOf(type)
  const onStream = layout?.onStream
  const section = layout === undefined || onStream === undefined ? 'RFC 9113 §4.1' : layout.section
  requireInteger('the stream identifier', streamId, onStream ? 1 : 0, onStream === false ? 0 : MAX_STREAM_ID, section)
}

/** ALTSVC speaks for its stream, or on stream 0 for the origin that it names. RFC 7838 §4. */
export function requireOrigin(streamId: number, origin: string): void {
  if ((streamId === 0) === (origin !== '')) return
  throw new UsageError('ALTSVC names its origin on stream 0 and on no other stream', 'RFC 7838 §4')
}
