import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ConnectionError } from '../../src/errors/index.ts'
import { HpackDecoder } from '../../src/hpack/index.ts'
import { check } from './property.ts'
import { bytes, decoded, expectEqual } from './support.ts'

const told = (result: ReturnType<HpackDecoder['decode']>): unknown =>
  result instanceof ConnectionError ? [result.code, result.message, result.section] : result

it('RFC 7541 §3.1: a block is decoded the same wherever in other octets it lies', () => {
  // Indexed fields, literals in each form with short strings, and what breaks off or breaks a rule.
  const octet = fc.oneof(
    fc.integer({ min: 0x80, max: 0xc2 }),
    fc.constantFrom(0x00, 0x01, 0x04, 0x40, 0x44, 0x61, 0x83),
    fc.nat(255),
  )
  const block = fc
    .uint8Array({ maxLength: 24 })
    .chain((tail) => fc.array(octet, { maxLength: 12 }).map((head) => Uint8Array.of(...head, ...tail)))
  // An indexed field, a size update, what goes on with an integer, padding.
  const other = fc.constantFrom(0x82, 0x20, 0x80, 0x00, 0xff)
  const blocks = fc.array(block, { minLength: 1, maxLength: 4 })
  check(
    fc.property(blocks, fc.nat(20), fc.nat(20), other, (blocks, before, behind, other) => {
      const alone = new HpackDecoder()
      const within = new HpackDecoder()
      for (const octets of blocks) {
        const around = new Uint8Array(before + octets.length + behind).fill(other)
        around.set(octets, before)
        expectEqual(told(within.decodeWithin(around, before, before + octets.length)), told(alone.decode(octets)))
      }
    }),
  )
})

it('RFC 7541 §4.2: a size update that stands behind a block is not one of it', () => {
  const decoder = new HpackDecoder()
  decoded(decoder, bytes('400161 0162'))
  expect(decoder.decodeWithin(bytes('82 20'), 1, 1)).toMatchObject({ size: 0 })
  expect(decoder.decodeWithin(bytes('3fe11f 3fe11f 20'), 0, 6)).toMatchObject({ size: 0 })
  // The table is as large as it was.
  expect(decoded(decoder, bytes('be')).fields[0]).toMatchObject({ name: 'a', value: 'b' })
})
