import { describe, expect, it } from 'vitest'
import { defaultIndexing, type FieldInput, HpackEncoder } from '../../src/hpack/index.ts'
import { encode, hex } from './support.ts'

const raw = { huffman: 'never' } as const
const path = (value: string): FieldInput => ({ name: ':path', value })

/** An encoder that has a section behind it. */
function begun(options = {}): HpackEncoder {
  const encoder = new HpackEncoder({ ...raw, ...options })
  encode(encoder, [])
  return encoder
}

/** What each of the paths is written as, a section for each. */
const blocks = (encoder: HpackEncoder, values: readonly string[]): string[] =>
  values.map((value) => hex(encode(encoder, [path(value)])))

const literal = (value: string): string => `04${octets(value)}`
const indexed = (value: string): string => `44${octets(value)}`
const octets = (value: string): string =>
  value.length.toString(16).padStart(2, '0') + Buffer.from(value, 'latin1').toString('hex')

describe('HpackEncoder: a path that comes again', () => {
  it('RFC 7541 §6.2.1: goes into the table the second time, and is an index from then on, by the default policy', () => {
    for (const options of [{}, { indexing: defaultIndexing }]) {
      const [a, b] = ['/a.b/c', '/a.b/d']
      const expected = [literal(a), literal(b), indexed(a), indexed(b), 'bf', 'be', 'bf']
      expect(blocks(begun(options), [a, b, a, b, a, b, a])).toEqual(expected)
    }
  })

  it('RFC 7541 §6.2.2: stays a literal where all paths are new', () => {
    const others = Array.from({ length: 600 }, (_, i) => `/item/${i}`)
    const encoder = begun()
    expect(blocks(encoder, others)).toEqual(others.map(literal))
    expect(blocks(begun(), ['/a', ''])).toEqual(['/a', ''].map(literal))
  })

  it('is known among a dozen others, and forgotten behind hundreds', () => {
    const dozen = Array.from('ABCDEFGHIJKL', (letter) => `/service/Method${letter}`)
    const encoder = begun()
    for (let lap = 0; lap < 8; lap++) blocks(encoder, dozen)
    expect(blocks(encoder, dozen).filter((block) => block.length === 2).length).toBeGreaterThanOrEqual(8)
    const hundreds = Array.from({ length: 600 }, (_, i) => `/item/${i}`)
    expect(blocks(begun(), ['/x', ...hundreds, '/x']).at(-1)).toBe(literal('/x'))
  })

  it('does not count in the first section of a connection, which many never get beyond', () => {
    expect(blocks(new HpackEncoder(raw), ['/a', '/a', '/a'])).toEqual([literal('/a'), literal('/a'), indexed('/a')])
  })

  it('RFC 7541 §6.2.2: stays a literal for a policy that says so', () => {
    const encoder = begun({ indexing: () => 'literal' })
    expect(blocks(encoder, ['/a', '/a', '/a'])).toEqual(['/a', '/a', '/a'].map(literal))
  })

  it('RFC 7541 §6.2.3: is never indexed where it is sensitive, and does not count then', () => {
    const encoder = begun()
    const secret = { ...path('/a'), sensitive: true }
    const sent = [secret, secret, path('/a'), secret, path('/a'), secret, path('/a')]
    const starts = sent.map((field) => hex(encode(encoder, [field])).slice(0, 2))
    expect(starts).toEqual(['14', '14', '04', '14', '44', '14', 'be'])
  })

  it('does not count for other fields that are different in most messages', () => {
    const encoder = begun()
    blocks(encoder, ['13', '13'])
    const length = { name: 'content-length', value: '13' }
    const sent = [0, 1, 2].map(() => hex(encode(encoder, [length])))
    expect(sent).toEqual(Array(3).fill('0f0d023133'))
  })

  it('is not remembered from a section that is refused', () => {
    const encoder = begun()
    const bad = { name: 'a', value: '\u0100' }
    expect(() => encode(encoder, [path('/a'), bad])).toThrow('a character above 0xff')
    expect(blocks(encoder, ['/a', '/a', '/a'])).toEqual([literal('/a'), indexed('/a'), 'be'])
  })

  it('has few of its kind put into the table where they do not come a third time', () => {
    const encoder = begun()
    const pairs = Array.from({ length: 40 }, (_, i) => [`/pair/${i}`, `/pair/${i}`]).flat()
    const wentIn = blocks(encoder, pairs).filter((block) => block.startsWith('44'))
    expect(wentIn).toHaveLength(6)
  })
})
