import { afterEach, describe, expect, it, vi } from 'vitest'
import { ByteWriter } from '../../src/bytes/index.ts'
import { isCredential } from '../../src/hpack/credentials.ts'
import { DecodedStrings } from '../../src/hpack/decoded-strings.ts'
import { EncodedStrings, markOf } from '../../src/hpack/encoded-strings.ts'
import { EncoderTable } from '../../src/hpack/encoder-table.ts'
import { type FieldInput, HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { nameBehind } from '../../src/hpack/name.ts'
import { writeName, writeShared } from '../../src/hpack/shared-strings.ts'
import { writeString } from '../../src/hpack/write-string.ts'
import { decoded, encode, plain } from './support.ts'

const field = (name: string, value: string, sensitive?: boolean): FieldInput => ({ name, value, sensitive })

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

  it('RFC 7541 §6.2.2: a literal that comes again is one frozen field, unless it is secret, never indexed or its name is long', () => {
    const indexing = (name: string) => (name === 'x-never' ? 'never' : 'literal')
    const lines = [
      field('x-plain', 'the first value'),
      field('x-never', 'another value'),
      field('authorization', 'something that nobody else may know'),
      field('x-long'.repeat(20), 'a value of a long name'),
      // two names with one value: what is kept is of the name that had it last
      field('x-one', 'the same value'),
      field('x-other', 'the same value'),
    ]
    // None is kept before it has come twice.
    const [, , third, fourth] = Array.from({ length: 4 }, () => {
      const block = encode(new HpackEncoder({ indexing, tableSizeLimit: 0 }), lines)
      const { fields } = decoded(new HpackDecoder(), block)
      expect(plain(fields)).toEqual(plain(lines.map(({ name, value }) => field(name, value, name === 'x-never'))))
      return fields
    })
    const same = lines.map((_, at) => third![at] === fourth![at])
    expect(same).toEqual([true, false, false, false, false, false])
    expect(Object.isFrozen(fourth![0])).toBe(true)
  })

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

  it('a connection has a memory for its secrets from the second one on, and most have none', () => {
    const asked = [vi.spyOn(EncodedStrings.prototype, 'find'), vi.spyOn(DecodedStrings.prototype, 'find')]
    const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder()]
    const memories = (): number[] => {
      for (const spy of asked) spy.mockClear()
      decoded(decoder, encode(encoder, [field('authorization', 'a secret, and a long one')]))
      return asked.map((spy) => new Set(spy.mock.contexts).size)
    }
    expect([memories(), memories(), memories()]).toEqual([
      [0, 0],
      [1, 1],
      [1, 1],
    ])
  })

  it('an encoder looks for each string by its own mark', () => {
    const asked = vi.spyOn(EncodedStrings.prototype, 'find')
    const indexing = (name: string) => (name === 'x-marked' ? 'index' : 'literal')
    const encoder = new HpackEncoder({ indexing })
    const values = ['', '/', 'one value', 'another value']
    // Names that many connections use have their literals with them.
    const long = 'x-long'.repeat(12)
    encode(
      encoder,
      values.flatMap((value) => [field('x-marked', value), field(':path', value), field(long, value)]),
    )
    const texts = asked.mock.calls.map(([text]) => text)
    expect(texts).toEqual(expect.arrayContaining(['one value', 'another value', long]))
    expect(asked.mock.calls.map(([, mark]) => mark)).toEqual(texts.map(markOf))
  })

  it('an encoder looks for what is worth a place in a table, and for paths, but not for what is new in each message', () => {
    const asked = vi.spyOn(EncodedStrings.prototype, 'find')
    const indexing = (name: string) => (name === 'x-index' ? 'index' : 'literal')
    const values = { 'x-index': 'asked for one', ':path': 'asked for two', etag: 'not asked for', date: 'nor this one' }
    encode(
      new HpackEncoder({ indexing }),
      Object.entries(values).map(([name, value]) => field(name, value)),
    )
    expect(asked.mock.calls.map(([text]) => text)).toEqual(['asked for one', 'asked for two'])
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
      const encoder = new HpackEncoder({ huffman, indexing: () => 'literal' })
      return [0, 1, 2].map(() => encode(encoder, [field(':path', value)]).length)
    })
    const [short, raw] = [sizes[0]![0]!, sizes[1]![0]!]
    expect(short).toBeLessThan(raw)
    expect(sizes).toEqual(modes.map((mode) => Array(3).fill(mode === 'never' ? raw : short)))
  })
})

describe('names that connections share', () => {
  it('have their literals with them once they were written, in the mode that most encoders have', () => {
    for (const huffman of ['never', 'always', 'when-shorter'] as const) {
      for (const text of [`x-name-${huffman}`, 'z'.repeat(65), '~'.repeat(20)]) {
        const name = nameBehind(undefined, text)
        const kept = name.literal
        // A small slab, so that what is pending moves.
        const blocks = [0, 1, 2].map(() => {
          const writer = new ByteWriter(8)
          writer.u8(0xff)
          writeName(writer, name, huffman)
          return [...writer.take()]
        })
        const plainly = new ByteWriter()
        plainly.u8(0xff)
        writeString(plainly, text, huffman)
        const expected = [...plainly.take()]
        expect(blocks).toEqual([expected, expected, expected])
        const isKept = huffman === 'when-shorter' && name.isShared
        if (kept === undefined)
          expect(name.literal && [...name.literal]).toEqual(isKept ? expected.slice(1) : undefined)
      }
    }
  })

  it('remember the last value of theirs that all connections know, and write it without looking for it', () => {
    const asked = vi.spyOn(EncodedStrings.prototype, 'find')
    const name = nameBehind(undefined, 'x-recent')
    const write = (value: string) => {
      asked.mockClear()
      const writer = new ByteWriter(8)
      writeShared(writer, name, value, markOf(value))
      const plainly = new ByteWriter()
      writeString(plainly, value, 'when-shorter')
      expect([...writer.take()]).toEqual([...plainly.take()])
      return [name.recent?.text, asked.mock.calls.length]
    }
    const [one, two, long] = ['the first recent value', 'another one, as recent as that', 'a long one '.repeat(14)]
    expect([1, 2, 3, 4].map(() => write(one!))).toEqual([
      [undefined, 1],
      [undefined, 1],
      [one, 1],
      [one, 0],
    ])
    expect([1, 2, 3, 4].map(() => write(two!))).toEqual([
      [one, 1],
      [one, 1],
      [two, 1],
      [two, 0],
    ])
    expect([1, 2, 3, 4].map(() => write(long!)).at(-1)).toEqual([long, 0])
    vi.restoreAllMocks()
  })

  it('RFC 7541 §7.1.3: never remember a value that is secret', () => {
    const value = 'a value that is to be kept secret'
    for (const name of ['authorization', 'cookie', 'set-cookie', 'x-sensitive']) {
      for (let time = 0; time < 5; time++) encode(new HpackEncoder(), [field(name, value, name === 'x-sensitive')])
      expect(nameBehind(undefined, name).recent).toBe(undefined)
    }
  })

  it('are those of the static table and the first few others, none of them long', () => {
    expect(nameBehind(undefined, ':authority').isShared).toBe(true)
    expect(nameBehind(undefined, 'www-authenticate')).toBe(nameBehind(undefined, 'www-authenticate'))
    expect(nameBehind(undefined, 'n'.repeat(64)).isShared).toBe(true)
    expect(nameBehind(undefined, 'n'.repeat(65)).isShared).toBe(false)
    const shared = Array.from({ length: 200 }, (_, i) => nameBehind(undefined, `shared-${i}`)).map(
      (name) => name.isShared,
    )
    const count = shared.indexOf(false)
    // 52 are in the static table.
    expect(count).toBeGreaterThan(10)
    expect(count).toBeLessThan(128 - 52)
    expect(shared.lastIndexOf(true)).toBe(count - 1)
    expect(nameBehind(undefined, 'shared-0')).toBe(nameBehind(undefined, 'shared-0'))
    expect(nameBehind(undefined, 'shared-199')).not.toBe(nameBehind(undefined, 'shared-199'))
  })

  it('are numbered from 1 on when an entry is made of them, in the order in which that happens', () => {
    const [one, two, own] = ['if-range', 'if-match', 'n'.repeat(65)].map((text) => nameBehind(undefined, text))
    expect([one!.number, two!.number]).toEqual([0, 0])
    const [table, another] = [new EncoderTable(4096), new EncoderTable(4096)]
    for (const name of [two!, own!, one!]) table.index(name, 'value', 0)
    for (const name of [one!, two!]) another.index(name, 'value', 0)
    expect(two!.number).toBeGreaterThan(0)
    expect([one!.number, own!.number]).toEqual([two!.number + 1, 0])
    expect([one!, two!, own!].map((name) => table.newest(name)?.owner)).toEqual([one, two, own])
    expect(table.newest(nameBehind(undefined, 'max-forwards'))).toBe(undefined)
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
