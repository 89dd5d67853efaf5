import type { ByteWriter } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'
import type { FieldSectionEncoder } from './codec.ts'
import { splitCookie } from './cookies.ts'
import { EncodedStrings, markOf } from './encoded-strings.ts'
import { EncoderTable } from './encoder-table.ts'
import type { FieldInput } from './field.ts'
import { defaultIndexing, type Indexing, type IndexingPolicy } from './indexing.ts'
import { writeInteger } from './integer.ts'
import { type IndexedEntry, type Name, nameBehind } from './name.ts'
import { checkOctets, notString } from './octet-string.ts'
import { writeName, writeShared } from './shared-strings.ts'
import { STATIC_LENGTH } from './static-table.ts'
import { checkTableSize } from './table-size.ts'
import { type HuffmanMode, writeKnown, writeString } from './write-string.ts'

export interface HpackEncoderOptions {
  /** The dynamic table's size at the start, in octets, as the peer's decoder has it. Default 4096, RFC 9113 §6.5.2. */
  readonly tableSizeLimit?: number
  /** The most that our table takes, in octets, whatever the peer allows. Default 4096. RFC 7541 §4.2. */
  readonly tableSizeCap?: number
  /**
   * Which fields to index, and which never to. By default `defaultIndexing`, save that a path is put into the table when it
   * comes again, and that a name whose values did not come again has few of its new ones put there.
   */
  readonly indexing?: IndexingPolicy
  /** When to use the Huffman code for a string. Default `when-shorter`. RFC 7541 §5.2. */
  readonly huffman?: HuffmanMode
  /** Send a cookie as one line for each pair, as browsers do. Default true. RFC 9113 §8.2.3. */
  readonly splitCookies?: boolean
}

/** So many lines are remembered from one section to the next. */
const MAX_GUESSES = 64

/** Room for the marks of so many paths, a power of two. */
const PATHS = 32

const placeOf = (mark: number): number => (mark >> 8) & (PATHS - 1)

/** What the empty cookie is split into. */
const noCrumbs: readonly string[] = ['']

/** What was found last for the line at one position of a section; entries may have left the table since. */
class Guess {
  name: Name | undefined = undefined
  entry: IndexedEntry | undefined = undefined
  /** What was found before `entry`: many lines go to and fro between two values. */
  other: IndexedEntry | undefined = undefined
}

/**
 * Encodes the field sections of one direction of one connection. RFC 7541 §3.
 *
 * Blocks must be sent in the order in which they were encoded, all of them.
 * Memory: the dynamic table (the smaller of `tableSizeCap` and the peer's limit), what one section needs, two entries for
 * each of its first 64 lines, which may have left the table, the marks of 32 paths, and of the cookies and of the long secrets
 * the last one.
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
  /**
   * Messages of one connection resemble each other: per line, what stood there last is tried before any lookup. Begun
   * with the second section, since many connections never have one.
   */
  readonly #guesses: Guess[] = []
  #isFirst = true
  /** The name of the line before, in the first section, where there are no guesses that have it. */
  #previous: Name | undefined = undefined
  /** The cookie split last: most requests of a connection carry the same. */
  #cookie = ''
  #crumbs: readonly string[] = noCrumbs
  /** The marks of the paths that were literals last: who calls few procedures, or polls, asks for the same ones all the time. */
  #paths: number[] | undefined = undefined
  /** The mark of the one in the section in hand; 0 if it has none. */
  #path = 0
  #secretSeen = false
  /** The last of the connection's long secrets, which go with each request: made for the second one. */
  #secret: EncodedStrings | undefined = undefined

  /** @throws UsageError if a size is not one. */
  constructor(options: HpackEncoderOptions = {}) {
    this.#policy = options.indexing === defaultIndexing ? undefined : options.indexing
    this.#table = new EncoderTable(checkTableSize(options.tableSizeLimit ?? 4096), this.#policy !== undefined)
    this.#cap = checkTableSize(options.tableSizeCap ?? 4096)
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
    this.#table.begin()
    try {
      this.#writeSizeUpdates(writer)
      this.#writeLines(fields, writer)
    } catch (error) {
      writer.rewind(mark)
      this.#table.rollback()
      // They may speak of entries that are none now.
      this.#guesses.length = 0
      this.#path = 0
      throw error
    }
    this.#table.commit()
    this.#smallest = undefined
    this.#isFirst = false
    if (this.#path !== 0) this.#rememberPath()
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
   * A line that is what stood in its place last is an index: some 10 ns a line, where lookups by name and by value cost 28 ns.
   * What the table counts stands beside the loop and is read anew where it may have changed: 5 to 8 % of a section.
   * A policy of the caller's own is always asked first.
   */
  #writeLines(fields: readonly FieldInput[], writer: ByteWriter): void {
    const table = this.#table
    const guesses = this.#guesses
    const known = this.#policy === undefined ? guesses.length : 0
    let { inserted, left } = table
    let line = 0
    for (let i = 0; i < fields.length; i++) {
      const { name, value, sensitive } = fields[i]!
      if (line < known && sensitive !== true) {
        const { entry } = guesses[line]!
        if (entry !== undefined && entry.value === value && entry.name === name) {
          const { ordinal } = entry
          if (ordinal < 0 || ordinal > left) {
            this.#writeIndex(ordinal < 0 ? -ordinal : STATIC_LENGTH + 1 + inserted - ordinal, writer)
            line++
            continue
          }
        }
      }
      if (this.#splitCookies && name === 'cookie') {
        for (const crumb of this.#split(value)) this.#writeLine(line++, name, crumb, sensitive === true, writer)
      } else this.#writeLine(line++, name, value, sensitive === true, writer)
      inserted = table.inserted
      left = table.left
    }
  }

  /** An indexed field. RFC 7541 §6.1. */
  #writeIndex(index: number, writer: ByteWriter): void {
    if (index < 0x7f) writer.u8(0x80 | index)
    else {
      writer.reserve(6)
      writeInteger(writer, 0x80, 0x7f, index)
    }
  }

  #split(value: string): readonly string[] {
    if (value !== this.#cookie) {
      checkOctets(value)
      this.#crumbs = splitCookie(value)
      this.#cookie = value
    }
    return this.#crumbs
  }

  #writeLine(line: number, text: string, value: string, sensitive: boolean, writer: ByteWriter): void {
    if (typeof text !== 'string' || typeof value !== 'string') throw notString()
    const table = this.#table
    const guess = this.#isFirst ? undefined : this.#guessOf(line)
    let name = guess?.name
    if (name === undefined || name.text !== text) {
      name = nameBehind(this.#nameBefore(line), text)
      if (guess === undefined) this.#previous = name
      else guess.name = name
    }
    let indexing = sensitive ? 'never' : this.#decide(name, value)
    // RFC 7541 §6.2.3: what is never indexed is a literal, even if it stands in a table.
    let entry = indexing === 'never' ? undefined : this.#matchAtHand(guess, name, value)
    if (entry === undefined) {
      const newest = table.newest(name)
      const { recent } = name
      // What is neither looked for nor put anywhere needs none.
      let mark = 0
      if (recent !== undefined && recent.text === value) mark = recent.mark
      else if (newest !== undefined || indexing !== 'literal' || name.isPath) mark = markOf(value)
      if (indexing !== 'never') entry = table.match(newest, value, mark)
      if (entry === undefined) {
        // What a policy of the caller's own says is done.
        if (this.#policy === undefined) {
          if (indexing === 'literal' && name.isPath && this.#cameBefore(mark)) indexing = 'index'
          if (indexing === 'index' && newest !== undefined && !table.isWorthRoom(newest)) indexing = 'literal'
        }
        this.#writeLiteral(name, newest, value, mark, indexing, writer)
        return
      }
    }
    if (guess !== undefined) {
      guess.other = guess.entry
      guess.entry = entry
    }
    this.#writeIndex(table.indexOf(entry), writer)
  }

  #rememberPath(): void {
    this.#paths ??= new Array<number>(PATHS).fill(-1)
    this.#paths[placeOf(this.#path)] = this.#path
    this.#path = 0
  }

  /** Whether a path of this mark was a literal before; from the next section on it was. The first one does not count. */
  #cameBefore(mark: number): boolean {
    if (this.#isFirst) return false
    this.#path = mark
    return this.#paths !== undefined && this.#paths[placeOf(mark)] === mark
  }

  #nameBefore(line: number): Name | undefined {
    if (line === 0) return undefined
    return this.#isFirst ? this.#previous : this.#guesses[line - 1]!.name
  }

  #guessOf(line: number): Guess {
    if (line === this.#guesses.length) this.#guesses.push(new Guess())
    return this.#guesses[line]!
  }

  /** What stood in this place before the last line, for many lines go to and fro between two values; and the static table. */
  #matchAtHand(guess: Guess | undefined, name: Name, value: string): IndexedEntry | undefined {
    const other = guess?.other
    if (other !== undefined && other.value === value && other.owner === name && this.#table.isLive(other)) return other
    return this.#table.matchStatic(name, value)
  }

  #decide(name: Name, value: string): Indexing {
    if (this.#policy === undefined) return name.indexing ?? defaultIndexing(name.text, value)
    const indexing = this.#policy(name.text, value)
    if (indexing === 'index' || indexing === 'literal' || indexing === 'never') return indexing
    throw new UsageError(`an indexing policy said ${String(indexing)}`)
  }

  /** A literal in one of the three forms; `mark` is that of the value. RFC 7541 §6.2. */
  #writeLiteral(
    name: Name,
    newest: IndexedEntry | undefined,
    value: string,
    mark: number,
    indexing: Indexing,
    writer: ByteWriter,
  ): void {
    const table = this.#table
    const nameIndex = table.nameIndexOf(name, newest)
    writer.reserve(6)
    // An entry that would displace three quarters of the table isn't worth its room.
    const insert = indexing === 'index' && name.text.length + value.length + 32 <= table.maxSize * 0.75
    if (insert) writeInteger(writer, 0x40, 0x3f, nameIndex)
    else writeInteger(writer, indexing === 'never' ? 0x10 : 0x00, 0x0f, nameIndex)
    const huffman = this.#huffman
    if (nameIndex === 0) writeName(writer, name, huffman)
    // What isn't worth a place in the table is new in most messages; but clients ask for some paths again and again.
    const recurs = indexing === 'index' || name.isPath
    if (indexing === 'never' || name.isCredential) this.#writeSecret(value, mark, writer)
    else if (recurs && huffman === 'when-shorter') writeShared(writer, name, value, mark)
    else writeString(writer, value, huffman)
    if (insert) table.index(name, value, mark)
  }

  #writeSecret(value: string, mark: number, writer: ByteWriter): void {
    if (this.#secretSeen) {
      this.#secret ??= new EncodedStrings(1, 24, 1024)
      writeKnown(writer, value, this.#huffman, this.#secret, mark)
    } else writeString(writer, value, this.#huffman)
    this.#secretSeen = true
  }
}
