import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ConnectionError } from '../../src/errors/index.ts'
import { HpackDecoder } from '../../src/hpack/index.ts'

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
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), fc.nat(20), fc.nat(20), (blocks, before, behind) => {
      const alone = new HpackDecoder()
      const within = new HpackDecoder()
      for (const octets of blocks) {
        const bytes = new Uint8Array(before + octets.length + behind).fill(0x82)
        bytes.set(octets, before)
        expect(told(within.decodeWithin(bytes, before, before + octets.length))).toEqual(told(alone.decode(octets)))
      }
    }),
  )
})
