import { UsageError } from '../errors/index.ts'

/** Refuses a number that is not a whole one from `min` to `max`, before anything is written. */
export function requireRange(what: string, value: number, min: number, max: number, section: string): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  const wanted = min === max ? min : `a whole number from ${min} to ${max}`
  throw new UsageError(`${what} must be ${wanted}, not ${value}`, section)
}

/** A frame that belongs to a stream needs an identifier from 1 to 2^31-1. */
export function requireStream(streamId: number, section: string): void {
  requireRange('the stream identifier', streamId, 1, 0x7fff_ffff, section)
}

/** A frame that belongs to the connection carries the stream identifier 0. */
export function requireStreamZero(streamId: number, section: string): void {
  if (streamId !== 0) throw new UsageError(`the stream identifier must be 0, not ${streamId}`, section)
}

/** A 32-bit error code; codes outside the registry are allowed. RFC 9113 §7. */
export function requireErrorCode(code: number): void {
  requireRange('the error code', code, 0, 0xffff_ffff, 'RFC 9113 §7')
}

/** Text that goes out as one octet per character must have no character above 0xff. */
export function requireLatin1(what: string, text: string, section: string): void {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0xff) throw new UsageError(`${what} has a character above 0xff at ${i}`, section)
  }
}

/** A flag says that fields are present: then the frame must have them. The opposite case needs no check, since the writer sets the flag. */
export function requireFieldOfFlag(flags: number, flag: number, field: unknown, what: string, section: string): void {
  if ((flags & flag) !== 0 && field === undefined)
    throw new UsageError(`the flag ${what} is set without its field`, section)
}
