import { codeLengths, codes } from './huffman-code.ts'
import { notOctets } from './octet-string.ts'

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
 *
 * @throws UsageError if `text` has a character above 0xff; what was written then is worth nothing.
 */
export function encodeHuffman(text: string, target: Uint8Array, at: number): number {
  let bits = 0 // pending bits, aligned to the left
  let seen = 0
  let free = 32 // how many bits of `bits` are still unused
  for (let i = 0; i < text.length; i++) {
    const octet = text.charCodeAt(i)
    seen |= octet
    const code = codes[octet & 0xff]!
    const length = codeLengths[octet & 0xff]!
    if (length < free) {
      free -= length
      bits |= code << free
      continue
    }
    // The code fills the 32 bits: they go out, and the rest of it, perhaps nothing, begins the next ones.
    const rest = length - free
    bits |= code >>> rest
    target[at] = bits >>> 24
    target[at + 1] = bits >>> 16
    target[at + 2] = bits >>> 8
    target[at + 3] = bits
    at += 4
    free = 32 - rest
    bits = rest === 0 ? 0 : code << free
  }
  if (seen > 0xff) throw notOctets()
  // Padding: the first bits of the code of EOS, which are ones. By a shift: a power of two is computed as a float, and
  // that took a sixth of all the encoder's time.
  bits |= -1 >>> (32 - free)
  for (; free < 32; free += 8) {
    target[at++] = bits >>> 24
    bits <<= 8
  }
  return at
}
