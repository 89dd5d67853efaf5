import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../src/bytes/index.ts'
import { ConnectionError, ErrorCode } from '../../src/errors/index.ts'
import { type FieldInput, HpackDecoder, HpackEncoder, type Indexing, joinCookies } from '../../src/hpack/index.ts'
import { staticTable } from '../../src/hpack/static-table.ts'
import { check, hostile, mutate, mutation, section } from './property.ts'
import { ReferenceDecoder } from './reference.ts'
import { decoded, encode, expectEqual, hex, plain } from './support.ts'

const statics = staticTable.slice(1).map(({ name, value }) => [name, value] as const)
const unlimited = { maxSectionSize: Infinity, maxFieldCount: Infinity, maxCookieCrumbs: Infinity }

const huffman = fc.constantFrom('always' as const, 'when-shorter' as const, 'never' as const)
const tableSize = fc.oneof(fc.constantFrom(0, 32, 33, 34, 100, 4096, 65_536), fc.integer({ min: 0, max: 300 }))

/** A policy that depends on nothing but the field, yet says everything of every name. */
const fickle = (name: string, value: string): Indexing =>
  (['index', 'index', 'literal', 'never'] as const)[(name.length + value.length) % 4]!

/** What is sensitive must be so after the way, other fields may become so by policy. */
function expectSame(
  received: readonly FieldInput[],
  sent: readonly FieldInput[],
  policy: (field: FieldInput) => boolean,
) {
  expectEqual(plain(received), plain(sent.map((field) => ({ ...field, sensitive: field.sensitive || policy(field) }))))
}

type Step = { resize: number } | { send: FieldInput[] }
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: tableSize.map((resize) => ({ resize })) },
  { weight: 2, arbitrary: section.map((send) => ({ send })) },
)

describe('HPACK as a whole', () => {
  it('RFC 7541 §2.2: what is encoded is decoded again, under changes of the table size on both ends', () => {
    check(
      fc.property(fc.array(step, { maxLength: 6 }), huffman, tableSize, (steps, mode, cap) => {
        const encoder = new HpackEncoder({ huffman: mode, tableSizeCap: cap, indexing: fickle, splitCookies: false })
        const decoder = new HpackDecoder(unlimited)
        const reference = new ReferenceDecoder(statics, 4096)
        for (const step of steps) {
          if ('resize' in step) {
            for (const end of [encoder, decoder, reference]) end.setTableSizeLimit(step.resize)
            continue
          }
          const block = encode(encoder, step.send)
          const { fields, size } = decoded(decoder, block)
          expectSame(fields, step.send, ({ name, value }) => fickle(name, value) === 'never')
          expectEqual(
            size,
            step.send.reduce((sum, { name, value }) => sum + name.length + value.length + 32, 0),
          )
          // The model agrees, so both ends are right and don't only agree with each other.
          expectEqual(reference.decode(block), plain(fields))
          if (reference.size > cap) expect(reference.size).toBe(cap)
        }
      }),
    )
  })

  it('RFC 7541 §2.3.2: on a long connection fields come, stay, go and come again in step', () => {
    const size = fc.constantFrom(0, 36, 100, 700, 1500, 4096)
    check(
      fc.property(fc.uint8Array({ maxLength: 250 }), size, size, fc.nat(250), (octets, before, after, turn) => {
        const encoder = new HpackEncoder({ tableSizeCap: 4096, splitCookies: false })
        const decoder = new HpackDecoder()
        for (let i = 0; i < octets.length; i += 5) {
          const limit = i < turn ? before : after
          for (const end of [encoder, decoder]) end.setTableSizeLimit(limit)
          // Eight names with 32 values each, some of them long, so that a few or more than a hundred fit.
          const sent = [...octets.subarray(i, i + 5)].map((octet) => ({
            name: `n${octet & 7}`,
            value: `v${octet >> 3}`.padEnd(octet > 240 ? 400 : 0),
          }))
          const { fields } = decoded(decoder, encode(encoder, sent))
          expectEqual(plain(fields), plain(sent))
        }
      }),
    )
  })

  it('RFC 9113 §8.2.3: cookies split on the way are the same when joined', () => {
    check(
      fc.property(fc.array(section, { maxLength: 2 }), (sections) => {
        const encoder = new HpackEncoder()
        const decoder = new HpackDecoder(unlimited)
        for (const sent of sections) {
          const values = (fields: readonly FieldInput[]) => fields.map(({ name, value }) => [name, value])
          const { fields } = decoded(decoder, encode(encoder, sent))
          expectEqual(values(joinCookies(fields)), values(joinCookies(plain(sent))))
        }
      }),
    )
  })

  it('RFC 7541 §6.2.3: a forwarded section keeps what is never indexed, whatever the next policy is', () => {
    check(
      fc.property(fc.array(section, { maxLength: 3 }), (sections) => {
        const first = new HpackEncoder({ indexing: fickle, splitCookies: false })
        const middle = new HpackDecoder(unlimited)
        const next = new HpackEncoder({ indexing: () => 'index', splitCookies: false })
        const last = new HpackDecoder(unlimited)
        for (const sent of sections) {
          const { fields } = decoded(middle, encode(first, sent))
          expectEqual(plain(decoded(last, encode(next, fields)).fields), plain(fields))
        }
      }),
    )
  })

  it('RFC 7541 §5.2: every octet survives in names and values, in any Huffman mode', () => {
    const octets = fc.uint8Array({ maxLength: 40 }).map((bytes) => String.fromCharCode(...bytes))
    check(
      fc.property(octets, octets, huffman, (name, value, mode) => {
        const block = encode(new HpackEncoder({ huffman: mode, splitCookies: false }), [{ name, value }])
        expectEqual(plain(decoded(new HpackDecoder(), block).fields), [{ name, value, sensitive: false }])
      }),
    )
  })
})

/** Ours and the model get the same blocks: same fields, or a fault by the same rule. */
function compare(blocks: readonly Uint8Array[], limits: readonly number[]): void {
  const decoder = new HpackDecoder(unlimited)
  const reference = new ReferenceDecoder(statics, 4096)
  for (const [i, block] of blocks.entries()) {
    const limit = limits[i]
    if (limit !== undefined) for (const end of [decoder, reference]) end.setTableSizeLimit(limit)
    const result = decoder.decode(block)
    const expected = reference.decode(block)
    if (result instanceof ConnectionError) {
      expectEqual(result.section, expected)
      expectEqual(result.code, ErrorCode.COMPRESSION_ERROR)
      return
    }
    expectEqual(plain(result.fields), expected)
  }
}

describe('HPACK decoder against arbitrary octets', () => {
  it('RFC 7541 §3.1: random blocks give what the plain model gives, and nothing throws', () => {
    check(fc.property(fc.array(hostile, { maxLength: 3 }), fc.array(tableSize, { maxLength: 2 }), compare))
  })

  it('RFC 7541 §3.1: blocks with an octet changed, cut or inserted give what the plain model gives', () => {
    check(
      fc.property(
        fc.array(section, { minLength: 1, maxLength: 3 }),
        mutation,
        fc.nat(2),
        huffman,
        (sections, m, which, mode) => {
          const encoder = new HpackEncoder({ huffman: mode })
          const blocks = sections.map((sent) => encode(encoder, sent))
          compare(
            blocks.map((block, i) => (i === which % blocks.length ? mutate(block, m) : block)),
            [],
          )
        },
      ),
    )
  })

  it('RFC 9113 §10.5.1: whatever the limits are, the table and the size are those of a decoder without limits', () => {
    check(
      fc.property(
        fc.array(section, { maxLength: 3 }),
        fc.nat(400),
        fc.nat(6),
        fc.nat(3),
        (sections, maxSectionSize, maxFieldCount, maxCookieCrumbs) => {
          const encoder = new HpackEncoder()
          const limited = new HpackDecoder({ maxSectionSize, maxFieldCount, maxCookieCrumbs })
          const free = new HpackDecoder(unlimited)
          for (const sent of sections) {
            const block = encode(encoder, sent)
            const whole = decoded(free, block)
            const part = decoded(limited, block)
            expectEqual(part.size, whole.size)
            expectEqual(plain(part.fields), plain(whole.fields.slice(0, part.fields.length)))
            expectEqual(part.overflow === undefined, part.fields.length === whole.fields.length)
            const crumbs = part.fields.filter(({ name }) => name === 'cookie').length
            if (crumbs > maxCookieCrumbs) expect(crumbs).toBe(maxCookieCrumbs)
            if (part.fields.length - crumbs > maxFieldCount) expect(part.fields).toHaveLength(crumbs + maxFieldCount)
          }
        },
      ),
    )
  })
})

/** The name of what a call throws; `toThrow` takes a millisecond. */
function refusal(call: () => void): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return (error as Error).name
  }
}

describe('HPACK encoder against bad strings', () => {
  it('RFC 7541 §5.2: a refused section leaves no trace in the output or the table', () => {
    check(
      fc.property(section, section, fc.nat(8), fc.boolean(), tableSize, (before, bad, place, inName, resize) => {
        const [tried, untouched] = [new HpackEncoder(), new HpackEncoder()]
        expectEqual(hex(encode(tried, before)), hex(encode(untouched, before)))
        for (const encoder of [tried, untouched]) encoder.setTableSizeLimit(resize)
        const wrong = inName ? { name: 'x-Ā', value: 'a' } : { name: ':path', value: '/\u{1f600}' }
        const writer = new ByteWriter()
        expectEqual(
          refusal(() => tried.encode([...bad.slice(0, place), wrong, ...bad.slice(place)], writer)),
          'UsageError',
        )
        expectEqual(writer.take().length, 0)
        for (const sent of [before, bad]) expectEqual(hex(encode(tried, sent)), hex(encode(untouched, sent)))
      }),
    )
  })
})
