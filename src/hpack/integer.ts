import type { ByteWriter } from '../bytes/index.ts'

/**
 * Writes an integer from 0 to 2^32 - 1, for which the caller has reserved six octets.
 * `pattern` holds the bits before the prefix, `mask` covers the prefix. RFC 7541 §5.1.
 */
export function writeInteger(writer: ByteWriter, pattern: number, mask: number, value: number): void {
  const { bytes } = writer
  if (value < mask) {
    bytes[writer.length++] = pattern | value
    return
  }
  bytes[writer.length++] = pattern | mask
  let rest = value - mask
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[writer.length++] = (rest % 128) | 0x80
  bytes[writer.length++] = rest
}
