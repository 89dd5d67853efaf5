import { latin1Decode } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'

/** Strings up to this length are made the quick way. */
const QUICK = 64

/** One array of each length, written anew for each string. */
const characters: readonly number[][] = Array.from({ length: QUICK + 1 }, (_, n) => Array.from({ length: n }, () => 0))

/**
 * The octets `bytes[start..end)` as a string of one character each. It is flat and stands for itself: it keeps no
 * block alive and is cheap to compare. Measured for 20 octets: 64 ns from an array of the right length, 134 ns from a
 * view of the bytes, 187 ns by appending single characters.
 */
export function octetString(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start
  if (length > QUICK) return latin1Decode(bytes, start, end)
  const codes = characters[length]!
  for (let i = 0; i < length; i++) codes[i] = bytes[start + i]!
  return String.fromCharCode.apply(null, codes)
}

/** For strings that V8 holds with one byte a character, which is nearly all, the answer comes without a look at them. */
const beyondOctets = /[\u0100-\uffff]/

/**
 * Measured for the names and values of real requests: 16 ns a string, where a loop over the characters takes 37 ns.
 *
 * @throws UsageError if `text` isn't a string of octets, one per character.
 */
export function checkOctets(text: string): void {
  if (typeof text !== 'string') throw notString()
  if (beyondOctets.test(text)) throw notOctets()
}

export function notOctets(): UsageError {
  return new UsageError('a field name or value has a character above 0xff', 'RFC 7541 §5.2')
}

export function notString(): UsageError {
  return new UsageError('a field name or value is not a string', 'RFC 7541 §5.2')
}
