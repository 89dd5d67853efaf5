import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../src/bytes/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import { type FieldInput, HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { seed } from './property.ts'
import { decoded, encode, hex, plain } from './support.ts'

const field = (name: string, value: string): FieldInput => ({ name, value })
const bad = field('x', '\u0100')

/** What is refused leaves no trace: the twin is never given it. */
function expectTwin(encoder: HpackEncoder, twin: HpackEncoder, refused: readonly FieldInput[]): void {
  expect(() => encode(encoder, refused)).toThrow(UsageError)
  const probe = [...refused.filter(({ value }) => value !== bad.value), field('a', '1'), field('a', '2')]
  expect(hex(encode(encoder, probe))).toBe(hex(encode(twin, probe)))
}

describe('HpackEncoder: a section that is refused', () => {
  it('takes back what it had put into the table', () => {
    const [encoder, twin] = [new HpackEncoder(), new HpackEncoder()]
    expectTwin(encoder, twin, [field('n', '1'), field('n', '2'), field('m', '1'), bad])
    expectTwin(encoder, twin, [field('n', '3'), field('a', '1'), field('n', '4'), bad])
  })

  it('puts back what had left the table for it', () => {
    const options = { tableSizeLimit: 34 * 4 }
    const [encoder, twin] = [new HpackEncoder(options), new HpackEncoder(options)]
    const before = [field('a', '1'), field('b', '1'), field('a', '2'), field('c', '1')]
    expect(hex(encode(encoder, before))).toBe(hex(encode(twin, before)))
    for (const count of [1, 3, 4, 5, 9]) {
      const refused = [...Array.from({ length: count }, (_, i) => field('n', String(i))), bad]
      expect(() => encode(encoder, refused)).toThrow(UsageError)
      const probe = before.map(({ name, value }) => field(name, value)).reverse()
      expect(hex(encode(encoder, probe))).toBe(hex(encode(twin, probe)))
      // Only indices: nothing had to be sent anew.
      expect(encode(encoder, probe)).toHaveLength(4)
      encode(twin, probe)
    }
  })

  it('does the same for names that are too long, or too many, for all connections to share', () => {
    const long = 'n'.repeat(70)
    const many = Array.from({ length: 200 }, (_, i) => `name-${i}`)
    const options = { tableSizeLimit: 16_384, tableSizeCap: 16_384 }
    const [encoder, twin, decoder] = [
      new HpackEncoder(options),
      new HpackEncoder(options),
      new HpackDecoder({ ...options, maxFieldCount: 300 }),
    ]
    const sections = [[long, ...many], [long, ...[...many].reverse()], many]
    for (const [i, names] of sections.entries()) {
      const lines = names.map((name) => field(name, String(i)))
      expect(() => encode(encoder, [...lines, bad])).toThrow(UsageError)
      const block = encode(encoder, lines)
      expect(hex(block)).toBe(hex(encode(twin, lines)))
      expect(plain(decoded(decoder, block).fields)).toEqual(plain(lines))
      // The names are in the table now, those of the connection's own too: three octets for the index, two for the value.
      if (i > 0) expect(block.length).toBeLessThanOrEqual(5 * lines.length)
    }
  })

  it('RFC 7541 §2.3: an encoder that was given bad sections in between sends what its twin does', () => {
    const text = fc.constantFrom('', 'a', 'b', 'long value that fills the table soon', 'c', 'd', ':path', 'cookie')
    const section = fc.array(fc.record({ name: text, value: text }), { maxLength: 12 })
    const steps = fc.array(fc.record({ section, isBad: fc.boolean(), size: fc.option(fc.nat(400)) }), { maxLength: 8 })
    fc.assert(
      fc.property(fc.nat(400), steps, (tableSizeCap, all) => {
        const [encoder, twin, decoder] = [
          new HpackEncoder({ tableSizeCap }),
          new HpackEncoder({ tableSizeCap }),
          new HpackDecoder(),
        ]
        for (const { section: lines, isBad, size } of all) {
          if (size !== null) {
            encoder.setTableSizeLimit(size)
            twin.setTableSizeLimit(size)
          }
          if (isBad) {
            const writer = new ByteWriter()
            expect(() => encoder.encode([...lines, bad], writer)).toThrow(UsageError)
            expect(writer.pending).toBe(0)
          }
          const block = encode(encoder, lines)
          expect(hex(block)).toBe(hex(encode(twin, lines)))
          decoded(decoder, block)
        }
      }),
      { seed, numRuns: Math.min(500, Number(process.env.FC_RUNS ?? 500)) },
    )
  })
})
