/**
 * Writes an integer from 0 to 2^32 - 1 and returns where it ended: at most six octets.
 * `pattern` holds the bits before the prefix, `mask` covers the prefix. RFC 7541 §5.1.
 */
export function writeInteger(bytes: Uint8Array, at: number, pattern: number, mask: number, value: number): number {
  if (value < mask) {
    bytes[at] = pattern | value
    return at + 1
  }
  bytes[at++] = pattern | mask
  let rest = value - mask
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 0x80
  bytes[at] = rest
  return at + 1
}
