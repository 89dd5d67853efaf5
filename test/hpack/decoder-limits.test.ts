import { describe, expect, it } from 'vitest'
import { HpackDecoder, noteOf, setNote } from '../../src/hpack/index.ts'
import { bytes, decoded } from './support.ts'

const repeat = (n: number, octets: string) => octets.repeat(n)
/** `cookie: a`, not indexed. */
const crumb = '0f110161'

describe('HpackDecoder: limits', () => {
  it('RFC 9113 §10.5.1: a section of exactly the largest size passes, one octet more is discarded and counted', () => {
    const decoder = new HpackDecoder({ maxSectionSize: 84 })
    // :method: GET is 42 octets.
    expect(decoded(decoder, bytes('8282'))).toMatchObject({ size: 84, overflow: undefined })
    const section = decoded(decoder, bytes('82 83 82'))
    expect(section).toMatchObject({ size: 127, overflow: 'size' })
    expect(section.fields.map(({ value }) => value)).toEqual(['GET'])
  })

  it('RFC 7541 §2.2: the table stays in step while fields are discarded', () => {
    const decoder = new HpackDecoder({ maxFieldCount: 1 })
    const section = decoded(decoder, bytes('82 400161 0162 0001630164 82'))
    expect(section).toMatchObject({ overflow: 'count', size: 42 + 34 + 34 + 42 })
    expect(section.fields).toHaveLength(1)
    expect(decoded(decoder, bytes('be')).fields[0]).toMatchObject({ name: 'a', value: 'b' })
  })

  it('a fault among discarded fields is still a fault', () => {
    const decoder = new HpackDecoder({ maxFieldCount: 0 })
    expect(decoder.decode(bytes('82 0481ff'))).toMatchObject({ section: 'RFC 7541 §5.2' })
  })

  it('after the first limit passed nothing more is handed on, not even what would fit', () => {
    const decoder = new HpackDecoder({ maxFieldCount: 1, maxSectionSize: 200 })
    const section = decoded(decoder, bytes(`82 82 ${crumb} ${repeat(10, '82')}`))
    expect(section).toMatchObject({ overflow: 'count', size: 42 * 12 + 39 })
    expect(section.fields).toHaveLength(1)
  })

  it('RFC 9113 §8.2.3: cookie crumbs have an allowance of their own', () => {
    const full = repeat(128, '82') + repeat(150, crumb)
    expect(decoded(new HpackDecoder(), bytes(full))).toMatchObject({ overflow: undefined })
    expect(decoded(new HpackDecoder(), bytes(full)).fields).toHaveLength(278)
    expect(decoded(new HpackDecoder(), bytes(`${full}82`))).toMatchObject({ overflow: 'count' })
    expect(decoded(new HpackDecoder(), bytes(full + crumb))).toMatchObject({ overflow: 'count' })
    const few = new HpackDecoder({ maxFieldCount: 0, maxCookieCrumbs: 1 })
    expect(decoded(few, bytes(crumb))).toMatchObject({ overflow: undefined })
    expect(decoded(few, bytes(crumb + crumb)).fields).toHaveLength(1)
    // Not those of another name as long: `accept: a`.
    expect(decoded(few, bytes('0f040161'))).toMatchObject({ overflow: 'count', fields: [] })
  })

  it('RFC 7541 §7.3: a block of many references to one large entry yields no more than the limit', () => {
    const decoder = new HpackDecoder()
    const entry = `4001617fe11e${'62'.repeat(4064)}` // 1 + 4064 + 32 is one octet too large for the table
    expect(decoded(decoder, bytes(entry)).size).toBe(4097)
    decoded(decoder, bytes(`4001617fe01e${'62'.repeat(4063)}`))
    const section = decoded(decoder, new Uint8Array(16_384).fill(0xbe))
    expect(section).toMatchObject({ overflow: 'size', size: 16_384 * 4096 })
    expect(section.fields).toHaveLength(16)
  })
})

describe('table entries', () => {
  it('are the same frozen objects every time, in a fresh array', () => {
    const decoder = new HpackDecoder()
    const first = decoded(decoder, bytes('82 400161 0162'))
    const second = decoded(decoder, bytes('82 be'))
    expect(second.fields).not.toBe(first.fields)
    expect(second.fields[0]).toBe(first.fields[0])
    expect(second.fields[1]).toBe(first.fields[1])
    for (const field of second.fields) expect(Object.isFrozen(field)).toBe(true)
    expect(decoded(new HpackDecoder(), bytes('82')).fields[0]).toBe(first.fields[0])
    expect(Object.keys(first.fields[1]!)).toEqual(['name', 'value', 'sensitive'])
  })

  it('carry a note; other fields carry none', () => {
    const decoder = new HpackDecoder()
    const [entry, literal] = decoded(decoder, bytes('400161 0162 0001610162')).fields
    expect(noteOf(entry!)).toBe(0)
    setNote(entry!, 7)
    expect(noteOf(decoded(decoder, bytes('be')).fields[0]!)).toBe(7)
    expect(noteOf(decoded(decoder, bytes('400161 0163')).fields[0]!)).toBe(0)
    const clone = Object.assign(Object.create(Object.getPrototypeOf(entry)), entry)
    for (const plain of [literal!, { name: 'a', value: 'b', sensitive: false }, clone]) {
      setNote(plain, 7)
      expect(noteOf(plain)).toBe(0)
      expect(plain).toEqual({ name: 'a', value: 'b', sensitive: false })
    }
  })
})
