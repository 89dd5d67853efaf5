import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConnectionError } from '../../src/errors/index.ts'
import { HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { staticTable } from '../../src/hpack/static-table.ts'
import { hostile, mutate, mutation, section, seed } from '../hpack/property.ts'
import { bytes, decoded, encode, expectEqual, hex } from '../hpack/support.ts'
import { type Decoded, decodeAll, encodeAll, type Line, pythonHpack, type Step } from './peers/python-hpack.ts'
import { describePeer } from './support/presence.ts'

/** Sections each way; FC_RUNS says otherwise. Five go over each connection, so that its table is at work. */
const COUNT = Number(process.env.FC_RUNS ?? 100_000)
const EACH = 5
const unlimited = { maxSectionSize: Infinity, maxFieldCount: Infinity, maxCookieCrumbs: Infinity }
const huffman = fc.constantFrom('always' as const, 'when-shorter' as const, 'never' as const)
const sizes = fc.option(fc.constantFrom(0, 34, 100, 300, 1000, 4096), { freq: 3 })

type Sent = { name: string; value: string; sensitive?: boolean | undefined }
const lines = (fields: readonly Sent[]): Line[] => fields.map((f) => [f.name, f.value, f.sensitive === true])

function sample<T>(what: string, arbitrary: fc.Arbitrary<T>): T[] {
  const numRuns = Math.ceil(COUNT / EACH)
  console.log(`${what}: FC_SEED=${seed}, ${numRuns * EACH} sections`)
  return fc.sample(arbitrary, { seed, numRuns })
}

const sections = <T>(each: fc.Arbitrary<T>) => fc.array(each, { minLength: EACH, maxLength: EACH })

/** What our decoder makes of the blocks, in the shape in which the peer answers. */
function decodeOurs(blocks: readonly string[]): { sections: Line[][]; fault: ConnectionError | undefined } {
  const decoder = new HpackDecoder(unlimited)
  const out: Line[][] = []
  for (const block of blocks) {
    const result = decoder.decode(bytes(block))
    if (result instanceof ConnectionError) return { sections: out, fault: result }
    out.push(lines(result.fields))
  }
  return { sections: out, fault: undefined }
}

type Ours = ReturnType<typeof decodeOurs>

/** Where the decoders may disagree, each by a sentence of the RFC. All of them are refusals of ours alone. */
const disagreements: Record<string, (ours: Ours) => boolean> = {
  // "resulting in at most two dynamic table size updates": it takes any number at the beginning. RFC 7541 §4.2.
  'a third size update': ({ fault }) =>
    fault?.section === 'RFC 7541 §4.2' && fault.message.includes('a third table size update'),
  // "Integer encodings that exceed implementation limits […] MUST be treated as decoding errors": it has none. RFC 7541 §5.1.
  'an integer without limits': ({ fault }) =>
    fault?.section === 'RFC 7541 §5.1' && /an integer is too (long|large)/.test(fault.message),
}

/** The name of an allowed disagreement; undefined where both say the same. */
function compare(ours: Ours, theirs: Decoded): string | undefined {
  const agreed = Math.min(ours.sections.length, theirs.sections.length)
  expectEqual(ours.sections.slice(0, agreed), theirs.sections.slice(0, agreed))
  if (ours.sections.length === theirs.sections.length && (ours.fault === undefined) === (theirs.error === null)) return
  for (const [name, applies] of Object.entries(disagreements)) if (applies(ours)) return name
  expect({ ...ours, fault: String(ours.fault) }).toEqual({ ...theirs, fault: theirs.error })
  return
}

describePeer(pythonHpack, 'and our HPACK codec', () => {
  test('RFC 7541 §3.1: what we encode it decodes', async () => {
    const steps = fc.tuple(section, sizes)
    const connections = sample('our encoder, its decoder', fc.tuple(sections(steps), huffman))
    const blocks = connections.map(([sent, mode]) => {
      const encoder = new HpackEncoder({ huffman: mode, splitCookies: false })
      return sent.map(([fields, size]) => {
        // Within the 4096 octets that its decoder allows.
        if (size !== null) encoder.setTableSizeLimit(size)
        return hex(encode(encoder, fields))
      })
    })
    const answers = await decodeAll(blocks)
    connections.forEach(([sent], i) => {
      const { sections, error } = answers[i]!
      expectEqual([sections.map(stripped), error], [sent.map(([fields]) => stripped(lines(fields))), null])
      // What is sensitive is marked so; the default policy marks more.
      sent.forEach(([fields], s) => {
        const forgotten = fields.filter((field, f) => field.sensitive && !sections[s]![f]![2])
        expectEqual(forgotten, [])
      })
    })
  })

  test('RFC 7541 §3.1: what it encodes we decode', async () => {
    const steps = fc.tuple(sizes, fc.boolean(), section.map(lines))
    const connections = sample('its encoder, our decoder', sections(steps))
    const answers = await encodeAll(connections.map(withChangesOnly))
    connections.forEach((sent, i) => {
      const decoder = new HpackDecoder(unlimited)
      const inTable = new Set(staticTable.map(({ name, value }) => JSON.stringify([name, value])))
      answers[i]!.forEach((block, s) => {
        const received = lines(decoded(decoder, bytes(block)).fields)
        const fields = sent[s]![2]
        expectEqual(stripped(received), stripped(fields))
        fields.forEach(([name, value, sensitive], f) => {
          const pair = JSON.stringify([name, value])
          // "a header field […] never indexed […] MUST always be encoded with this specific literal representation": its
          // encoder says an index all the same where the field stands in a table. RFC 7541 §6.2.3, §7.1.3.
          if (received[f]![2] !== sensitive) expectEqual([sensitive, inTable.has(pair)], [true, true])
          if (!sensitive) inTable.add(pair)
        })
      })
    })
  })

  test('RFC 7541 §3.1: of blocks that are wrong both refuse the same, but for what is named here', async () => {
    const broken = fc.tuple(sections(section), mutation, huffman).map(([sent, change, mode]) => {
      const encoder = new HpackEncoder({ huffman: mode })
      const blocks = sent.map((fields) => encode(encoder, fields))
      return blocks.map((block, i) => hex(i === blocks.length - 1 ? mutate(block, change) : block))
    })
    const random = sections(hostile).map((blocks) => blocks.map(hex))
    const connections = sample('wrong blocks, both decoders', fc.oneof(broken, random))
    const answers = await decodeAll(connections)
    const allowed = new Map<string, number>()
    let refused = 0
    connections.forEach((blocks, i) => {
      const ours = decodeOurs(blocks)
      if (ours.fault !== undefined) refused++
      const name = compare(ours, answers[i]!)
      if (name !== undefined) allowed.set(name, (allowed.get(name) ?? 0) + 1)
    })
    console.log(
      `${refused} of ${connections.length} connections refused; allowed disagreements:`,
      Object.fromEntries(allowed),
    )
    expect(refused).toBeGreaterThan(connections.length / 10)
  })
})

/** Names and values only. */
function stripped(fields: readonly Line[]): string[][] {
  return fields.map(([name, value]) => [name, value])
}

/** Without sizes that change nothing: its encoder would forget the change before such a one. */
function withChangesOnly(steps: readonly Step[]): Step[] {
  let current = 4096
  return steps.map(([size, huffman, fields]) => {
    const changed = size !== null && size !== current
    if (changed) current = size
    return [changed ? size : null, huffman, fields]
  })
}

describe('the allowed disagreements with python3-hpack', () => {
  test.each([
    ['a third size update', '202020'],
    ['an integer without limits', '0f8080808080000161'],
  ])('RFC 7541 §4.2, §5.1: %s', (name, block) => {
    expect(disagreements[name]!(decodeOurs([block]))).toBe(true)
    expect(disagreements[name]!(decodeOurs(['80']))).toBe(false)
  })
})
