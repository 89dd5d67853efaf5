/**
 * HPACK against hpack.js: `node scripts/run.js bench/hpack.ts [--rounds N]`.
 * Both get the same fields and the same blocks, in turn, in one process; every decoded name and value is read.
 * What counts are the ratios of the medians, not the absolute figures of the machine.
 */
import hpackJs from 'hpack.js'
import { ByteWriter } from '../src/bytes/index.ts'
import { ConnectionError } from '../src/errors/index.ts'
import { HpackDecoder, HpackEncoder } from '../src/hpack/index.ts'
import { requests } from './hpack-corpus.ts'

const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 25

/** A sum over all octets' positions that no engine can leave out: it reads both ends of every string. */
let checksum = 0
function read(name: string, value: string): void {
  checksum = (checksum + name.length + value.length + name.charCodeAt(0) + value.charCodeAt(value.length - 1)) | 0
}

/** Ten laps over the corpus on one connection: what comes again is found in the tables, as in a long session. */
const laps = Array.from({ length: 10 }, () => requests).flat()
/** hpack.js tells by `incremental` what it may index; the same fields are literals there as here. */
const headers = laps.map((fields) => fields.map(({ name, value }) => ({ name, value, incremental: name !== ':path' })))
const blocks = encodeOurs()

function encodeOurs(): Uint8Array[] {
  const encoder = new HpackEncoder({ splitCookies: false })
  const writer = new ByteWriter()
  return laps.map((fields) => {
    encoder.encode(fields, writer)
    return writer.take()
  })
}

const programs = {
  'decode, ours': () => {
    const decoder = new HpackDecoder()
    for (const block of blocks) {
      const section = decoder.decode(block)
      if (section instanceof ConnectionError) throw section
      for (const field of section.fields) read(field.name, field.value)
    }
  },
  'decode, hpack.js': () => {
    const decompressor = hpackJs.decompressor.create({ table: { maxSize: 4096 } })
    for (const block of blocks) {
      decompressor.write(block)
      decompressor.execute()
      for (let field = decompressor.read(); field !== null; field = decompressor.read()) read(field.name, field.value)
    }
  },
  'encode, ours': () => {
    const encoder = new HpackEncoder({ splitCookies: false })
    const writer = new ByteWriter(65_536)
    for (const fields of laps) {
      encoder.encode(fields, writer)
      checksum = (checksum + writer.pending) | 0
      // A connection takes what it wrote once for many frames.
      writer.rewind(0)
    }
  },
  'encode, hpack.js': () => {
    const compressor = hpackJs.compressor.create({ table: { maxSize: 4096 } })
    for (const fields of headers) {
      compressor.write(fields)
      for (let chunk = compressor.read(); chunk !== null; chunk = compressor.read()) {
        checksum = (checksum + chunk.length) | 0
      }
    }
  },
}

const samples = new Map<string, number[]>()
for (let round = -3; round < rounds; round++) {
  for (const [name, program] of Object.entries(programs)) {
    // Processor time, so that other work on the machine disturbs less.
    const start = process.cpuUsage()
    program()
    const { user, system } = process.cpuUsage(start)
    const seconds = (user + system) / 1e6
    if (round >= 0) samples.set(name, [...(samples.get(name) ?? []), laps.length / seconds])
  }
}

const median = (name: string): number => samples.get(name)!.sort((a, b) => a - b)[rounds >> 1]!
for (const name of samples.keys()) console.log(`${name.padEnd(18)} ${(median(name) / 1e6).toFixed(3)} M blocks/s`)
for (const what of ['decode', 'encode']) {
  console.log(`${what}: ${(median(`${what}, ours`) / median(`${what}, hpack.js`)).toFixed(1)} times hpack.js`)
}
const total = blocks.reduce((sum, block) => sum + block.length, 0)
console.log(
  `encoded: ${total} octets in ${blocks.length} blocks of ${requests[0]!.length} fields (checksum ${checksum})`,
)
