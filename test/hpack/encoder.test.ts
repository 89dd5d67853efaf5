import { describe, expect, it } from 'vitest'
import { browser as requests } from '../../bench/corpus/field-sections.ts'
import { ByteWriter } from '../../src/bytes/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import { DynamicTable } from '../../src/hpack/dynamic-table.ts'
import { defaultIndexing, type FieldInput, HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { decoded, encode, hex } from './support.ts'

const raw = { huffman: 'never' } as const
const field = (name: string, value: string, sensitive?: boolean): FieldInput => ({ name, value, sensitive })

describe('HpackEncoder: representations', () => {
  it('RFC 7541 §6.2.1: what is new goes into the table and is an index from then on, in the same section too', () => {
    const encoder = new HpackEncoder(raw)
    expect(hex(encode(encoder, [field('a', 'b'), field('a', 'b')]))).toBe('400161' + '0162' + 'be')
    expect(hex(encode(encoder, [field('a', 'c'), field('a', 'b')]))).toBe('7e0163' + 'bf')
  })

  it.each([
    ['authorization', 'Basic YQ==', '1f08'],
    ['proxy-authorization', 'Basic YQ==', '1f22'],
    ['set-cookie', 'session=0123456789abcdef', '1f28'],
    ['cookie', 'a=234567890123456789', '60'],
    ['cookie', 'a=23456789012345678', '1f11'],
  ])('RFC 7541 §7.1.3: the default policy keeps credentials out of the table: %s: %s', (name, value, start) => {
    const encoder = new HpackEncoder(raw)
    const first = hex(encode(encoder, [field(name, value)]))
    expect(first.slice(0, start.length)).toBe(start)
    expect(hex(encode(encoder, [field(name, value)]))).toBe(start.startsWith('1') ? first : 'be')
    expect(defaultIndexing(name, value)).toBe(start.startsWith('1') ? 'never' : 'index')
  })

  it.each([':path', 'age', 'content-length', 'etag', 'if-modified-since', 'if-none-match', 'location'])(
    'RFC 7541 §6.2.2: the default policy sends %s without indexing, but as an index where it is static',
    (name) => {
      const encoder = new HpackEncoder(raw)
      const first = hex(encode(encoder, [field(name, 'abc')]))
      expect(first).toMatch(/^0/)
      // What becomes of a path that comes again is another matter.
      if (name !== ':path') expect(hex(encode(encoder, [field(name, 'abc')]))).toBe(first)
      else expect(hex(encode(encoder, [field(name, '/')]))).toBe('84')
      expect(defaultIndexing(name, 'abc')).toBe('literal')
    },
  )

  it('RFC 7541 §6.2.1: the default policy puts all other names into the table', () => {
    for (const name of ['', 'accept', 'ages', 'x-etag']) expect(defaultIndexing(name, 'abc')).toBe('index')
  })

  it('RFC 7541 §6.2.3: a sensitive field is never an index, even if it stands in a table, nor is it put there', () => {
    const encoder = new HpackEncoder(raw)
    encode(encoder, [field('a', 'b')])
    expect(hex(encode(encoder, [field('a', 'b', true), field(':method', 'GET', true)]))).toBe('1f2f0162' + '1203474554')
    expect(hex(encode(encoder, [field('a', 'b'), field('x', 'y', true)]))).toBe('be' + '10' + '0178' + '0179')
    expect(hex(encode(encoder, [field('x', 'y')]))).toBe('400178' + '0179')
  })

  it('RFC 7541 §6.2: a policy of the caller decides on every field', () => {
    const policy = (name: string) => (name === 'n' ? 'never' : name === 'l' ? 'literal' : 'index')
    const encoder = new HpackEncoder({ ...raw, indexing: policy })
    const sent = [field('n', '1'), field('l', '2'), field('authorization', '3')]
    expect(hex(encode(encoder, sent))).toBe('10016e0131' + '00016c0132' + '570133')
    expect(hex(encode(encoder, sent))).toBe('10016e0131' + '00016c0132' + 'be')
    const wrong = new HpackEncoder({ indexing: () => 'sometimes' as 'never' })
    expect(() => encode(wrong, [field('a', 'b')])).toThrow(UsageError)
    expect(() => encode(wrong, [field('a', 'b')])).toThrow('an indexing policy said sometimes')
  })

  it('RFC 7541 §6.2.3: a policy is asked about each line as it is sent, about a sensitive one never', () => {
    const asked = (splitCookies: boolean) => {
      const questions = new Set<string>()
      const encoder = new HpackEncoder({
        ...raw,
        splitCookies,
        indexing: (name, value) => {
          questions.add(`${name}=${value}`)
          return 'index'
        },
      })
      const sent = [field('x', 'a; b'), field('cookie', 'c=d; e=f'), field('y', 'g; h', true), field('z', 'i')]
      encode(encoder, sent)
      return [...questions]
    }
    expect(asked(true)).toEqual(['x=a; b', 'cookie=c=d', 'cookie=e=f', 'z=i'])
    expect(asked(false)).toEqual(['x=a; b', 'cookie=c=d; e=f', 'z=i'])
  })

  it('a policy is asked about each line twice at most, however many lines go into the table', () => {
    let questions = 0
    const indexing = () => {
      questions++
      return 'index' as const
    }
    const lines = Array.from({ length: 20 }, (_, i) => field(`n${i}`, 'v'))
    encode(new HpackEncoder({ indexing }), lines)
    expect(questions).toBeLessThanOrEqual(40)
  })

  it('RFC 7541 §5.2: Huffman always, when shorter, never', () => {
    const sent = [field('x', '307', true)] // three octets both ways
    expect(hex(encode(new HpackEncoder({ huffman: 'always' }), sent))).toBe('1081f383640eff')
    expect(hex(encode(new HpackEncoder({ huffman: 'when-shorter' }), sent))).toBe('10017803333037')
    expect(hex(encode(new HpackEncoder({ huffman: 'never' }), sent))).toBe('10017803333037')
    expect(hex(encode(new HpackEncoder(), [field('x', '0000', true)]))).toBe('10017883' + '00000f')
  })

  it('RFC 7541 §5.1, §5.2: strings of all lengths around the bounds of a length’s octets and of one pass', () => {
    const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)
    const lengths = [...from(20, 280), ...from(1000, 50), ...from(16_505, 10), 26_420, 30_000]
    const bits = { '0': 5, a: 5, Z: 8, '\n': 30, '\xff': 26 }
    for (const huffman of ['always', 'when-shorter', 'never'] as const) {
      for (const [letter, bitsOfLetter] of Object.entries(bits)) {
        for (const length of lengths) {
          const value = letter.repeat(length)
          const block = encode(new HpackEncoder({ huffman }), [field(':path', value)])
          expect(decoded(new HpackDecoder(), block).fields[0]!.value === value).toBe(true)
          const coded = Math.ceil((bitsOfLetter * length) / 8)
          const sent = huffman === 'always' || (huffman === 'when-shorter' && coded < length) ? coded : length
          expect((block[1]! & 0x80) !== 0).toBe(huffman === 'always' || sent < length)
          expect(block.length - sent).toBe(1 + (sent < 127 ? 1 : sent < 255 ? 2 : sent < 16_511 ? 3 : 4))
        }
      }
    }
  })

  it('RFC 7541 §4.4: what would displace most of the table is sent without indexing', () => {
    const encoder = new HpackEncoder({ ...raw, tableSizeLimit: 100 })
    expect(hex(encode(encoder, [field('a', 'b'.repeat(42))]))).toMatch(/^40/) // 75 octets
    expect(hex(encode(encoder, [field('a', 'c'.repeat(43))]))).toMatch(/^0f2f/)
    expect(hex(encode(encoder, [field('a', 'b'.repeat(42))]))).toBe('be')
  })
})

describe('HpackEncoder: encoded size', () => {
  it('is within 2 % of libnghttp2 on 400 requests of a browser', () => {
    const encoder = new HpackEncoder({ splitCookies: false })
    const total = requests.reduce((sum, fields) => sum + encode(encoder, fields).length, 0)
    // What nghttp2_hd_deflate_hd of libnghttp2 1.52.0 makes of the same requests, with one deflater of 4096 octets.
    expect(Math.abs(total / 10_099 - 1)).toBeLessThan(0.02)
  })
})

describe('HpackEncoder: table size', () => {
  const updates = (limits: number[], options = {}) => {
    const encoder = new HpackEncoder(options)
    for (const limit of limits) encoder.setTableSizeLimit(limit)
    return [hex(encode(encoder, [])), hex(encode(encoder, []))]
  }

  it('RFC 7541 §4.2: a change stands at the beginning of the next block, once', () => {
    expect(updates([])).toEqual(['', ''])
    expect(updates([100])).toEqual(['3f45', ''])
    expect(updates([4096, 8192])).toEqual(['', ''])
    expect(updates([8192], { tableSizeCap: 8192 })).toEqual(['3fe13f', ''])
    expect(updates([200, 100])).toEqual(['3f45', ''])
  })

  it('RFC 7541 §4.2: after several changes the smallest size comes first, then the final one', () => {
    expect(updates([100, 4096])).toEqual(['3f45' + '3fe11f', ''])
    expect(updates([100, 0, 200])).toEqual(['20' + '3fa901', ''])
    expect(updates([0, 4096])).toEqual(['20' + '3fe11f', ''])
  })

  it('RFC 7541 §4.2: our own cap holds whatever the peer allows, and is told to it', () => {
    expect(updates([65_536], { tableSizeCap: 0 })).toEqual(['20', ''])
    expect(updates([0xffffffff])).toEqual(['', ''])
    expect(updates([], { tableSizeLimit: 8192 })).toEqual(['3fe11f', ''])
  })

  it('RFC 7541 §4.3: entries go at once when the size is reduced, and are new again afterwards', () => {
    const encoder = new HpackEncoder(raw)
    encode(encoder, [field('a', 'b'), field('a', 'c')])
    encoder.setTableSizeLimit(67)
    expect(hex(encode(encoder, [field('a', 'c'), field('a', 'b', true)]))).toBe('3f24' + 'be' + '1f2f0162')
    encoder.setTableSizeLimit(0)
    encoder.setTableSizeLimit(4096)
    expect(hex(encode(encoder, [field('a', 'c')]))).toBe('203fe11f' + '4001610163')
  })

  it('RFC 7541 §4.4: a value that left the table is new again while another one of its name is still there', () => {
    const encoder = new HpackEncoder({ ...raw, tableSizeLimit: 102 })
    encode(encoder, [field('a', '1'), field('a', '2'), field('a', '3'), field('a', '4')])
    expect(hex(encode(encoder, [field('a', '2'), field('a', '1')]))).toBe('c0' + '7e0131')
  })

  it('throws for sizes that are none', () => {
    for (const size of [-1, 0.5, 2 ** 32, NaN]) {
      expect(() => new HpackEncoder().setTableSizeLimit(size)).toThrow(UsageError)
      expect(() => new HpackEncoder({ tableSizeLimit: size })).toThrow(UsageError)
      expect(() => new HpackEncoder({ tableSizeCap: size })).toThrow(UsageError)
    }
  })
})

describe('DynamicTable', () => {
  it('RFC 7541 §4.4: an entry that is too large empties the table and says that it is not there', () => {
    const table = new DynamicTable<{ name: string; value: string }>(34)
    expect(table.insert({ name: 'a', value: 'b' })).toBe(true)
    expect(table.insert({ name: 'a', value: 'bc' })).toBe(false)
    expect([table.length, table.size, table.inserted]).toEqual([0, 0, 1])
  })

  it('RFC 7541 §2.3.2: keeps its order when it grows after entries have left', () => {
    const table = new DynamicTable<{ name: string; value: string }>(40 * 34)
    table.insert({ name: 'x', value: 'y'.repeat(1200) })
    for (let i = 0; i < 40; i++) {
      table.insert({ name: 'n', value: String.fromCharCode(i) })
      const values = Array.from({ length: table.length }, (_, age) => table.at(age)!.value.charCodeAt(0))
      expect(values.slice(0, i + 1)).toEqual(Array.from({ length: i + 1 }, (_, age) => i - age))
      expect(table.at(table.length)).toBe(undefined)
    }
    expect([table.length, table.size]).toEqual([40, 40 * 34])
  })
})

describe('HpackEncoder: bad input', () => {
  it('refuses strings that are none, or not of octets, before anything is written', () => {
    const wrong = [
      field('a', 'Ā'),
      field('Ā', 'a'),
      field('cookie', 'a=b; c=Ā'),
      field('x'.repeat(200), `${'y'.repeat(200)}\u{1f600}`),
    ]
    for (const bad of [
      ...wrong,
      { name: 'a', value: 5 },
      { name: undefined, value: '' },
      { name: 'cookie', value: null },
    ]) {
      const encoder = new HpackEncoder(raw)
      encoder.setTableSizeLimit(100)
      const writer = new ByteWriter(1)
      writer.u8(0x77)
      expect(() => encoder.encode([field('a', 'b'), bad as FieldInput], writer)).toThrow(UsageError)
      expect(hex(writer.take())).toBe('77')
      expect(hex(encode(encoder, [field('a', 'b')]))).toBe('3f45' + '4001610162')
    }
  })

  it('RFC 7541 §5.2: says what is wrong with a string, with its section', () => {
    const encoder = new HpackEncoder()
    const refused = (name: string, value: unknown) => () => encode(encoder, [{ name, value } as FieldInput])
    const notOctets = { section: 'RFC 7541 §5.2', message: expect.stringContaining('a character above 0xff') }
    expect(refused('a', '\u0100')).toThrow(expect.objectContaining(notOctets))
    expect(refused('a', 7)).toThrow(
      expect.objectContaining({ section: 'RFC 7541 §5.2', message: expect.stringContaining('is not a string') }),
    )
    // Long, and longer still in the Huffman code: sent as it is.
    for (const length of [30, 1500]) {
      expect(refused(':path', `${'\xff'.repeat(length)}\u0100`)).toThrow(expect.objectContaining(notOctets))
    }
  })

  it('refuses what is no string wherever it stands, alone too', () => {
    for (const bad of [
      { name: undefined, value: '' },
      { name: 'a', value: null },
      { name: 'a', value: ['b'] },
      { name: 'cookie', value: 7 },
      { name: 'cookie', value: null },
    ]) {
      for (const options of [raw, { splitCookies: false }, { indexing: () => 'literal' as const }]) {
        const encoder = new HpackEncoder(options)
        expect(() => encode(encoder, [bad as unknown as FieldInput])).toThrow(UsageError)
        expect(() => encode(encoder, [field(':method', 'GET'), bad as unknown as FieldInput])).toThrow(UsageError)
        expect(hex(encode(encoder, [field(':method', 'GET')]))).toBe('82')
      }
    }
  })

  it('a policy that throws at a later crumb of a cookie changes nothing either', () => {
    let angry = true
    const indexing = (_name: string, value: string) => {
      if (angry && value === 'c=d') throw new Error('no')
      return 'index' as const
    }
    const encoder = new HpackEncoder({ ...raw, indexing })
    expect(() => encode(encoder, [field('x', 'y'), field('cookie', 'a=b; c=d')])).toThrow('no')
    expect(() => encode(encoder, [field('cookie', 'a=b; c=d')])).toThrow('no')
    angry = false
    expect(hex(encode(encoder, [field('cookie', 'a=b')]))).toBe('6003613d62')
  })

  it('a policy that throws changes nothing either', () => {
    let angry = true
    const indexing = (name: string) => {
      if (angry && name === 'x') throw new Error('no')
      return 'index' as const
    }
    const encoder = new HpackEncoder({ ...raw, indexing })
    expect(() => encode(encoder, [field('a', 'b'), field('x', 'y')])).toThrow('no')
    angry = false
    expect(hex(encode(encoder, [field('a', 'b')]))).toBe('4001610162')
  })
})
