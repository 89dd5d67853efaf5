import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../src/bytes/index.ts'
import { ConnectionError } from '../../src/errors/index.ts'
import { HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { check } from './property.ts'
import { bytes, decoded, expectEqual, plain } from './support.ts'

const block = bytes('82 86 84 87')

/** A decoder that has decoded the block so often that it knows it. */
function knowing(octets: Uint8Array = block): HpackDecoder {
  const decoder = new HpackDecoder()
  for (let time = 0; time < 4; time++) decoded(decoder, octets)
  expect(decoded(decoder, octets).repeats).toBe(true)
  return decoder
}

/** How often in a row a block is said to repeat, of `times` that it comes. */
const repeats = (decoder: HpackDecoder, octets: Uint8Array, times: number): number =>
  Array.from({ length: times }, () => decoded(decoder, octets).repeats).filter((repeats) => repeats === true).length

describe('a block that comes again', () => {
  it('stands for the same lines, in a list of its own', () => {
    const decoder = knowing()
    const first = decoded(decoder, block)
    expect(plain(first.fields)).toEqual(plain(decoded(new HpackDecoder(), block).fields))
    first.fields.length = 0
    expect(decoded(decoder, block).fields.length).toBe(4)
  })

  it('keeps none of the lists that were handed out', () => {
    const decoder = new HpackDecoder()
    for (let time = 0; time < 6; time++) {
      const { fields } = decoded(decoder, block)
      expect(fields.length).toBe(4)
      fields.length = 0
    }
  })

  it('hands out no line that a reader could change for the sections to come', () => {
    const octets = bytes('82 00 01 61 01 62')
    const decoder = new HpackDecoder()
    const lines = plain(decoded(decoder, octets).fields)
    for (let time = 0; time < 6; time++) {
      const { fields } = decoded(decoder, octets)
      expect(plain(fields)).toEqual(lines)
      for (const field of fields) Reflect.set(field, 'value', 'changed')
    }
  })

  it('is not the one before where an empty one comes after another', () => {
    const decoder = knowing(new Uint8Array(0))
    decoder.setTableSizeLimit(0)
    expect(decoded(decoder, bytes('20 82 86 84')).fields.length).toBe(3)
    expect(decoded(decoder, new Uint8Array(0)).repeats).toBe(false)
  })

  it('is another one when a single octet differs', () => {
    for (let i = 0; i < block.length; i++) {
      const decoder = knowing()
      const other = block.slice()
      other[i]! ^= 0x01
      const section = decoded(decoder, other)
      expect(section.repeats).toBe(false)
      expect(plain(section.fields)).toEqual(plain(decoded(new HpackDecoder(), other).fields))
      expect(decoded(decoder, block).repeats).toBe(false)
    }
  })

  it('is another one when it is longer or shorter', () => {
    expect(decoded(knowing(), bytes('82 86 84 87 88')).fields.length).toBe(5)
    expect(decoded(knowing(), bytes('82 86 84')).fields.length).toBe(3)
  })

  it('is found again soon after others came', () => {
    const decoder = knowing()
    for (let i = 0; i < 100; i++) decoded(decoder, Uint8Array.of(0x82, 0x86, 0x80 | (1 + (i % 60)), 0x84))
    expect(repeats(decoder, block, 40)).toBeGreaterThanOrEqual(20)
  })

  it('RFC 7541 §4.2: is nothing any more once a size update has emptied the table', () => {
    const octets = bytes('be be 82 82')
    const decoder = new HpackDecoder()
    decoded(decoder, bytes('40 01 61 01 62'))
    expect(repeats(decoder, octets, 30)).toBeGreaterThan(8)
    decoded(decoder, bytes('20'))
    expect(decoder.decode(octets)).toBeInstanceOf(ConnectionError)
  })

  it('RFC 7541 §4.4: is nothing any more once an entry too large has emptied the table', () => {
    const octets = bytes('be be 82 82')
    const decoder = new HpackDecoder({ tableSizeLimit: 64 })
    decoded(decoder, bytes('40 01 61 01 62'))
    expect(repeats(decoder, octets, 30)).toBeGreaterThan(8)
    decoded(decoder, Uint8Array.of(0x40, 0x01, 0x61, 40, ...new Uint8Array(40).fill(0x62)))
    expect(decoder.decode(octets)).toBeInstanceOf(ConnectionError)
  })

  it('RFC 7541 §2.3.3: stands for other lines once an entry has come in before its own', () => {
    const octets = bytes('be be 82 82')
    const decoder = new HpackDecoder()
    decoded(decoder, bytes('40 01 61 01 62'))
    expect(repeats(decoder, octets, 30)).toBeGreaterThan(8)
    decoded(decoder, bytes('40 01 61 01 63'))
    expect(decoded(decoder, octets).fields[0]!.value).toBe('c')
  })

  it('RFC 9113 §4.3.1: is a fault where a size update is due', () => {
    const decoder = knowing()
    decoder.setTableSizeLimit(0)
    expect(decoder.decode(block)).toBeInstanceOf(ConnectionError)
  })

  it('RFC 7541 §7.1.3: is never remembered if it has a secret', () => {
    expect(repeats(new HpackDecoder(), bytes('10 01 61 01 62'), 100)).toBe(0)
    expect(repeats(new HpackDecoder(), bytes('0f 11 02 62 63'), 100)).toBe(0)
  })

  it('is not remembered if it is long, or its section passes a limit', () => {
    expect(repeats(new HpackDecoder(), new Uint8Array(64).fill(0x82), 20)).toBeGreaterThan(0)
    expect(repeats(new HpackDecoder(), new Uint8Array(65).fill(0x82), 100)).toBe(0)
    expect(repeats(new HpackDecoder({ maxFieldCount: 3 }), block, 100)).toBe(0)
    expect(decoded(new HpackDecoder({ maxFieldCount: 3 }), block).overflow).toBe('count')
  })

  it('decodes to what was encoded, whatever comes how often', () => {
    const line = fc.record({
      name: fc.constantFrom(':path', 'a', 'authorization', 'accept'),
      value: fc.constantFrom('/', 'b', 'c'.repeat(30), ''),
      sensitive: fc.boolean(),
    })
    const section = fc.record({ fields: fc.array(line, { maxLength: 10 }), times: fc.integer({ min: 1, max: 24 }) })
    check(
      fc.property(fc.array(section, { maxLength: 4 }), fc.constantFrom(0, 64, 4096), (sections, size) => {
        const encoder = new HpackEncoder()
        const decoder = new HpackDecoder()
        const writer = new ByteWriter()
        encoder.setTableSizeLimit(size)
        let before = ''
        for (const { fields, times } of sections) {
          for (let time = 0; time < times; time++) {
            encoder.encode(fields, writer)
            const section = decoded(decoder, writer.take())
            const lines = plain(section.fields)
            expectEqual(
              lines.map(({ name, value }) => [name, value]),
              fields.map(({ name, value }) => [name, value]),
            )
            const now = JSON.stringify(lines)
            if (section.repeats === true && now !== before) expect(now).toBe(before)
            before = now
            section.fields.length = 0
          }
        }
      }),
    )
  })
})
