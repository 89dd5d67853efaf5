import { afterEach, describe, expect, it, vi } from 'vitest'
import { ByteWriter } from '../../src/bytes/index.ts'
import { isCredential } from '../../src/hpack/credentials.ts'
import { DecodedStrings } from '../../src/hpack/decoded-strings.ts'
import { EncodedStrings, markOf } from '../../src/hpack/encoded-strings.ts'
import { type FieldInput, HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { nameBehind } from '../../src/hpack/name.ts'
import { bytes, decoded, encode } from './support.ts'

const field = (name: string, value: string, sensitive?: boolean): FieldInput => ({ name, value, sensitive })

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

  it('finds them anywhere in a block', () => {
    const known = new DecodedStrings(4, 4, 16)
    for (let time = 0; time < 2; time++) decode(known, octets, 'text')
    const block = Uint8Array.of(9, 9, 9, ...octets, 7, 7)
    expect(known.find(block, 3, 13, false)).toBe('text')
    expect(known.find(block, 2, 12, false)).toBe(undefined)
  })
})

describe('EncodedStrings', () => {
  /** What is written for `text` if it is known; otherwise `literal` is given for it. */
  function write(known: EncodedStrings, text: string, literal: string): string | undefined {
    const writer = new ByteWriter(4)
    writer.u8(0xff)
    if (known.write(text, markOf(text), writer)) return String.fromCharCode(...writer.take().subarray(1))
    writer.latin1(literal)
    known.keep(text, writer.bytes, 1, writer.length)
    writer.bytes.fill(0)
    return undefined
  }

  it('keeps a literal when its string comes for the second time, and writes it from the third time on', () => {
    const known = new EncodedStrings(4, 4, 16)
    expect([1, 2, 3, 4].map((time) => write(known, 'some text', `time ${time}`))).toEqual([
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
      for (let time = 0; time < 2; time++) write(known, text, 'one')
      expect(write(known, `${text.slice(0, i)}.${text.slice(i + 1)}`, 'other')).toBe(undefined)
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
      for (let time = 0; time < 2; time++) write(known, text, 'literal')
      expect(write(known, text, 'literal')).toBe(isKept ? 'literal' : undefined)
      known.keep(text, new Uint8Array(4), 0, 4)
      expect(write(known, text, 'literal')).toBe(isKept ? 'literal' : undefined)
    }
  })
})

describe('what connections share', () => {
  /** Values that are new with each `mark`: what is shared outlives a test. */
  function linesOf(mark: string): FieldInput[] {
    const long = (start: string) => `${start} ${mark} ${'0123456789abcdef'.repeat(3)}`
    return [
      field('authorization', long('one')),
      field('proxy-authorization', long('two')),
      field('set-cookie', long('three')),
      field('cookie', long('four')),
      field('x-secret', long('five'), true),
      field('x-open', long('six')),
      field(':path', long('seven')),
    ]
  }

  afterEach(() => vi.restoreAllMocks())

  /** For each text that is kept: the memories that keep it. */
  function watch(prototype: DecodedStrings | EncodedStrings): Map<string, Set<unknown>> {
    const keepers = new Map<string, Set<unknown>>()
    const keep = prototype.keep as (...args: unknown[]) => void
    vi.spyOn(prototype as { keep: typeof keep }, 'keep').mockImplementation(function (this: unknown, ...args) {
      const text = String(args[0])
      keepers.set(text, (keepers.get(text) ?? new Set()).add(this))
      keep.apply(this, args)
    })
    return keepers
  }

  /** Of each value that was given to a memory of strings, by its first word: whether it was the same for all connections. */
  function shared(keepers: Map<string, Set<unknown>>, lines: readonly FieldInput[]): Record<string, boolean> {
    const result: Record<string, boolean> = {}
    for (const { value } of lines) {
      const memories = keepers.get(value)
      if (memories !== undefined) result[value.split(' ')[0]!] = memories.size === 1
    }
    return result
  }

  const secretsApart = { one: false, two: false, three: false, four: false, five: false, six: true, seven: true }

  it('RFC 7541 §7.1.3: an encoder shares no secret with others, whichever way it is sent', () => {
    const keepers = watch(EncodedStrings.prototype)
    const lines = linesOf('encoded')
    for (let connection = 0; connection < 2; connection++) {
      const indexing = (name: string) => (name === 'set-cookie' ? 'never' : name === ':path' ? 'literal' : 'index')
      // Nothing fits into the table, so that all are literals.
      const encoder = new HpackEncoder({ indexing, tableSizeLimit: 0 })
      for (let time = 0; time < 3; time++) encode(encoder, lines)
    }
    expect(shared(keepers, lines)).toEqual(secretsApart)
  })

  it.each(['never', 'always', 'when-shorter'] as const)(
    'RFC 7541 §7.1.3: a decoder shares no secret with others, whichever way it was sent (Huffman %s)',
    (huffman) => {
      const keepers = watch(DecodedStrings.prototype)
      const lines = linesOf(huffman)
      for (const decoder of [new HpackDecoder(), new HpackDecoder()]) {
        const encoder = new HpackEncoder({ huffman, indexing: () => 'literal' })
        for (let time = 0; time < 3; time++) {
          const { fields } = decoded(decoder, encode(encoder, lines))
          expect(fields.map(({ value }) => value)).toEqual(lines.map(({ value }) => value))
        }
      }
      expect(shared(keepers, lines)).toEqual(secretsApart)
    },
  )

  it('an encoder looks for what is worth a place in a table, and for paths, but not for what is new in each message', () => {
    const asked = vi.spyOn(EncodedStrings.prototype, 'write')
    const indexing = (name: string) => (name === 'x-index' ? 'index' : 'literal')
    const values = { 'x-index': 'asked for one', ':path': 'asked for two', etag: 'not asked for', date: 'nor this one' }
    encode(
      new HpackEncoder({ indexing }),
      Object.entries(values).map(([name, value]) => field(name, value)),
    )
    expect(asked.mock.calls.map(([text]) => text)).toEqual(['x-index', 'asked for one', 'asked for two'])
  })

  it.each([
    ['cookie', 'expect'],
    ['set-cookie', 'user-agent'],
    ['authorization', 'cache-control'],
    ['proxy-authorization', 'content-disposition'],
  ])('RFC 7541 §7.1.3: %s is a credential, another name as long is not', (name, other) => {
    expect(isCredential(name)).toBe(true)
    expect(other).toHaveLength(name.length)
    expect(isCredential(other)).toBe(false)
    expect(isCredential(`${name}s`)).toBe(false)
  })

  it('RFC 7541 §5.2: a literal of one Huffman mode is never written in another one', () => {
    const value = 'the same value in all modes'
    const modes = ['when-shorter', 'never', 'when-shorter', 'always', 'when-shorter', 'never'] as const
    const sizes = modes.map((huffman) => {
      const encoder = new HpackEncoder({ huffman })
      return [0, 1, 2].map(() => encode(encoder, [field(':path', value)]).length)
    })
    const [short, raw] = [sizes[0]![0]!, sizes[1]![0]!]
    expect(short).toBeLessThan(raw)
    expect(sizes).toEqual(modes.map((mode) => Array(3).fill(mode === 'never' ? raw : short)))
  })
})

describe('names that connections share', () => {
  it('are those of the static table and the first few others, none of them long', () => {
    expect(nameBehind(undefined, ':authority').number).toBe(0)
    expect(nameBehind(undefined, 'www-authenticate')).toBe(nameBehind(undefined, 'www-authenticate'))
    expect(nameBehind(undefined, 'n'.repeat(64)).number).toBeGreaterThan(0)
    expect(nameBehind(undefined, 'n'.repeat(65)).number).toBe(-1)
    const numbers = Array.from({ length: 200 }, (_, i) => nameBehind(undefined, `shared-${i}`).number)
    expect(Math.max(...numbers)).toBe(127)
    expect(numbers.slice(0, 10).every((number) => number >= 52)).toBe(true)
    expect(numbers.slice(-80).every((number) => number === -1)).toBe(true)
  })

  it('are looked for behind the name before, which keeps none that is not shared', () => {
    const method = nameBehind(undefined, ':method')
    const scheme = nameBehind(method, ':scheme')
    expect(method.follower).toBe(scheme)
    const own = nameBehind(method, 'n'.repeat(65))
    expect(own.text).toBe('n'.repeat(65))
    expect(method.follower).toBe(scheme)
    expect(nameBehind(method, ':path').text).toBe(':path')
    expect(method.follower!.text).toBe(':path')
  })
})
