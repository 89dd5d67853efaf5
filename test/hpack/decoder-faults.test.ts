import { describe, expect, it } from 'vitest'
import { ConnectionError, ErrorCode, UsageError } from '../../src/errors/index.ts'
import { HpackDecoder } from '../../src/hpack/index.ts'
import { faults } from './faults.ts'
import { bytes, decoded, plain } from './support.ts'

describe('HpackDecoder: faults of the peer', () => {
  it.each(faults)('RFC 7541 %s is a COMPRESSION_ERROR', (_, section, ...blocks) => {
    const decoder = new HpackDecoder()
    for (const good of blocks.slice(0, -1)) decoded(decoder, bytes(good))
    const fault = decoder.decode(bytes(blocks.at(-1)!))
    expect(fault).toBeInstanceOf(ConnectionError)
    expect(fault).toMatchObject({ code: ErrorCode.COMPRESSION_ERROR, section })
    // The state is lost: no later block may be taken for good.
    expect(decoder.decode(bytes('82'))).toBe(fault)
    // Nor for another fault.
    expect(decoder.decode(bytes('20 20 20'))).toBe(fault)
  })

  it('RFC 9113 §4.3: a fault is that of one connection, and the others go on', () => {
    const decoder = new HpackDecoder()
    const other = new HpackDecoder()
    const fault = decoder.decode(bytes('82 80'))
    expect(fault).toBeInstanceOf(ConnectionError)
    expect(decoded(other, bytes('82 400161 0162')).fields).toHaveLength(2)
    expect(decoder.decode(bytes('82'))).toBe(fault)
    expect(decoded(other, bytes('be')).fields).toMatchObject([{ name: 'a', value: 'b' }])
    const second = other.decode(bytes(`${'81'.repeat(3)}80`))
    expect(second).not.toBe(fault)
    expect(decoder.decode(bytes('82'))).toBe(fault)
    expect(other.decode(bytes('82'))).toBe(second)
  })

  it.each([
    ['80', 'index 0'],
    ['be', 'index 62 is beyond the tables'],
    ['ff', 'the block ends within an integer'],
    ['ff 81ffffff0f', 'an integer is too large'],
    ['ff 8080808080 00', 'an integer is too long'],
    ['40', 'the block ends before a string'],
    ['40 03 6162', 'the block ends within a string'],
    ['04 84 ffffffff', 'a Huffman string has EOS'],
    ['04 81 ff', 'a Huffman string is padded wrongly'],
    ['82 20', 'a table size update after a field'],
    ['20 20 20', 'a third table size update in one block'],
    ['3fe21f', 'a table size update above the limit'],
  ])('RFC 7541 §3.1: the fault in %s is told in words: %s', (block, reason) => {
    expect(String(new HpackDecoder().decode(bytes(block)))).toContain(reason)
  })

  it('RFC 7541 §4.2: a limit that is no size, or no count, is told with its section or its name', () => {
    const message = 'a table size must be a whole number from 0 to 4294967295'
    expect(() => new HpackDecoder({ tableSizeLimit: -1 })).toThrow(message)
    expect(() => new HpackDecoder({ tableSizeLimit: -1 })).toThrow(
      expect.objectContaining({ section: 'RFC 9113 §6.5.2' }),
    )
    for (const name of ['maxSectionSize', 'maxFieldCount', 'maxCookieCrumbs']) {
      expect(() => new HpackDecoder({ [name]: -1 })).toThrow(`${name} is not a number from 0 up`)
    }
  })

  it('RFC 9113 §4.3.1: what was to come after a reduction is told in words', () => {
    const reduced = (block: string) => {
      const decoder = new HpackDecoder()
      decoder.setTableSizeLimit(100)
      decoder.setTableSizeLimit(4096)
      return String(decoder.decode(bytes(block)))
    }
    expect(reduced('82')).toContain('no table size update after a reduction')
    expect(reduced('3fe11f')).toContain('a table size update above the smallest limit since the last block')
  })

  it('RFC 7541 §2.3.2: an entry that stands in the table twice is not a fault', () => {
    const decoder = new HpackDecoder()
    const { fields } = decoded(decoder, bytes('400161 0162 400161 0162 be bf'))
    expect(plain(fields)).toEqual(Array(4).fill({ name: 'a', value: 'b', sensitive: false }))
    expect(decoder.decode(bytes('c0'))).toMatchObject({ section: 'RFC 7541 §2.3.3' })
  })

  it('RFC 7541 §3.2: field lines come out in the order in which they stand in the block', () => {
    const { fields } = decoded(new HpackDecoder(), bytes('87 400161 0162 82 1001630164 be 84 0f 02 0165'))
    expect(fields.map(({ name, value }) => `${name}=${value}`)).toEqual([
      ':scheme=https',
      'a=b',
      ':method=GET',
      'c=d',
      'a=b',
      ':path=/',
      'accept-language=e',
    ])
  })

  it('RFC 7541 §5.1: zero octets within the limit of five are not a fault', () => {
    expect(plain(decoded(new HpackDecoder(), bytes('0f 8080808000 0161')).fields)).toEqual([
      { name: 'accept-charset', value: 'a', sensitive: false },
    ])
  })

  it('RFC 7541 §5.2: every padding of up to 7 ones is accepted', () => {
    // The codes have 5, 6, 7, 8, 12, 10 and 11 bits.
    const cases = { '07': '0', '53': ' ', b9: ':', f8: '&', ffaf: '#', fe3f: '!', ff5f: "'" }
    for (const [code, text] of Object.entries(cases)) {
      const octets = bytes(code)
      const block = Uint8Array.of(0x04, 0x80 | octets.length, ...octets)
      expect(decoded(new HpackDecoder(), block).fields[0]!.value).toBe(text)
    }
    expect(decoded(new HpackDecoder(), bytes('04 82 f807')).fields[0]!.value).toBe('&0')
  })

  it('RFC 7541 §5.2: empty strings are strings, Huffman or not', () => {
    for (const block of ['10 00 00', '10 80 80', '10 80 00']) {
      expect(plain(decoded(new HpackDecoder(), bytes(block)).fields)).toEqual([
        { name: '', value: '', sensitive: true },
      ])
    }
  })

  it('throws for limits that are none, and changes nothing', () => {
    for (const size of [-1, 0.5, 2 ** 32, NaN]) {
      expect(() => new HpackDecoder({ tableSizeLimit: size })).toThrow(UsageError)
      expect(() => new HpackDecoder().setTableSizeLimit(size)).toThrow(UsageError)
    }
    expect(() => new HpackDecoder({ maxSectionSize: NaN })).toThrow(UsageError)
    expect(() => new HpackDecoder({ maxFieldCount: -1 })).toThrow(UsageError)
    expect(() => new HpackDecoder({ maxCookieCrumbs: -1 })).toThrow(UsageError)
  })
})

describe('HpackDecoder: table size', () => {
  it('RFC 7541 §4.2: two size updates at the beginning are what a change and its undoing need', () => {
    const decoder = new HpackDecoder()
    decoded(decoder, bytes('400161 0162'))
    expect(plain(decoded(decoder, bytes('20 3fe11f 400163 0164 be')).fields)).toHaveLength(2)
    expect(decoder.decode(bytes('bf'))).toMatchObject({ section: 'RFC 7541 §2.3.3' })
  })

  it('RFC 9113 §4.3.1: a block that starts without the update demanded after a reduction is a COMPRESSION_ERROR', () => {
    for (const block of ['82', '', '400161 0162']) {
      const decoder = new HpackDecoder()
      decoder.setTableSizeLimit(100)
      expect(decoder.decode(bytes(block))).toMatchObject({
        code: ErrorCode.COMPRESSION_ERROR,
        section: 'RFC 9113 §4.3.1',
      })
    }
  })

  it('RFC 9113 §4.3.1: the update demanded may go below the reduced limit, once', () => {
    const decoder = new HpackDecoder()
    decoder.setTableSizeLimit(100)
    expect(decoded(decoder, bytes('3f32 82')).fields).toHaveLength(1) // 81
    expect(decoded(decoder, bytes('82')).fields).toHaveLength(1)
  })

  it('RFC 7541 §4.2: of two reductions the smaller one counts, whichever came first', () => {
    for (const limits of [
      [20, 30],
      [30, 20],
    ]) {
      const decode = (block: string) => {
        const decoder = new HpackDecoder()
        for (const limit of limits) decoder.setTableSizeLimit(limit)
        return decoder.decode(bytes(block))
      }
      expect(decode('34 82')).toMatchObject({ overflow: undefined }) // 20
      expect(decode('35 82')).toBeInstanceOf(ConnectionError) // 21
    }
  })

  it('RFC 7541 §4.2: after a reduction and its undoing the first update goes down to the smallest limit', () => {
    const down = (first: string) => {
      const decoder = new HpackDecoder()
      decoder.setTableSizeLimit(30)
      decoder.setTableSizeLimit(20)
      decoder.setTableSizeLimit(4096)
      return decoder.decode(bytes(first))
    }
    expect(down('34 3fe11f 82')).toMatchObject({ overflow: undefined }) // 20, 4096
    expect(down('33 82')).toMatchObject({ overflow: undefined }) // 19
    expect(down('35 82')).toMatchObject({ section: 'RFC 7541 §4.2' }) // 21
    expect(down('3fe11f 82')).toMatchObject({ section: 'RFC 7541 §4.2' }) // 4096 alone
    expect(down('82')).toMatchObject({ section: 'RFC 9113 §4.3.1' })
  })

  it('RFC 9113 §4.3.1: a limit not below the size in use demands nothing', () => {
    const same = new HpackDecoder()
    same.setTableSizeLimit(4096)
    expect(decoded(same, bytes('82')).fields).toHaveLength(1)
    const decoder = new HpackDecoder()
    decoded(decoder, bytes('20')) // the peer has chosen 0
    decoder.setTableSizeLimit(100)
    decoder.setTableSizeLimit(8192)
    expect(decoded(decoder, bytes('82')).fields).toHaveLength(1)
    expect(decoded(decoder, bytes('3fe13f 82')).fields).toHaveLength(1) // 8192
  })

  it('RFC 7541 §4.4: an entry may be named after one that its own insertion evicts', () => {
    const decoder = new HpackDecoder({ tableSizeLimit: 34 })
    decoded(decoder, bytes('400161 0162'))
    expect(plain(decoded(decoder, bytes('7e 0163 be')).fields)).toEqual([
      { name: 'a', value: 'c', sensitive: false },
      { name: 'a', value: 'c', sensitive: false },
    ])
  })

  it('RFC 7541 §4.1: an entry as large as the table stays, one octet more empties the table', () => {
    const fits = new HpackDecoder({ tableSizeLimit: 34 })
    expect(decoded(fits, bytes('400161 0162 be')).fields).toHaveLength(2)
    const empties = new HpackDecoder({ tableSizeLimit: 34 })
    expect(decoded(empties, bytes('400161 0162 400161 026262')).fields).toHaveLength(2)
    expect(empties.decode(bytes('be'))).toMatchObject({ section: 'RFC 7541 §2.3.3' })
  })

  it('RFC 7541 §4.3: shrinking to an exact fit keeps, one octet less evicts the oldest', () => {
    const filled = () => {
      const decoder = new HpackDecoder()
      decoded(decoder, bytes('400161 0162 400161 0163'))
      return decoder
    }
    expect(decoded(filled(), bytes('3f25 bf')).fields[0]!.value).toBe('b') // 68
    expect(filled().decode(bytes('3f24 bf'))).toMatchObject({ section: 'RFC 7541 §2.3.3' }) // 67
    expect(decoded(filled(), bytes('3f24 be')).fields[0]!.value).toBe('c')
  })
})
