import { describe, expect, it } from 'vitest'
import { HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { appendixA, fieldLine } from './appendix-a.ts'
import { decoded, encode, hex } from './support.ts'

const indices = appendixA.map((_, i) => i + 1)

describe('the static table as the codec uses it', () => {
  it('RFC 7541 §2.3.1: an encoder sends each field of the table as its index', () => {
    const { fields } = decoded(
      new HpackDecoder(),
      Uint8Array.from(indices, (index) => 0x80 | index),
    )
    const blocks = fields.map((field) => hex(encode(new HpackEncoder({ indexing: () => 'index' }), [field])))
    expect(blocks).toEqual(indices.map((index) => (0x80 | index).toString(16)))
    expect(fields.map(fieldLine)).toEqual(appendixA)
  })

  it('RFC 7541 §2.3.3: a name of the table is sent as the first index that has it', () => {
    const names = appendixA.map((text) => text.slice(0, text.indexOf(':', 1)))
    for (const name of names) {
      const block = encode(new HpackEncoder({ indexing: () => 'index' }), [{ name, value: 'a value not there' }])
      expect([name, block[0]]).toEqual([name, 0x40 | (names.indexOf(name) + 1)])
    }
  })
})
