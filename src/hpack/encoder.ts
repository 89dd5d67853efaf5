import type { ByteWriter } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'
import type { FieldSectionEncoder } from './codec.ts'
import { splitCookie } from './cookies.ts'
import { entrySize } from './dynamic-table.ts'
import { EncoderTable, type IndexedEntry, type NameNode } from './encoder-table.ts'
import type { FieldInput } from './field.ts'
import { encodeHuffman, huffmanBits } from './huffman-encode.ts'
import { defaultIndexing, type Indexing, type IndexingPolicy } from './indexing.ts'
import { writeInteger } from './integer.ts'
import { checkTableSize } from './table-size.ts'

export interface HpackEncoderOptions {
  /** The dynamic table's size at the start, in octets, as the peer's decoder has it. Default 4096, RFC 9113 §6.5.2. */
  readonly tableSizeLimit?: number
  /** The most that our table takes, in octets, whatever the peer allows. Default 4096. RFC 7541 §4.2. */
  readonly tableSizeCap?: number
  /** Which fields to index, and which never to. Default `defaultIndexing`. */
  readonly indexing?: IndexingPolicy
  /** When to use the Huffman code for a string. Default `when-shorter`. RFC 7541 §5.2. */
  readonly huffman?: 'always' | 'when-shorter' | 'never'
  /** Send a cookie as one line for each pair, as browsers do. Default true. RFC 9113 §8.2.3. */
  readonly splitCookies?: boolean
}

/** One field line on its way out. Lines are kept and used again: no allocation for a line that is found in a table. */
class Line {
  name = ''
  value = ''
  indexing: Indexing = 'index'
  node: NameNode | undefined = undefined
  entry: IndexedEntry | undefined = undefined
  /** The lengths in the Huffman code, in bits; not set where `node` or `entry` are in the static table. */
  nameBits = 0
  valueBits = 0
}

/**
 * Encodes the field sections of one direction of one connection. RFC 7541 §3.
 *
 * Blocks must be sent in the order in which they were encoded, all of them.
 * Memory: the dynamic table (the smaller of `tableSizeCap` and the peer's limit), and what one section needs.
 *
 * @example
 * const encoder = new HpackEncoder()
 * encoder.encode([{ name: ':method', value: 'GET' }, { name: 'x-token', value: token, sensitive: true }], writer)
 */
export class HpackEncoder implements FieldSectionEncoder {
  readonly #table: EncoderTable
  readonly #cap: number
  readonly #policy: IndexingPolicy | undefined
  readonly #huffman: 'always' | 'when-shorter' | 'never'
  readonly #splitCookies: boolean
  /** The smallest size of the table since the last block if a change must be signalled, else undefined. */
  #smallest: number | undefined = undefined
  /** The lines of the section in hand: the first `#count` of them. */
  readonly #lines: Line[] = []
  #count = 0
  #room = 0
  /** The cookie split last: most requests of a connection carry the same. */
  #cookie = ''
  #crumbs: readonly string[] = ['']

  /** @throws UsageError if a size is not one. */
  constructor(options: HpackEncoderOptions = {}) {
    this.#table = new EncoderTable(checkTableSize(options.tableSizeLimit ?? 4096))
    this.#cap = checkTableSize(options.tableSizeCap ?? 4096)
    this.#policy = options.indexing === defaultIndexing ? undefined : options.indexing
    this.#huffman = options.huffman ?? 'when-shorter'
    this.#splitCookies = options.splitCookies ?? true
    this.setTableSizeLimit(this.#table.maxSize)
  }

  /** @throws UsageError if `size` is not an integer from 0 to 2^32 - 1. */
  setTableSizeLimit(size: number): void {
    const next = Math.min(checkTableSize(size), this.#cap)
    const table = this.#table
    if (next === table.maxSize) return
    if (this.#smallest === undefined) this.#smallest = table.maxSize
    this.#smallest = Math.min(this.#smallest, next)
    table.setMaxSize(next)
  }

  encode(fields: readonly FieldInput[], writer: ByteWriter): void {
    // First everything that can throw; it changes no state that counts.
    this.#plan(fields)
    writer.reserve(this.#room)
    const { bytes } = writer
    let at = this.#writeSizeUpdates(bytes, writer.length)
    const planned = this.#table.inserted
    for (let i = 0; i < this.#count; i++) at = this.#writeLine(this.#lines[i]!, planned, bytes, at)
    writer.length = at
  }

  #plan(fields: readonly FieldInput[]): void {
    this.#count = 0
    this.#room = 12 // two size updates
    for (let i = 0; i < fields.length; i++) {
      const { name, value, sensitive } = fields[i]!
      if (this.#splitCookies && name === 'cookie' && typeof value === 'string')
        this.#planCookie(name, value, sensitive === true)
      else this.#planLine(name, value, sensitive === true)
    }
  }

  #planCookie(name: string, value: string, sensitive: boolean): void {
    if (value !== this.#cookie) {
      this.#crumbs = splitCookie(value)
      this.#cookie = value
    }
    for (const crumb of this.#crumbs) this.#planLine(name, crumb, sensitive)
  }

  /** Looks one line up, and at its characters where the tables don't vouch for them. */
  #planLine(name: string, value: string, sensitive: boolean): void {
    if (this.#count === this.#lines.length) this.#lines.push(new Line())
    const line = this.#lines[this.#count]!
    const node = this.#table.find(name)
    const indexing = sensitive ? 'never' : this.#decide(node, name, value)
    const entry = node === undefined || indexing === 'never' ? undefined : this.#table.match(node, value)
    line.name = name
    line.value = value
    line.indexing = indexing
    line.node = node
    line.entry = entry
    if (entry === undefined || entry.staticIndex === 0) {
      line.nameBits = node === undefined ? huffmanBits(name) : node.nameBits
      line.valueBits = entry === undefined ? huffmanBits(value) : entry.valueBits
      this.#room +=
        12 + Math.max(name.length, (line.nameBits + 7) >>> 3) + Math.max(value.length, (line.valueBits + 7) >>> 3)
    }
    this.#room += 6
    this.#count++
  }

  #decide(node: NameNode | undefined, name: string, value: string): Indexing {
    if (this.#policy === undefined)
      return node === undefined ? 'index' : (node.indexing ?? defaultIndexing(name, value))
    const indexing = this.#policy(name, value)
    if (indexing === 'index' || indexing === 'literal' || indexing === 'never') return indexing
    throw new UsageError(`an indexing policy said ${String(indexing)}`)
  }

  /**
   * A change of the table's size stands at the beginning of the next block. If the size went down and up again
   * in between, the smallest one comes first: it is what made entries go. RFC 7541 §4.2.
   */
  #writeSizeUpdates(bytes: Uint8Array, at: number): number {
    if (this.#smallest === undefined) return at
    const { maxSize } = this.#table
    if (this.#smallest < maxSize) at = writeInteger(bytes, at, 0x20, 0x1f, this.#smallest)
    this.#smallest = undefined
    return writeInteger(bytes, at, 0x20, 0x1f, maxSize)
  }

  #writeLine(line: Line, planned: number, bytes: Uint8Array, at: number): number {
    const table = this.#table
    let { entry, node } = line
    line.entry = undefined
    line.node = undefined
    if (entry !== undefined && table.isLive(entry)) return writeInteger(bytes, at, 0x80, 0x7f, table.indexOf(entry))
    // Lines before this one may have put it into the table, or made what was found leave.
    if (table.inserted !== planned) {
      node = table.find(line.name)
      entry = node === undefined || line.indexing === 'never' ? undefined : table.match(node, line.value)
      if (entry !== undefined) return writeInteger(bytes, at, 0x80, 0x7f, table.indexOf(entry))
    }
    return this.#writeLiteral(line, node, bytes, at)
  }

  /** A literal in one of the three forms. RFC 7541 §6.2. */
  #writeLiteral(line: Line, node: NameNode | undefined, bytes: Uint8Array, at: number): number {
    const table = this.#table
    // An entry that would displace three quarters of the table isn't worth its room.
    const indexing = line.indexing === 'index' && entrySize(line) <= table.maxSize * 0.75
    const nameIndex = node === undefined ? 0 : table.nameIndexOf(node)
    if (indexing) at = writeInteger(bytes, at, 0x40, 0x3f, nameIndex)
    else at = writeInteger(bytes, at, line.indexing === 'never' ? 0x10 : 0x00, 0x0f, nameIndex)
    if (nameIndex === 0) at = this.#writeString(line.name, line.nameBits, bytes, at)
    at = this.#writeString(line.value, line.valueBits, bytes, at)
    if (indexing) table.index(line.name, line.nameBits, line.value, line.valueBits)
    return at
  }

  #writeString(text: string, bits: number, bytes: Uint8Array, at: number): number {
    const length = (bits + 7) >>> 3
    if (this.#huffman === 'always' || (this.#huffman === 'when-shorter' && length < text.length)) {
      return encodeHuffman(text, bytes, writeInteger(bytes, at, 0x80, 0x7f, length))
    }
    at = writeInteger(bytes, at, 0x00, 0x7f, text.length)
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    return at
  }
}
