import { type ConnectionError, UsageError } from '../errors/index.ts'
import { BlockReader, compressionError } from './block-reader.ts'
import type { DecodedSection, FieldSectionDecoder } from './codec.ts'
import { isCredential } from './credentials.ts'
import { DecodedStrings } from './decoded-strings.ts'
import { DynamicTable } from './dynamic-table.ts'
import type { Field } from './field.ts'
import { RepeatedBlock } from './repeated-block.ts'
import { STATIC_LENGTH, staticTable } from './static-table.ts'
import { TableEntry } from './table-entry.ts'
import { checkTableSize } from './table-size.ts'

export interface HpackDecoderOptions {
  /** The dynamic table's size at the start, in octets, and the most that the peer may choose. Default 4096, RFC 9113 §6.5.2. */
  readonly tableSizeLimit?: number
  /** The most that one section may come to, name + value + 32 octets for each line. Default 65536. RFC 9113 §10.5.1. */
  readonly maxSectionSize?: number
  /** How many lines other than `cookie` one section may have. Default 128. */
  readonly maxFieldCount?: number
  /** How many `cookie` lines one section may have: browsers send one for each cookie. Default 150. RFC 9113 §8.2.3. */
  readonly maxCookieCrumbs?: number
}

/**
 * What all decoders know: clients of one kind send the same strings on each connection. Nothing that is to be kept
 * secret goes in here. At most some 150 KiB.
 */
const sharedStrings: DecodedStrings = new DecodedStrings(256, 4, 96)

/**
 * Reads the blocks of all decoders, since decoding is synchronous. A section takes 3 to 8 % less time than with one for each, and
 * what V8 compiled for it stays when a connection goes.
 */
const reader: BlockReader = new BlockReader()

/**
 * Decodes the field blocks of one direction of one connection. RFC 7541 §3.
 *
 * Blocks must come whole, and in the order of the wire. A section beyond a limit is decoded to its end, so that the
 * table stays in step, and comes back with `overflow`. After a fault each further block gives that fault again.
 *
 * Memory: the dynamic table (`tableSizeLimit`), for one section at most `maxSectionSize` octets, eight times a string while
 * it is decoded, of the long secrets the last one, and a block of at most 64 octets that comes again and again.
 *
 * @example
 * const decoder = new HpackDecoder()
 * const section = decoder.decode(block)
 * if (section instanceof ConnectionError) goAway(section.code)
 * else for (const { name, value } of section.fields) use(name, value)
 */
export class HpackDecoder implements FieldSectionDecoder {
  /** The fault of a block, which holds for all that follow. */
  #fault: ConnectionError | undefined = undefined
  readonly #table: DynamicTable<TableEntry>
  readonly #maxSectionSize: number
  readonly #maxFieldCount: number
  readonly #maxCookieCrumbs: number
  #tableSizeLimit: number
  /** The smallest limit since the last block if that is less than the table's size, else undefined: see `#readSizeUpdates`. */
  #reducedTo: number | undefined = undefined
  readonly #last = new RepeatedBlock()
  #secretSeen = false
  /** The last of the connection's long secrets, which come with each request: made for the second one. */
  #secret: DecodedStrings | undefined = undefined

  /** @throws UsageError if a size or count is not one. */
  constructor(options: HpackDecoderOptions = {}) {
    this.#tableSizeLimit = checkTableSize(options.tableSizeLimit ?? 4096)
    this.#maxSectionSize = checkLimit('maxSectionSize', options.maxSectionSize ?? 65_536)
    this.#maxFieldCount = checkLimit('maxFieldCount', options.maxFieldCount ?? 128)
    this.#maxCookieCrumbs = checkLimit('maxCookieCrumbs', options.maxCookieCrumbs ?? 150)
    this.#table = new DynamicTable(this.#tableSizeLimit)
  }

  /** @throws UsageError if `size` is not an integer from 0 to 2^32 - 1. */
  setTableSizeLimit(size: number): void {
    this.#tableSizeLimit = checkTableSize(size)
    // RFC 9113 §4.3.1: a limit below the size in use makes the peer begin its next block with a size update. If the
    // limit was changed more than once since the last block, the smallest one counts (RFC 7541 §4.2).
    if (size < this.#table.maxSize && size < (this.#reducedTo ?? Infinity)) this.#reducedTo = size
  }

  decode(block: Uint8Array): DecodedSection | ConnectionError {
    return this.decodeWithin(block, 0, block.length)
  }

  decodeWithin(bytes: Uint8Array, start: number, end: number): DecodedSection | ConnectionError {
    if (this.#fault !== undefined) return this.#fault
    if (this.#reducedTo === undefined) {
      const known = this.#last.find(bytes, start, end)
      if (known !== undefined) return known
    }
    reader.open(bytes, start, end)
    this.#readSizeUpdates()
    const section = reader.fault === undefined ? this.#readFields(bytes, end) : undefined
    this.#fault = reader.close()
    return section ?? this.#fault!
  }

  /**
   * Size updates stand at the beginning of a block and nowhere else. Two are enough to tell any history of changes,
   * the smallest size and the final one, so a third is refused: it would only be work for nothing. RFC 7541 §4.2.
   */
  #readSizeUpdates(): undefined {
    const { block, end } = reader
    for (let updates = 0; reader.at < end && (block[reader.at]! & 0xe0) === 0x20; updates++) {
      const size = reader.integer(block[reader.at++]!, 0x1f)
      if (size < 0) return
      if (updates === 2) return this.#fail('a third table size update in one block', 'RFC 7541 §4.2')
      // RFC 7541 §6.3: the limit is our setting, as acknowledged.
      if (size > this.#tableSizeLimit) return this.#fail('a table size update above the limit', 'RFC 7541 §6.3')
      // RFC 7541 §4.2: the first of the updates goes at least as low as the limit has been.
      if (this.#reducedTo !== undefined && size > this.#reducedTo) {
        return this.#fail('a table size update above the smallest limit since the last block', 'RFC 7541 §4.2')
      }
      this.#reducedTo = undefined
      this.#last.forget()
      this.#table.setMaxSize(size)
    }
    // RFC 9113 §4.3.1: the block after an acknowledged reduction starts with an update. An empty block doesn't either.
    if (this.#reducedTo === undefined) return
    return this.#fail('no table size update after a reduction', 'RFC 9113 §4.3.1')
  }

  /** The section; undefined on a fault. */
  #readFields(block: Uint8Array, end: number): DecodedSection | undefined {
    const fields: Field[] = []
    let size = 0
    let crumbs = 0
    let overflow: DecodedSection['overflow']
    while (reader.at < end) {
      const first = block[reader.at++]!
      const field = first >= 0x80 ? this.#indexed(first) : this.#literal(first)
      if (field === undefined) return undefined
      const { name } = field
      size += name.length + field.value.length + 32
      if (overflow !== undefined) continue
      if (size > this.#maxSectionSize) overflow = 'size'
      else if (name.length === 6 && name === 'cookie' && ++crumbs > this.#maxCookieCrumbs) overflow = 'count'
      else if (fields.length - crumbs >= this.#maxFieldCount && name !== 'cookie') overflow = 'count'
      else fields.push(field)
    }
    const section = { fields, size, overflow, repeats: false }
    this.#last.keep(section)
    return section
  }

  /** An indexed field; undefined on a fault. RFC 7541 §6.1. */
  #indexed(first: number): TableEntry | undefined {
    const index = reader.integer(first, 0x7f)
    return index === 0 ? this.#fail('index 0', 'RFC 7541 §6.1') : this.#entry(index)
  }

  /** A literal field in one of its three forms; undefined on a fault. RFC 7541 §6.2. */
  #literal(first: number): Field | undefined {
    const indexing = first >= 0x40
    if (!indexing && first >= 0x20) return this.#fail('a table size update after a field', 'RFC 7541 §4.2')
    const index = reader.integer(first, indexing ? 0x3f : 0x0f)
    const name = index === 0 ? reader.string(sharedStrings) : this.#entry(index)?.name
    if (name === undefined) return undefined
    const secret = (!indexing && first >= 0x10) || isCredential(name)
    if (secret || indexing) this.#last.forget()
    const value = reader.string(secret ? this.#knownSecret() : sharedStrings)
    if (value === undefined) return undefined
    if (!indexing) {
      const known = secret ? undefined : sharedStrings.fieldFound(name)
      return known ?? { name, value, sensitive: first >= 0x10 }
    }
    const entry = new TableEntry(name, value)
    this.#table.insert(entry)
    return entry
  }

  #knownSecret(): DecodedStrings | undefined {
    if (this.#secretSeen) this.#secret ??= new DecodedStrings(1, 24, 768)
    this.#secretSeen = true
    return this.#secret
  }

  /** The entry at an index above 0, of the static and dynamic table in one address space. RFC 7541 §2.3.3. */
  #entry(index: number): TableEntry | undefined {
    if (index < 0) return undefined
    if (index <= STATIC_LENGTH) return staticTable[index]
    const entry = this.#table.at(index - STATIC_LENGTH - 1)
    return entry ?? this.#fail(`index ${index} is beyond the tables`, 'RFC 7541 §2.3.3')
  }

  #fail(reason: string, section: string): undefined {
    reader.fault = compressionError(reason, section)
    return undefined
  }
}

function checkLimit(name: string, value: number): number {
  if (!(value >= 0)) throw new UsageError(`${name} is not a number from 0 up`)
  return value
}
