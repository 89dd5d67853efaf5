import { codeLengths, codes, EOS, MAX_CODE_LENGTH, symbolsByCode } from './huffman-code.ts'

/** A Huffman string that held EOS. RFC 7541 §5.2. */
export const EOS_FOUND = -1
/** A Huffman string that ended in more than 7 bits of padding, or in padding that isn't all ones. RFC 7541 §5.2. */
export const BAD_PADDING = -2

/**
 * How many bits one step looks at. 12 bits hold two codes of the common characters, and the codes of all printable
 * octets but a few rare signs; the 4096 entries stay in the first-level cache.
 */
const PEEK = 12

/**
 * For each 12 bits: length of the whole codes in them, two at most, first octet << 8, second octet << 16, number of whole
 * codes << 24. An entry is 0 where the first code is longer than 12 bits. The length stands where a shift looks for it.
 */
const steps: Int32Array = tabulate()

function tabulate(): Int32Array {
  const table = new Int32Array(1 << PEEK)
  for (const first of symbolsByCode) {
    const length = codeLengths[first]!
    if (length > PEEK) break
    const start = codes[first]! << (PEEK - length)
    table.fill(length | (first << 8) | (1 << 24), start, start + (1 << (PEEK - length)))
    for (const second of symbolsByCode) {
      const both = length + codeLengths[second]!
      if (both > PEEK) break
      const at = start + (codes[second]! << (PEEK - both))
      table.fill(both | (first << 8) | (second << 16) | (2 << 24), at, at + (1 << (PEEK - both)))
    }
  }
  return table
}

/**
 * Decodes `source[at..end)` into `target` and returns how many octets came out, or EOS_FOUND or BAD_PADDING.
 * `target` needs room for 8/5 of the input and one octet more: the shortest code has 5 bits. It is a plain array because
 * strings are made from one.
 *
 * Two steps to each look at four octets, of which 25 bits are still to be read at least. Measured: 2.3 ns a character, and 2.8
 * where bits are filled up as they run out, since it can't be foretold when that is.
 */
export function decodeHuffman(source: Uint8Array, at: number, end: number, target: number[]): number {
  const size = (end - at) * 8
  let position = 0
  let length = 0
  for (;;) {
    while (position <= size - 32) {
      const octet = at + (position >>> 3)
      const four = (source[octet]! << 24) | (source[octet + 1]! << 16) | (source[octet + 2]! << 8) | source[octet + 3]!
      const window = four << (position & 7)
      const step = steps[window >>> 20]!
      if (step === 0) break
      const next = steps[(window << step) >>> 20]!
      // Both octets are written without asking whether the second one is there: no branch to mispredict.
      target[length] = (step >> 8) & 0xff
      target[length + 1] = (step >> 16) & 0xff
      length += step >> 24
      target[length] = (next >> 8) & 0xff
      target[length + 1] = (next >> 16) & 0xff
      length += next >> 24
      position += (step & 31) + (next & 31)
    }
    let left = size - position
    let window = left < 32 ? lastBits(source, end, left) : windowAt(source, at, position)
    for (;;) {
      const step = steps[window >>> 20]!
      if (step === 0) break
      const octet = (step >> 8) & 0xff
      let used = step & 31
      target[length] = octet
      if (used <= left) {
        target[length + 1] = (step >> 16) & 0xff
        length += step >> 24
      } else {
        used = codeLengths[octet]!
        if (used > left) break
        length++
      }
      left -= used
      window = ~(~window << used)
    }
    if (left < PEEK) return left > 7 || window !== -1 ? BAD_PADDING : length
    const symbol = longSymbol(window >>> 2)
    const codeLength = codeLengths[symbol]!
    if (codeLength > left) return BAD_PADDING
    if (symbol === EOS) return EOS_FOUND
    target[length++] = symbol
    position = size - left + codeLength
  }
}

/** The last bits, less than 32, filled up with ones. */
function lastBits(source: Uint8Array, end: number, left: number): number {
  let bits = 0
  for (let at = end - ((left + 7) >> 3); at < end; at++) bits = (bits << 8) | source[at]!
  return ~((~bits << (31 - left)) << 1)
}

/** 32 bits from bit `position` of what begins at `start`. */
function windowAt(source: Uint8Array, start: number, position: number): number {
  let at = start + (position >>> 3)
  let bits = 0
  for (const stop = at + 4; at < stop; at++) bits = (bits << 8) | source[at]!
  const shift = position & 7
  // With a shift of 0 nothing is taken of the fifth octet, which may be beyond the end.
  return (bits << shift) | (source[at]! >>> (8 - shift))
}

/** The codes of one length. */
interface CodeRun {
  readonly length: number
  /** The first of them, and its place among all codes. */
  readonly first: number
  readonly rank: number
  /** Where they end, aligned to 30 bits. */
  readonly end: number
}

/** The codes of each length above 12, the shortest first; see `longSymbol`. */
const longCodes: readonly CodeRun[] = findLongCodes()

function findLongCodes(): CodeRun[] {
  const runs: CodeRun[] = []
  for (let rank = 0, next = 0; rank < symbolsByCode.length; rank = next) {
    const symbol = symbolsByCode[rank]!
    const length = codeLengths[symbol]!
    const first = codes[symbol]!
    while (next < symbolsByCode.length && codeLengths[symbolsByCode[next]!] === length) next++
    if (length > PEEK) runs.push({ length, first, rank, end: (first + next - rank) * 2 ** (MAX_CODE_LENGTH - length) })
  }
  return runs
}

/** The symbol whose code begins the 30 bits of `window`, which begin with a code of more than 12 bits. */
function longSymbol(window: number): number {
  // Canonical: codes of one length are consecutive, and smaller than all longer ones when aligned to the left.
  for (const { length, first, rank, end } of longCodes) {
    if (window < end) return symbolsByCode[rank + (window >>> (MAX_CODE_LENGTH - length)) - first]!
  }
  return EOS
}
