/**
 * HPACK against hpack.js and libnghttp2: the same sections to encode, our blocks to decode. Every decoded name and value
 * is read, and all sides must have read the same.
 *
 * Warm: ten laps over the corpus on one connection, as in a long session. Cold: each section is the first of its
 * connection, so that making the codec is part of the work and nothing is in the dynamic table.
 */
import hpackJs from 'hpack.js'
import { ByteWriter } from '../src/bytes/index.ts'
import { ConnectionError } from '../src/errors/index.ts'
import { defaultIndexing, HpackDecoder, HpackEncoder } from '../src/hpack/index.ts'
import { fieldSections, type Section } from './corpus/field-sections.ts'
import type { Case, Entry, Pass } from './measure.ts'
import { blocksFile, buildNghttp2, nghttp2Side, sectionsFile } from './nghttp2.ts'

type Table = 'warm' | 'cold'

/** Both ends of every string, so that no engine can leave its making out. */
function read(name: string, value: string): number {
  const last = value.length === 0 ? 0 : value.charCodeAt(value.length - 1)
  return name.length + value.length + name.charCodeAt(0) + last
}

/** Cookies go whole, as the other two send them. */
const newEncoder = (): HpackEncoder => new HpackEncoder({ splitCookies: false })

function encodeAll(sections: readonly Section[], table: Table): Uint8Array[] {
  const writer = new ByteWriter()
  let encoder = newEncoder()
  return sections.map((fields) => {
    if (table === 'cold') encoder = newEncoder()
    encoder.encode(fields, writer)
    return writer.take()
  })
}

function decodeOurs(blocks: readonly Uint8Array[], table: Table): number {
  let sum = 0
  let decoder = new HpackDecoder()
  for (const block of blocks) {
    if (table === 'cold') decoder = new HpackDecoder()
    const section = decoder.decode(block)
    if (section instanceof ConnectionError) throw section
    for (const { name, value } of section.fields) sum = (sum + read(name, value)) | 0
  }
  return sum
}

const newDecompressor = () => hpackJs.decompressor.create({ table: { maxSize: 4096 } })

function decodeHpackJs(blocks: readonly Uint8Array[], table: Table): number {
  let sum = 0
  let decompressor = newDecompressor()
  for (const block of blocks) {
    if (table === 'cold') decompressor = newDecompressor()
    decompressor.write(block)
    decompressor.execute()
    for (let field = decompressor.read(); field !== null; field = decompressor.read()) {
      sum = (sum + read(field.name, field.value)) | 0
    }
  }
  return sum
}

function encodeOurs(sections: readonly Section[], table: Table): number {
  let sum = 0
  let encoder = newEncoder()
  const writer = new ByteWriter(65_536)
  for (const fields of sections) {
    if (table === 'cold') encoder = newEncoder()
    encoder.encode(fields, writer)
    sum += writer.pending
    // A connection takes what it wrote once for many frames.
    writer.rewind(0)
  }
  return sum
}

type HpackJsHeaders = Parameters<ReturnType<typeof hpackJs.compressor.create>['write']>[0]

const newCompressor = () => hpackJs.compressor.create({ table: { maxSize: 4096 } })

function encodeHpackJs(sections: readonly HpackJsHeaders[], table: Table): number {
  let sum = 0
  let compressor = newCompressor()
  for (const fields of sections) {
    if (table === 'cold') compressor = newCompressor()
    compressor.write(fields)
    for (let chunk = compressor.read(); chunk !== null; chunk = compressor.read()) sum += chunk.length
  }
  return sum
}

/** hpack.js asks for each field what to do with it; it is told what our policy says. */
function forHpackJs(sections: readonly Section[]): HpackJsHeaders[] {
  return sections.map((fields) =>
    fields.map(({ name, value }) => {
      const indexing = defaultIndexing(name, value)
      return { name, value, incremental: indexing === 'index', neverIndex: indexing === 'never' }
    }),
  )
}

const laps = (sections: readonly Section[], table: Table): readonly Section[] =>
  table === 'cold' ? sections : Array.from({ length: 10 }, () => sections).flat()

function prepareDecode(sections: readonly Section[], table: Table): Case {
  const blocks = encodeAll(laps(sections, table), table)
  const sides: Record<string, Pass> = {
    ours: () => decodeOurs(blocks, table),
    'hpack.js': () => decodeHpackJs(blocks, table),
  }
  const missing = buildNghttp2()
  if (missing === undefined) sides.libnghttp2 = nghttp2Side('decode', table, blocksFile(blocks))
  return { operations: blocks.length, sides, sameChecksum: true, notes: missing === undefined ? [] : [missing] }
}

function prepareEncode(all: readonly Section[], table: Table): Case {
  const sections = laps(all, table)
  const headers = forHpackJs(sections)
  const sides: Record<string, Pass> = {
    ours: () => encodeOurs(sections, table),
    'hpack.js': () => encodeHpackJs(headers, table),
  }
  const octets: Record<string, number> = {
    ours: encodeOurs(sections, table),
    'hpack.js': encodeHpackJs(headers, table),
  }
  const missing = buildNghttp2()
  if (missing === undefined) {
    const side = nghttp2Side('encode', table, sectionsFile(sections))
    sides.libnghttp2 = side
    octets.libnghttp2 = side.octets()
  }
  const sizes = Object.entries(octets).map(([name, sum]) => `${name} ${(sum / sections.length).toFixed(1)}`)
  const notes = [`octets in a block: ${sizes.join(', ')}`, ...(missing === undefined ? [] : [missing])]
  return { operations: sections.length, sides, notes }
}

export const entries: readonly Entry[] = Object.entries(fieldSections).flatMap(([kind, sections]) =>
  (['warm', 'cold'] as const).flatMap((table): Entry[] => [
    {
      name: `hpack decode ${kind} ${table}`,
      unit: 'blocks',
      targets: { 'hpack.js': 6 },
      prepare: () => prepareDecode(sections, table),
    },
    {
      name: `hpack encode ${kind} ${table}`,
      unit: 'blocks',
      targets: { 'hpack.js': 12 },
      prepare: () => prepareEncode(sections, table),
    },
  ]),
)
