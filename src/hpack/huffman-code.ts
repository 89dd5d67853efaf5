/**
 * The Huffman code of HPACK. It is canonical: codes of one length count upwards in the order of their symbols, and
 * the next length goes on from there. So the 257 lengths say everything. RFC 7541 Appendix B.
 */

/** Table of facts: the length in bits of the code of each octet, and of EOS at 256. */
export const codeLengths: Uint8Array = new Uint8Array([
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26, 30,
])

/** The symbol that must never be sent; its code is thirty ones, and padding is a prefix of it. RFC 7541 §5.2. */
export const EOS = 256

/** The longest code, in bits. */
export const MAX_CODE_LENGTH = 30

/** All symbols in the order of their codes. */
export const symbolsByCode: Uint16Array = Uint16Array.from({ length: 257 }, (_, symbol) => symbol).sort(
  (a, b) => codeLengths[a]! - codeLengths[b]! || a - b,
)

/** The code of each octet, and of EOS at 256, aligned to the right. */
export const codes: Uint32Array = assignCodes()

function assignCodes(): Uint32Array {
  const assigned = new Uint32Array(257)
  let next = 0
  let length = codeLengths[symbolsByCode[0]!]!
  for (const symbol of symbolsByCode) {
    next <<= codeLengths[symbol]! - length
    length = codeLengths[symbol]!
    assigned[symbol] = next++
  }
  return assigned
}
