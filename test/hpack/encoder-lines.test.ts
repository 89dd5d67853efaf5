import { describe, expect, it } from 'vitest'
import { type FieldInput, HpackEncoder } from '../../src/hpack/index.ts'
import { encode, hex } from './support.ts'

const raw = { huffman: 'never' } as const
const field = (name: string, value: string, sensitive?: boolean): FieldInput => ({ name, value, sensitive })

describe('HpackEncoder: lines that come again in the same place', () => {
  /** `a: 1` and `a: 2` stand in the table and are what was found last in the first line, `a: 2` before `a: 1`. */
  const settled = (tableSizeLimit = 4096) => {
    const encoder = new HpackEncoder({ ...raw, tableSizeLimit })
    for (const value of ['1', '2', '2', '1']) encode(encoder, [field('a', value)])
    return encoder
  }

  it('RFC 7541 §2.3.3: a line that goes to and fro between two values is the index of either', () => {
    const encoder = settled()
    const blocks = ['2', '1', '2', '2', '1'].map((value) => hex(encode(encoder, [field('a', value)])))
    expect(blocks).toEqual(['be', 'bf', 'be', 'be', 'bf'])
    // The indices move when something new comes in.
    expect(hex(encode(encoder, [field('a', '1'), field('b', '3'), field('a', '1')]))).toBe('bf' + '4001620133' + 'c0')
    expect(hex(encode(encoder, [field('a', '2'), field('a', '2')]))).toBe('bf' + 'bf')
  })

  it('RFC 7541 §2.3.1: a line of the static table keeps its index, however often it comes and whatever else comes in', () => {
    const encoder = new HpackEncoder(raw)
    const blocks = ['1', '2', '3', '4'].map((value) =>
      hex(encode(encoder, [field(':method', 'POST'), field('a', value), field(':path', '/')])),
    )
    expect(blocks).toEqual(['83' + '4001610131' + '84', ...['2', '3', '4'].map((value) => `837e013${value}84`)])
  })

  it('RFC 7541 §6.1: another name with the same value, or the same name with another value, is not that field', () => {
    const encoder = settled()
    expect(hex(encode(encoder, [field('b', '1')]))).toBe('4001620131')
    expect(hex(encode(encoder, [field('b', '2')]))).toBe('7e0132')
    expect(hex(encode(encoder, [field('a', '3')]))).toBe('7f010133')
    expect(hex(encode(encoder, [field('a', '1'), field('a', '2')]))).toBe('c2' + 'c1')
  })

  it.each(['1', '2'])(
    'RFC 7541 §4.4: what has left the table is new, though it was found there last: a: %s',
    (value) => {
      const encoder = settled(68)
      // The table holds two entries; these two take their place.
      expect(hex(encode(encoder, [field(':path', '/'), field('b', '3'), field('c', '4')]))).toMatch(/^84/)
      expect(hex(encode(encoder, [field('a', value)]))).toBe(`400161013${value}`)
      expect(hex(encode(encoder, [field('a', value)]))).toBe('be')
    },
  )

  it('RFC 7541 §6.2.3: a field found there last is a literal all the same when it has become sensitive', () => {
    const encoder = settled()
    expect(hex(encode(encoder, [field('a', '1', true)]))).toBe('1f2f0131')
    expect(hex(encode(encoder, [field('a', '1')]))).toBe('bf')
  })

  it('RFC 7541 §6.1: a policy of the caller is asked about fields that come again too', () => {
    let answer: 'index' | 'literal' | 'never' = 'index'
    const encoder = new HpackEncoder({ ...raw, indexing: () => answer })
    const blocks = (['index', 'index', 'never', 'literal'] as const).map((next) => {
      answer = next
      return hex(encode(encoder, [field('a', '1')]))
    })
    expect(blocks).toEqual(['4001610131', 'be', '1f2f0131', 'be'])
  })

  it('RFC 7541 §5.1: indices around the bound of one octet, and sections of more lines than are remembered', () => {
    const encoder = new HpackEncoder({ ...raw, tableSizeLimit: 65_536, tableSizeCap: 65_536 })
    const lines = Array.from({ length: 300 }, (_, i) => field('a', String.fromCharCode(i & 0xff) + (i >> 8)))
    encode(encoder, lines)
    const indices = lines.map((_, i) => {
      const index = 62 + 299 - i
      if (index < 127) return (0x80 | index).toString(16)
      const rest = index - 127
      return rest < 128 ? `ff${hex(Uint8Array.of(rest))}` : `ff${hex(Uint8Array.of(rest | 0x80, rest >> 7))}`
    })
    for (let i = 0; i < 3; i++) expect(hex(encode(encoder, lines))).toBe(indices.join(''))
  })

  it('RFC 7541 §4.4: what stood in a place and has just left the table, the oldest of those that went, is new again', () => {
    const encoder = new HpackEncoder({ ...raw, tableSizeLimit: 34 * 4 })
    const hidden = { name: ':path', value: '/', sensitive: true }
    for (let time = 0; time < 3; time++) encode(encoder, [field('a', '1')])
    expect(hex(encode(encoder, [field('a', '1')]))).toBe('be')
    encode(encoder, [hidden, field('b', '1'), field('c', '1'), field('d', '1')])
    expect(hex(encode(encoder, [field('a', '1')]))).toBe('c1')
    encode(encoder, [hidden, field('e', '1')])
    expect(hex(encode(encoder, [field('a', '1')]))).toBe('4001610131')
  })
})
