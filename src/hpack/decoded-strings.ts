import { TableEntry } from './table-entry.ts'

/** What is kept of a string: its octets in the block, and what they stand for. */
interface Kept {
  readonly text: string
  readonly octets: Uint8Array
  readonly huffman: boolean
  /** The field that had it as its value last. */
  field: TableEntry | undefined
}

/**
 * Decoded strings, to be found by the octets that they had in a block. What comes again need not be decoded again, and
 * is the same string, so that comparing it costs nothing. Measured: 15 ns and 0.7 ns an octet, where decoding takes 60 ns
 * and 5 ns a character.
 *
 * A string is kept when it comes for the second time; of those that came once there is a mark of 30 bits. So what is
 * new each time costs little and stays nowhere.
 */
export class DecodedStrings {
  readonly #shortest: number
  readonly #longest: number
  /** For each slot, the mark of what was looked for last. */
  readonly #marks: number[]
  /** What is kept in each slot; undefined where there is only a mark. */
  readonly #kept: (Kept | undefined)[]
  /** The slot for what was looked for last, or -1 if it is not to be kept. */
  #slot = -1
  #found: Kept | undefined = undefined

  /** `slots` is a power of two; each of them takes a string of `shortest`, at least 4, to `longest` octets. */
  constructor(slots: number, shortest: number, longest: number) {
    this.#shortest = shortest
    this.#longest = longest
    this.#marks = new Array<number>(slots).fill(0)
    this.#kept = new Array<Kept | undefined>(slots).fill(undefined)
  }

  /** The string that `block[start..end)` stands for. If undefined, it must be decoded and given to `keep`. */
  find(block: Uint8Array, start: number, end: number, huffman: boolean): string | undefined {
    const length = end - start
    this.#slot = -1
    this.#found = undefined
    if (length < this.#shortest || length > this.#longest) return undefined
    const mark = markOf(block, start, end)
    const slot = (mark >> 8) & (this.#marks.length - 1)
    if (this.#marks[slot] !== mark) {
      this.#marks[slot] = mark
      this.#kept[slot] = undefined
      return undefined
    }
    const kept = this.#kept[slot]
    if (kept !== undefined && kept.huffman === huffman && kept.octets.length === length) {
      if (areEqual(kept.octets, length, block, start)) {
        this.#found = kept
        return kept.text
      }
    }
    this.#slot = slot
    return undefined
  }

  /** Takes what `find` has just been asked for, if that is worth it. */
  keep(text: string, block: Uint8Array, start: number, end: number, huffman: boolean): void {
    if (this.#slot < 0) return
    const octets = new Uint8Array(block.subarray(start, end))
    this.#kept[this.#slot] = { text, octets, huffman, field: undefined }
  }

  /**
   * The field of this name whose value `find` has just found, if it has: one for all sections, as if it came from a table.
   * Browsers send `:method` and `:protocol` of each WebSocket as literals, and each of these lives as long as the socket.
   */
  fieldFound(name: string): TableEntry | undefined {
    const found = this.#found
    // a long name would be kept with it
    if (found === undefined || name.length > this.#longest) return undefined
    if (found.field?.name !== name) found.field = new TableEntry(name, found.text)
    return found.field
  }
}

/** Looks at all octets, equal or not: how long it takes says nothing about what is kept. */
export function areEqual(octets: Uint8Array, length: number, block: Uint8Array, start: number): boolean {
  let differences = 0
  for (let i = 0; i < length; i++) differences |= octets[i]! ^ block[start + i]!
  return differences === 0
}

/** 30 bits from the length and a few octets: reading them all would cost as much as comparing them. */
function markOf(block: Uint8Array, start: number, end: number): number {
  const length = end - start
  const quarter = length >> 2
  const middle = start + 2 * quarter
  const front = (length << 24) | (block[start]! << 16) | (block[start + quarter]! << 8) | block[middle]!
  const back = (block[middle + 1]! << 24) | (block[middle + quarter]! << 16) | (block[end - 2]! << 8) | block[end - 1]!
  return Math.imul(Math.imul(front, 0x9e3779b1) ^ back, 0x85ebca6b) >>> 2
}
