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
 * For each 12 bits: first octet, second octet << 8, length of the first code << 16, length of both << 20,
 * number of whole codes << 24. An entry is 0 where the first code is longer than 12 bits.
 */
const steps: Int32Array = tabulate()

function tabulate(): Int32Array {
  const table = new Int32Array(1 << PEEK)
  for (const first of symbolsByCode) {
    const length = codeLengths[first]!
    if (length > PEEK) break
    const start = codes[first]! << (PEEK - length)
    table.fill(first | (length << 16) | (length << 20) | (1 << 24), start, start + (1 << (PEEK - length)))
    for (const second of symbolsByCode) {
      const both = length + codeLengths[second]!
      if (both > PEEK) break
      const at = start + (codes[second]! << (PEEK - both))
      table.fill(first | (second << 8) | (length << 16) | (both << 20) | (2 << 24), at, at + (1 << (PEEK - both)))
    }
  }
  return table
}

/**
 * Decodes `source[at..end)` into `target` and returns how many octets came out, or EOS_FOUND or BAD_PADDING.
 * `target` needs room for 8/5 of the input and one octet more: the shortest code has 5 bits. It is a plain array because
 * strings are made from one.
 */
export function decodeHuffman(source: Uint8Array, at: number, end: number, target: number[]): number {
  let bits = 0 // the lowest `count` bits are those read and not yet used
  let count = 0
  let length = 0
  for (;;) {
    if (count < PEEK) {
      if (at + 1 < end) {
        bits = (bits << 16) | (source[at]! << 8) | source[at + 1]!
        count += 16
        at += 2
      } else {
        if (at < end) {
          bits = (bits << 8) | source[at++]!
          count += 8
        }
        if (count < PEEK) break
      }
    }
    const step = steps[(bits >>> (count - PEEK)) & ((1 << PEEK) - 1)]!
    if (step !== 0) {
      // Both octets are written without asking whether the second one is there: no branch to mispredict.
      target[length] = step & 0xff
      target[length + 1] = (step >> 8) & 0xff
      length += step >> 24
      count -= (step >> 20) & 15
      continue
    }
    const position = at * 8 - count
    const symbol = longSymbol(windowAt(source, position, end))
    const codeLength = codeLengths[symbol]!
    // What is left can't be a whole code, yet has at least 12 bits: padding of more than 7 bits.
    if (codeLength > end * 8 - position) return BAD_PADDING
    if (symbol === EOS) return EOS_FOUND
    target[length++] = symbol
    const next = position + codeLength
    at = next >>> 3
    count = -next & 7
    if (count !== 0) bits = source[at++]!
  }
  return finish(bits, count, length, target)
}

/** The last bits, less than one step: up to two codes, then padding. RFC 7541 §5.2. */
function finish(bits: number, count: number, length: number, target: number[]): number {
  for (;;) {
    const missing = PEEK - count
    const step = steps[((bits << missing) | ((1 << missing) - 1)) & ((1 << PEEK) - 1)]!
    const first = (step >> 16) & 15
    if (first === 0 || first > count) break
    target[length++] = step & 0xff
    count -= first
  }
  // An incomplete code at the end is padding. It has at most 7 bits, and they are the first bits of EOS: ones.
  const ones = (1 << count) - 1
  return count > 7 || (bits & ones) !== ones ? BAD_PADDING : length
}

/** The 30 bits from bit `position` on, filled up with ones beyond `end`. */
function windowAt(source: Uint8Array, position: number, end: number): number {
  let at = position >>> 3
  let bits = 0
  for (const stop = at + 4; at < stop; at++) bits = (bits << 8) | (at < end ? source[at]! : 0xff)
  const shift = position & 7
  const fifth = at < end ? source[at]! : 0xff
  return ((bits << shift) | (fifth >>> (8 - shift))) >>> 2
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
