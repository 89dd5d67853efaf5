import { describe, expect, it, vi } from 'vitest'
import { EncodedStrings, markOf } from '../../src/hpack/encoded-strings.ts'

describe('EncodedStrings', () => {
  /** The literal that is kept for `text`; where there is none, `literal` is given for it. */
  function ask(known: EncodedStrings, text: string, literal: string): string | undefined {
    const kept = known.find(text, markOf(text))
    if (kept !== undefined) {
      expect([kept.text, kept.mark]).toEqual([text, markOf(text)])
      return String.fromCharCode(...kept.literal)
    }
    const bytes = Uint8Array.from(`.${literal}.`, (letter) => letter.charCodeAt(0))
    known.keep(text, markOf(text), bytes, 1, 1 + literal.length)
    bytes.fill(0)
    return undefined
  }

  it('keeps a literal when its string comes for the second time, and writes it from the third time on', () => {
    const known = new EncodedStrings(4, 4, 16)
    expect([1, 2, 3, 4].map((time) => ask(known, 'some text', `time ${time}`))).toEqual([
      undefined,
      undefined,
      'time 2',
      'time 2',
    ])
  })

  it('compares all characters: what differs in a single one is another string', () => {
    const text = 'abcdefghij'
    for (let i = 0; i < text.length; i++) {
      const known = new EncodedStrings(1, 4, 16)
      for (let time = 0; time < 2; time++) ask(known, text, 'one')
      expect(ask(known, `${text.slice(0, i)}.${text.slice(i + 1)}`, 'other')).toBe(undefined)
    }
  })

  it('looks for strings of the lengths that it was made for, and no others', () => {
    for (const [length, isKept] of [
      [3, false],
      [4, true],
      [8, true],
      [9, false],
    ] as const) {
      const known = new EncodedStrings(2, 4, 8)
      const text = 'x'.repeat(length)
      for (let time = 0; time < 2; time++) ask(known, text, 'literal')
      expect(ask(known, text, 'literal')).toBe(isKept ? 'literal' : undefined)
      known.keep(text, markOf(text), new Uint8Array(4), 0, 4)
      expect(ask(known, text, 'literal')).toBe(isKept ? 'literal' : undefined)
    }
  })

  it('holds as many strings as it has slots, and forgets the ones before', () => {
    for (const slots of [1, 4, 16]) {
      const known = new EncodedStrings(slots, 4, 16)
      const all = Array.from({ length: 300 }, (_, i) => `text ${i * 7919}`)
      for (const text of all) for (let time = 0; time < 2; time++) ask(known, text, text)
      // From the last one on: a string that is not there takes a slot.
      expect(all.reverse().filter((text) => ask(known, text, '?') === text)).toHaveLength(slots)
    }
  })

  it('forgets a string as soon as another one is looked for in its slot', () => {
    const known = new EncodedStrings(1, 4, 16)
    for (let time = 0; time < 2; time++) ask(known, 'some text', 'first')
    expect(ask(known, 'another', '?')).toBe(undefined)
    expect([1, 2, 3].map((time) => ask(known, 'some text', `time ${time}`))).toEqual([undefined, undefined, 'time 2'])
  })

  it('copies nothing of what came once, is too short or too long, or is there already', () => {
    const known = new EncodedStrings(2, 4, 10)
    const literal = new Uint8Array(12)
    const copied = vi.spyOn(literal, 'slice')
    const find = (text: string) => known.find(text, markOf(text)) !== undefined
    const take = (text: string) => known.keep(text, markOf(text), literal, 0, 12)
    take('0123456789')
    for (const text of ['012', '0123456789a', '0123456789']) {
      expect(find(text)).toBe(false)
      take(text)
    }
    expect(copied).not.toHaveBeenCalled()
    expect(find('0123456789')).toBe(false)
    take('0123456789')
    expect(copied).toHaveBeenCalledTimes(1)
    expect(find('0123456789')).toBe(true)
    take('0123456789')
    expect(copied).toHaveBeenCalledTimes(1)
  })
})

describe('markOf', () => {
  const others = (text: string, place: number) =>
    ['0', 'z', '-', '\xff'].map((letter) => text.slice(0, place) + letter + text.slice(place + 1))

  it('has 30 bits, so that it is stored without a box, and is 0 for the empty string', () => {
    for (let length = 0; length < 1200; length++) {
      for (const letter of ['a', '\x80', '\xff']) {
        const mark = markOf(letter.repeat(length))
        if (mark !== (mark & 0x3fffffff)) expect(mark).toBe(mark & 0x3fffffff)
      }
    }
    expect(markOf('')).toBe(0)
  })

  it('depends on the length, the characters in the middle, at three quarters and at the end', () => {
    for (const length of [4, 5, 11, 30, 100, 255, 600]) {
      const text = Array.from({ length }, (_, i) => String.fromCharCode(0x41 + (i % 26))).join('')
      const quarter = length >> 2
      for (const place of [2 * quarter - 1, 2 * quarter, 3 * quarter, length - 3, length - 2, length - 1]) {
        const marks = [text, ...others(text, place)].map(markOf)
        expect(new Set(marks).size).toBe(marks.length)
      }
      expect(markOf('x'.repeat(length))).not.toBe(markOf('x'.repeat(length + 1)))
    }
  })

  it('depends on the length and on both ends of what is shorter than four characters', () => {
    const texts = ['', 'a', 'b', 'aa', 'ab', 'ba', 'aaa', 'aab', 'baa']
    expect(new Set(texts.map(markOf)).size).toBe(texts.length)
  })
})
