import { Attacker, CLOSED_WINDOWS, END_HEADERS, END_STREAM, request } from '../attacker.ts'
import type { Outcome, Scenario, Target } from '../scenario.ts'

/** Field blocks that are endless, that grow, or that are none: H3 to H5, H20, H21, H25, S6. */

const CALM = 'GOAWAY ENHANCE_YOUR_CALM'
const COMPRESSION = 'GOAWAY COMPRESSION_ERROR'

async function finish(attacker: Attacker, milliseconds = 1500): Promise<Outcome> {
  await attacker.flush()
  await attacker.wait(milliseconds)
  attacker.destroy()
  return { reaction: attacker.reaction, sent: attacker.sent }
}

const continuations = (size: number): Scenario => ({
  row: 'H3',
  name: `CONTINUATION of ${size} octets without end`,
  expected: CALM,
  attack: async ({ port }) => {
    const attacker = await Attacker.open(port)
    // each octet is a field of the static table: whoever decodes as it arrives finds no fault
    attacker.wire.opening(1, new Uint8Array([0x82, 0x86, 0x84]))
    const fragment = new Uint8Array(size).fill(0x90)
    await attacker.flood(size === 0 ? 100_000 : 1000, (wire) => wire.continuation(1, fragment, 0), size > 100 ? 8 : 200)
    return await finish(attacker)
  },
})

/** An entry of 4 KB in the table, then blocks of 16,000 references to it: 64 MB a block when written out. */
async function bomb({ port }: Target): Promise<Outcome> {
  const attacker = await Attacker.open(port)
  const head = [0x82, 0x86, 0x84, 0x41, 0x09, ...Buffer.from('localhost')]
  const size = 3000
  const entry = [0x40, 0x01, 0x78, 0x7f, ((size - 127) % 128) | 0x80, Math.floor((size - 127) / 128)]
  const value = new Uint8Array(size).fill(0x61)
  const first = new Uint8Array([...head, ...entry, ...value])
  const refs = new Uint8Array(16_000).fill(0xbe)
  refs.set([0x82, 0x86, 0x84, 0xbf])
  attacker.wire.frame({ kind: 'HEADERS', streamId: 1, flags: END_HEADERS | END_STREAM, fragment: first })
  await attacker.flood(
    500,
    (wire, i) => wire.frame({ kind: 'HEADERS', streamId: 2 * i + 3, flags: END_HEADERS | END_STREAM, fragment: refs }),
    5,
  )
  return await finish(attacker)
}

/** Cookie crumbs from the table on many streams whose windows are shut, so that nothing ends. */
async function crumbs({ port }: Target): Promise<Outcome> {
  const attacker = await Attacker.open(port, { settings: CLOSED_WINDOWS })
  const cookie = { name: 'cookie', value: `a=${'b'.repeat(250)}` }
  const lines = request(
    'GET',
    '/bytes/100000',
    Array.from({ length: 148 }, () => cookie),
  )
  await attacker.flood(5000, (wire, i) => wire.headers(2 * i + 1, lines, END_STREAM), 50)
  return await finish(attacker)
}

const block = (row: string, name: string, expected: string, bytes: readonly number[]): Scenario => ({
  row,
  name,
  expected,
  attack: async ({ port }) => {
    const attacker = await Attacker.open(port)
    const fragment = new Uint8Array(bytes)
    attacker.wire.frame({ kind: 'HEADERS', streamId: 1, flags: END_HEADERS | END_STREAM, fragment })
    return await finish(attacker, 800)
  },
})

/** :method GET, :scheme http, :path /. */
const GET = [0x82, 0x86, 0x84]

export const fieldBlocks: readonly Scenario[] = [
  continuations(0),
  continuations(1),
  continuations(16_000),
  { row: 'H4', name: 'HPACK bomb, again and again', expected: CALM, attack: bomb },
  { row: 'H5', name: 'cookie crumbs on streams that never end', expected: CALM, attack: crumbs },
  block('H20', 'a block that ends within an integer', COMPRESSION, [...GET, 0x7f, 0xff]),
  block('H20', 'an integer above 2^32', COMPRESSION, [...GET, 0x7f, 0xff, 0xff, 0xff, 0xff, 0x7f]),
  block('H20', 'an index beyond the tables', COMPRESSION, [...GET, 0xc0]),
  {
    row: 'H20',
    name: 'padding longer than the frame',
    expected: 'GOAWAY PROTOCOL_ERROR',
    attack: async ({ port }) => {
      const attacker = await Attacker.open(port)
      attacker.wire.raw(1, 1, new Uint8Array([200, 0x82, 0x86, 0x84]), END_HEADERS | END_STREAM | 8)
      return await finish(attacker, 800)
    },
  },
  block('H21', 'a third table size update', COMPRESSION, [0x20, 0x20, 0x20, ...GET]),
  block('H21', 'a table size update above the limit', COMPRESSION, [0x3f, 0xff, 0xff, 0x03, ...GET]),
  block('H21', 'an integer of many octets', COMPRESSION, [...GET, 0x7f, ...Array.from({ length: 1000 }, () => 0x80)]),
  block('H25', 'an empty name', 'RST_STREAM PROTOCOL_ERROR', [...GET, 0x00, 0x80, 0x80]),
  {
    row: 'H21',
    name: 'a table of 4 GB asked of our encoder',
    expected: 'open',
    attack: async ({ port }) => {
      const attacker = await Attacker.open(port, { settings: [[1, 0xffff_ffff]] })
      attacker.wire.windowUpdate(0, 1 << 24)
      for (let i = 0; i < 2000 && !attacker.over; ) {
        for (const end = i + 50; i < end; i++) attacker.wire.headers(2 * i + 1, request('GET', `/x${i}`), END_STREAM)
        await attacker.flush()
        await attacker.wait(1000, () => attacker.statuses.size === i)
      }
      return await finish(attacker, 300)
    },
  },
  {
    row: 'S6',
    name: '200 fields, and 200 cookies',
    expected: 'RST_STREAM ENHANCE_YOUR_CALM',
    attack: async ({ port }) => {
      const attacker = await Attacker.open(port)
      const many = (name: string) => Array.from({ length: 200 }, (_, i) => ({ name, value: String(i) }))
      attacker.wire.headers(1, request('GET', '/hello', many('x')), END_STREAM)
      attacker.wire.headers(3, request('GET', '/hello', many('cookie')), END_STREAM)
      await attacker.flush()
      await attacker.wait(800, () => attacker.resets.size === 2)
      attacker.destroy()
      const reaction = attacker.resets.size === 2 ? attacker.reaction : `${attacker.resets.size} of 2 refused`
      return { reaction, sent: attacker.sent }
    },
  },
]
