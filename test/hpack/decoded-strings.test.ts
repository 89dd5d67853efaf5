import { describe, expect, it, vi } from 'vitest'
import { DecodedStrings } from '../../src/hpack/decoded-strings.ts'
import { bytes } from './support.ts'

/** Asks for the whole of `octets`, and gives the answer if there is none. */
function decode(known: DecodedStrings, octets: Uint8Array, answer: string, huffman = false): string | undefined {
  const found = known.find(octets, 0, octets.length, huffman)
  if (found === undefined) known.keep(answer, octets, 0, octets.length, huffman)
  return found
}

describe('DecodedStrings', () => {
  const octets = bytes('01 02 03 04 05 06 07 08 09 0a')

  it('keeps a string when it comes for the second time, and knows it from the third time on', () => {
    const known = new DecodedStrings(4, 4, 16)
    expect([1, 2, 3, 4].map((time) => decode(known, octets, `time ${time}`))).toEqual([
      undefined,
      undefined,
      'time 2',
      'time 2',
    ])
  })

  it('RFC 7541 §5.2: the same octets are another string when they are Huffman code', () => {
    const known = new DecodedStrings(4, 4, 16)
    for (let time = 0; time < 2; time++) decode(known, octets, 'plain')
    expect(decode(known, octets, 'huffman', true)).toBe(undefined)
    expect(decode(known, octets, '?', true)).toBe('huffman')
    expect(decode(known, octets, 'plain')).toBe(undefined)
    expect(decode(known, octets, '?')).toBe('plain')
  })

  it('compares all octets: what differs in a single one is another string', () => {
    for (let i = 0; i < octets.length; i++) {
      const known = new DecodedStrings(1, 4, 16)
      for (let time = 0; time < 2; time++) decode(known, octets, 'one')
      const other = octets.slice()
      other[i]! ^= 0x10
      expect(decode(known, other, 'other')).toBe(undefined)
    }
  })

  it('looks for strings of the lengths that it was made for, and no others', () => {
    for (const [length, isKept] of [
      [3, false],
      [4, true],
      [8, true],
      [9, false],
    ] as const) {
      const known = new DecodedStrings(2, 4, 8)
      const part = octets.subarray(0, length)
      for (let time = 0; time < 2; time++) decode(known, part, 'text')
      expect(decode(known, part, 'text')).toBe(isKept ? 'text' : undefined)
      // What came before is forgotten, not kept under the wrong octets.
      known.keep('wrong', part, 0, length, false)
      expect(decode(known, part, 'text')).toBe(isKept ? 'text' : undefined)
    }
  })

  it('has a copy of the octets, in whatever kind of array they were', () => {
    for (const block of [octets.slice(), Buffer.from(octets)]) {
      const known = new DecodedStrings(1, 4, 16)
      for (let time = 0; time < 2; time++) decode(known, block, 'text')
      block.fill(0)
      expect(known.find(octets, 0, octets.length, false)).toBe('text')
    }
  })

  it('tells lengths apart whose marks are the same', () => {
    const known = new DecodedStrings(1, 4, 768)
    const same = new Uint8Array(800).fill(0x11)
    for (let time = 0; time < 2; time++) decode(known, same.subarray(0, 556), 'long')
    expect(known.find(same, 0, 300, false)).toBe(undefined)
    expect(known.find(same, 0, 556, false)).toBe('long')
  })

  it('holds as many strings as it has slots, and forgets the ones before', () => {
    for (const slots of [1, 4, 16]) {
      const known = new DecodedStrings(slots, 4, 16)
      const all = Array.from({ length: 300 }, (_, i) => bytes((0x1234_5678_9abc + i * 0x1_0001_0101).toString(16)))
      for (const [i, octets] of all.entries()) for (let time = 0; time < 2; time++) decode(known, octets, `text ${i}`)
      // From the last one on: a string that is not there takes a slot.
      const texts = all.map((octets, i) => [octets, `text ${i}`] as const).reverse()
      expect(texts.filter(([octets, text]) => known.find(octets, 0, 6, false) === text)).toHaveLength(slots)
    }
  })

  it('forgets a string as soon as another one is looked for in its slot, wherever it differs from it', () => {
    for (const length of [4, 5, 11, 30, 100, 255, 600]) {
      const half = 2 * (length >> 2)
      const places = [0, length >> 2, half, half + 1, half + (length >> 2), length - 2, length - 1]
      for (const place of places) {
        const known = new DecodedStrings(1, 4, 768)
        const block = Uint8Array.from({ length: length + 5 }, (_, i) => 0x41 + (i % 26))
        const find = () => known.find(block, 3, length + 3, false)
        for (let time = 0; time < 2; time++) if (find() === undefined) known.keep('text', block, 3, length + 3, false)
        expect(find()).toBe('text')
        block[place + 3]! ^= 2
        expect(find()).toBe(undefined)
        block[place + 3]! ^= 2
        expect(find()).toBe(undefined)
        known.keep('again', block, 3, length + 3, false)
        expect(find()).toBe(undefined)
      }
    }
  })

  it('copies nothing of what came once, is too short or too long, or is there already', () => {
    const known = new DecodedStrings(2, 4, 10)
    const block = bytes('01 02 03 04 05 06 07 08 09 0a 0b')
    const copied = vi.spyOn(block, 'subarray')
    const take = (end: number) => known.keep('text', block, 0, end, false)
    take(10)
    for (const end of [3, 11, 10]) {
      known.find(block, 0, end, false)
      take(end)
    }
    expect(copied).not.toHaveBeenCalled()
    known.find(block, 0, 10, false)
    take(10)
    expect(copied).toHaveBeenCalledTimes(1)
    expect(known.find(block, 0, 10, false)).toBe('text')
    take(10)
    expect(copied).toHaveBeenCalledTimes(1)
  })

  it('finds them anywhere in a block', () => {
    const known = new DecodedStrings(4, 4, 16)
    for (let time = 0; time < 2; time++) decode(known, octets, 'text')
    const block = Uint8Array.of(9, 9, 9, ...octets, 7, 7)
    expect(known.find(block, 3, 13, false)).toBe('text')
    expect(known.find(block, 2, 12, false)).toBe(undefined)
  })
})
