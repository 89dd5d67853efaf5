import type { ByteWriter } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'
import type { FieldSectionEncoder } from './codec.ts'
import { splitCookie } from './cookies.ts'
import { EncoderTable, type IndexedEntry, type NameNode } from './encoder-table.ts'
import type { FieldInput } from './field.ts'
import { defaultIndexing, type Indexing, type IndexingPolicy } from './indexing.ts'
import { writeInteger } from './integer.ts'
import { checkOctets, notString } from './octet-string.ts'
import { checkTableSize } from './table-size.ts'
import { type HuffmanMode, writeString } from './write-string.ts'

export interface HpackEncoderOptions {
  /** The dynamic table's size at the start, in octets, as the peer's decoder has it. Default 4096, RFC 9113 §6.5.2. */
  readonly tableSizeLimit?: number
  /** The most that our table takes, in octets, whatever the peer allows. Default 4096. RFC 7541 §4.2. */
  readonly tableSizeCap?: number
  /** Which fields to index, and which never to. Default `defaultIndexing`. */
  readonly indexing?: IndexingPolicy
  /** When to use the Huffman code for a string. Default `when-shorter`. RFC 7541 §5.2. */
  readonly huffman?: HuffmanMode
  /** Send a cookie as one line for each pair, as browsers do. Default true. RFC 9113 §8.2.3. */
  readonly splitCookies?: boolean
}

const nothing: readonly FieldInput[] = []

/** So many lines are remembered from one section to the next. */
const MAX_GUESSES = 64

/** What was found last for the line at one position of a section; entries may have left the table since. */
class Guess {
  node: NameNode | undefined = undefined
  entry: IndexedEntry | undefined = undefined
  /** What was found before `entry`: many lines go to and fro between two values. */
  other: IndexedEntry | undefined = undefined
}

/**
 * Encodes the field sections of one direction of one connection. RFC 7541 §3.
 *
 * Blocks must be sent in the order in which they were encoded, all of them.
 * Memory: the dynamic table (the smaller of `tableSizeCap` and the peer's limit), what one section needs, and two entries
 * for each of its first 64 lines, which may have left the table.
 *
 * @example
 * const encoder = new HpackEncoder()
 * encoder.encode([{ name: ':method', value: 'GET' }, { name: 'x-token', value: token, sensitive: true }], writer)
 */
export class HpackEncoder implements FieldSectionEncoder {
  readonly #table: EncoderTable
  readonly #cap: number
  readonly #policy: IndexingPolicy | undefined
  readonly #huffman: HuffmanMode
  readonly #splitCookies: boolean
  /** The smallest of the sizes that the table was given since the last block, undefined if it was given none. */
  #smallest: number | undefined = undefined
  /** Messages of one connection resemble each other: per line, what stood there last is tried before any lookup. */
  readonly #guesses: Guess[] = []
  /** The section in hand and how far it has come, for `#checkRest`. */
  #section: readonly FieldInput[] = nothing
  #place = 0
  /** All that the section in hand has yet to say is known to be right. */
  #checked = false
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
    this.#smallest = Math.min(this.#smallest ?? next, next)
    table.setMaxSize(next)
  }

  encode(fields: readonly FieldInput[], writer: ByteWriter): void {
    const { mark } = writer
    this.#checked = false
    this.#section = fields
    try {
      this.#writeSizeUpdates(writer)
      let line = 0
      for (let i = 0; i < fields.length; i++) {
        const { name, value, sensitive } = fields[i]!
        this.#place = i
        if (sensitive !== true && this.#writeGuess(line, name, value, writer)) line++
        else if (this.#splitCookies && name === 'cookie') {
          for (const crumb of this.#split(value)) this.#writeLine(line++, name, crumb, sensitive === true, writer)
        } else this.#writeLine(line++, name, value, sensitive === true, writer)
      }
    } catch (error) {
      // Nothing throws once the table has changed: see `#checkRest`.
      writer.rewind(mark)
      throw error
    } finally {
      this.#section = nothing
    }
    this.#smallest = undefined
    if (this.#guesses.length > MAX_GUESSES) this.#guesses.length = MAX_GUESSES
  }

  /**
   * A change of the table's size stands at the beginning of the next block. If the size went down and up again
   * in between, the smallest one comes first: it is what made entries go. RFC 7541 §4.2.
   */
  #writeSizeUpdates(writer: ByteWriter): void {
    if (this.#smallest === undefined) return
    const { maxSize } = this.#table
    writer.reserve(12)
    if (this.#smallest < maxSize) writeInteger(writer, 0x20, 0x1f, this.#smallest)
    writeInteger(writer, 0x20, 0x1f, maxSize)
  }

  /**
   * Writes the line as an index if it is one of the two that stood in this place last: 15 ns a line, where lookups by
   * name and by value cost 28 ns. A policy of the caller's own is always asked first.
   */
  #writeGuess(line: number, name: string, value: string, writer: ByteWriter): boolean {
    if (line >= this.#guesses.length || this.#policy !== undefined) return false
    const guess = this.#guesses[line]!
    const { entry, other } = guess
    if (entry !== undefined && entry.value === value && entry.name === name && this.#table.isLive(entry)) {
      this.#writeIndexed(entry, writer)
      return true
    }
    if (other !== undefined && other.value === value && other.name === name && this.#table.isLive(other)) {
      guess.entry = other
      guess.other = entry
      this.#writeIndexed(other, writer)
      return true
    }
    return false
  }

  /** An indexed field. RFC 7541 §6.1. */
  #writeIndexed(entry: IndexedEntry, writer: ByteWriter): void {
    const index = this.#table.indexOf(entry)
    writer.reserve(6)
    if (index < 0x7f) writer.bytes[writer.length++] = 0x80 | index
    else writeInteger(writer, 0x80, 0x7f, index)
  }

  #split(value: string): readonly string[] {
    if (value !== this.#cookie) {
      checkOctets(value)
      this.#crumbs = splitCookie(value)
      this.#cookie = value
    }
    return this.#crumbs
  }

  #writeLine(line: number, name: string, value: string, sensitive: boolean, writer: ByteWriter): void {
    if (typeof name !== 'string' || typeof value !== 'string') throw notString()
    const table = this.#table
    if (line === this.#guesses.length) this.#guesses.push(new Guess())
    const guess = this.#guesses[line]!
    let { node } = guess
    if (node === undefined || node.name !== name || !table.knows(node)) node = table.find(name)
    const indexing = sensitive ? 'never' : this.#decide(node, name, value)
    // RFC 7541 §6.2.3: what is never indexed is a literal, even if it stands in a table.
    const entry = node === undefined || indexing === 'never' ? undefined : table.match(node, value)
    guess.node = node
    if (entry === undefined) {
      this.#writeLiteral(node, name, value, indexing, writer)
      return
    }
    guess.other = guess.entry
    guess.entry = entry
    this.#writeIndexed(entry, writer)
  }

  #decide(node: NameNode | undefined, name: string, value: string): Indexing {
    if (this.#policy === undefined)
      return node === undefined ? 'index' : (node.indexing ?? defaultIndexing(name, value))
    const indexing = this.#policy(name, value)
    if (indexing === 'index' || indexing === 'literal' || indexing === 'never') return indexing
    throw new UsageError(`an indexing policy said ${String(indexing)}`)
  }

  /** A literal in one of the three forms. RFC 7541 §6.2. */
  #writeLiteral(node: NameNode | undefined, name: string, value: string, indexing: Indexing, writer: ByteWriter): void {
    const table = this.#table
    const nameIndex = node === undefined ? 0 : table.nameIndexOf(node)
    writer.reserve(6)
    // An entry that would displace three quarters of the table isn't worth its room.
    const insert = indexing === 'index' && name.length + value.length + 32 <= table.maxSize * 0.75
    if (insert) writeInteger(writer, 0x40, 0x3f, nameIndex)
    else writeInteger(writer, indexing === 'never' ? 0x10 : 0x00, 0x0f, nameIndex)
    if (nameIndex === 0) writeString(writer, name, this.#huffman)
    writeString(writer, value, this.#huffman)
    if (!insert) return
    this.#checkRest()
    table.index(name, value, node)
  }

  /**
   * Whatever could still throw is tried before the first entry goes into the table: the lines from that one on, since
   * those before it have been written. Only sections with something new pay for it.
   */
  #checkRest(): void {
    if (this.#checked) return
    const fields = this.#section
    for (let i = this.#place; i < fields.length; i++) {
      const { name, value, sensitive } = fields[i]!
      checkOctets(name)
      checkOctets(value)
      if (this.#policy === undefined || sensitive === true) continue
      const values = this.#splitCookies && name === 'cookie' ? splitCookie(value) : [value]
      for (const each of values) this.#decide(undefined, name, each)
    }
    this.#checked = true
  }
}
