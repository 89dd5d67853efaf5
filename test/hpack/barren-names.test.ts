import { describe, expect, it } from 'vitest'
import { defaultIndexing, type FieldInput, HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { decoded, encode, hex, plain } from './support.ts'

const raw = { huffman: 'never' } as const
const field = (name: string, value: string): FieldInput => ({ name, value })

let made = 0
/** A value that never was. */
const fresh = (): string => `v${made++}`

/** RFC 7541 §6.2.1: the first octet of a literal that goes into the table is 01 and an index. */
const goesIn = (octet: number | undefined): boolean => octet !== undefined && octet >> 6 === 1

/** The sections of `count`, each of which has one new value of `x`, in which that goes into the table. */
function sectionsThatIndex(encoder: HpackEncoder, count: number): number[] {
  const sections: number[] = []
  for (let i = 0; i < count; i++) if (goesIn(encode(encoder, [field('x', fresh())])[0])) sections.push(i)
  return sections
}

/** An encoder that has seen four values of `x`, and none of them again. */
function settled(options = {}): { encoder: HpackEncoder; values: string[] } {
  const encoder = new HpackEncoder({ ...raw, ...options })
  const values = [fresh(), fresh(), fresh(), fresh()]
  for (const value of values) encode(encoder, [field('x', value)])
  return { encoder, values }
}

describe('HpackEncoder: a name whose values never come again', () => {
  it('RFC 7541 §6.2.2: goes into the table four times, then after 16 sections, 32, 64 and so on up to 256', () => {
    const expected = [0, 1, 2, 3, 19, 51, 115, 243, 499, 755, 1011]
    const options = { tableSizeLimit: 65_536, tableSizeCap: 65_536 }
    expect(sectionsThatIndex(new HpackEncoder({ ...raw, ...options }), 1200)).toEqual(expected)
    expect(sectionsThatIndex(new HpackEncoder({ ...raw, indexing: defaultIndexing }), 60)).toEqual([0, 1, 2, 3, 19, 51])
  })

  it('RFC 7541 §6.2.2: is sent as an index with a literal value while it stays out', () => {
    const { encoder } = settled()
    expect(hex(encode(encoder, [field('x', 'new')]))).toBe('0f2f' + '036e6577')
    expect(hex(encode(encoder, [field('y', 'new')]))).toBe('400179' + '036e6577')
  })

  it('RFC 7541 §6.2.3: stays never-indexed where it is sensitive', () => {
    const { encoder } = settled()
    expect(hex(encode(encoder, [{ name: 'x', value: 'new', sensitive: true }]))).toBe('1f2f' + '036e6577')
    expect(hex(encode(encoder, [{ name: 'authorization', value: 'new' }]))).toBe('1f08' + '036e6577')
  })

  it('does not take the place of what comes again', () => {
    const encoder = new HpackEncoder(raw)
    const stable = field('y', 'z'.repeat(100))
    const octets = (sections: number): number[] =>
      Array.from({ length: sections }, () => encode(encoder, [stable, field('x', fresh().padStart(20, '-'))]).length)
    // A new value is 20 octets and its length, its name an index of one octet or of two; of `y` an index is left.
    expect(Math.max(...octets(2000).slice(1))).toBe(1 + 2 + 21)
  })

  it('is tried again as soon as one of its values in the table has come again, the oldest too', () => {
    for (const which of [0, 3]) {
      const { encoder, values } = settled()
      expect(hex(encode(encoder, [field('x', values[which]!)]))).toBe(which === 0 ? 'c1' : 'be')
      expect(sectionsThatIndex(encoder, 10)).toEqual([0, 1, 2, 3])
    }
  })

  it('is looked for among the four entries that came last, or among all where a policy of the caller has put them in', () => {
    const find = (options: object, age: number) => {
      const encoder = new HpackEncoder({ ...raw, ...options })
      // Several lines at once go in as long as the first one does.
      const values = Array.from({ length: 30 }, fresh)
      for (const at of [0, 1, 2]) encode(encoder, [field('x', values[at]!)])
      encode(
        encoder,
        values.slice(3).map((value) => field('x', value)),
      )
      return hex(encode(encoder, [field('x', values[29 - age]!)]))
    }
    expect([0, 3].map((age) => find({}, age))).toEqual(['be', 'c1'])
    expect(find({}, 4).slice(0, 4)).toBe('0f2f')
    expect([0, 4, 29].map((age) => find({ indexing: () => 'index' }, age))).toEqual(['be', 'c2', 'db'])
  })

  it('is looked for among all of its entries until it has been so four times', () => {
    const encoder = new HpackEncoder(raw)
    const values = Array.from({ length: 30 }, fresh)
    for (const at of [0, 1]) encode(encoder, [field('x', values[at]!)])
    encode(
      encoder,
      values.slice(2).map((value) => field('x', value)),
    )
    expect(hex(encode(encoder, [field('x', values[0]!)]))).toBe('db')
  })

  it('is tried again from the next section on, not behind the line that has come again', () => {
    const { encoder, values } = settled()
    const block = encode(encoder, [field('x', values[3]!), field('x', 'n')])
    expect(hex(block)).toBe('be' + '0f2f' + '016e')
    expect(sectionsThatIndex(encoder, 6)).toEqual([0, 1, 2, 3])
  })

  it('begins anew when all of its entries have left the table', () => {
    const { encoder } = settled()
    encoder.setTableSizeLimit(0)
    encoder.setTableSizeLimit(4096)
    expect(hex(encode(encoder, []))).toBe('203fe11f')
    expect(sectionsThatIndex(encoder, 10)).toEqual([0, 1, 2, 3])
  })

  it('may stand on several lines, which share its lot and do not count against each other', () => {
    const encoder = new HpackEncoder(raw)
    const decoder = new HpackDecoder()
    const wentIn = Array.from({ length: 21 }, () => {
      const sent = Array.from({ length: 6 }, () => field('x', fresh()))
      const block = encode(encoder, sent)
      expect(plain(decoded(decoder, block).fields)).toEqual(plain(sent))
      return countIndexed(block)
    })
    expect(wentIn).toEqual([6, 6, 6, 6, ...new Array<number>(15).fill(0), 6, 0])
  })

  it('a policy of the caller is obeyed all the same', () => {
    const encoder = new HpackEncoder({ ...raw, indexing: () => 'index' })
    expect(sectionsThatIndex(encoder, 40)).toHaveLength(40)
  })

  it('a section that is refused counts for nothing, whether a value had come again in it or not', () => {
    const bad = field('y', '\u0100')
    const { encoder, values } = settled()
    for (let i = 0; i < 20; i++) {
      for (const refused of [[bad], [field('x', values[3]!), bad], [field('x', fresh()), bad]]) {
        expect(() => encode(encoder, refused)).toThrow('a character above 0xff')
      }
    }
    expect(sectionsThatIndex(encoder, 20)).toEqual([15])
  })
})

/** How many lines of a block go into the table. Its strings are as short as 127 octets, and none is Huffman coded. */
function countIndexed(block: Uint8Array): number {
  let count = 0
  for (let at = 0; at < block.length; ) {
    const first = block[at]!
    const mask = goesIn(first) ? 0x3f : 0x0f
    if (goesIn(first)) count++
    at++
    if ((first & mask) === mask) while (block[at++]! >= 0x80);
    if ((first & mask) === 0) at += 1 + block[at]!
    at += 1 + block[at]!
  }
  return count
}
