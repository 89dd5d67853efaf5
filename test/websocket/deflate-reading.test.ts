import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compressed, deflated, deflating, failed, HELLO, plain, RSV1, received } from './deflate-peer.ts'
import { connection, drain, frame, join, show, utf8 } from './frames.ts'
import { bytes, KEY } from './wire-case.ts'

/** Bits as they stand in RFC 1951, first one lowest in its octet. */
function packed(bits: string): Uint8Array {
  const all = bits.replaceAll(' ', '')
  const octets = new Uint8Array(Math.ceil(all.length / 8))
  for (let i = 0; i < all.length; i++) if (all[i] === '1') octets[i >> 3] |= 1 << (i & 7)
  return octets
}

describe('the examples of the RFC', () => {
  it('RFC 7692 §7.2.3.1: a message in one DEFLATE block', () => {
    expect(received([compressed(HELLO)])).toEqual(['text "Hello"'])
  })

  it('RFC 7692 §7.2.3.1: a message in fragments, only the first of which has RSV1', () => {
    const rest = frame({ opcode: 0, payload: HELLO.slice(3), key: KEY })
    expect(received([compressed(HELLO.slice(0, 3), { fin: false }), rest])).toEqual(['text "Hello"'])
  })

  it('RFC 7692 §7.2.3.2: the second message refers to the first', () => {
    const second = bytes(0xf2, 0x00, 0x11, 0x00, 0x00)
    expect(received([compressed(HELLO), compressed(second)])).toEqual(['text "Hello"', 'text "Hello"'])
    expect(received([compressed(HELLO), compressed(HELLO)])).toEqual(['text "Hello"', 'text "Hello"'])
  })

  it('RFC 7692 §7.2.3.3: a DEFLATE block without compression', () => {
    const stored = bytes(0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00)
    expect(received([compressed(stored)])).toEqual(['text "Hello"'])
  })

  it('RFC 7692 §7.2.3.4: a final DEFLATE block, the octet 00 behind it', () => {
    const final = bytes(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00)
    expect(received([compressed(final)])).toEqual(['text "Hello"'])
  })

  it('RFC 7692 §7.2.3.5: two DEFLATE blocks in one message', () => {
    const two = bytes(0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00)
    expect(received([compressed(two)])).toEqual(['text "Hello"'])
  })

  it('RFC 7692 §7.2.3.6: an empty message', () => {
    expect(received([compressed(bytes(0x00)), compressed(HELLO)])).toEqual(['text ""', 'text "Hello"'])
  })
})

describe('reading', () => {
  it('RFC 7692 §6: compressed and uncompressed messages in turn', () => {
    const frames = [plain(1, 'a'), compressed(HELLO), plain(2, 'b'), compressed(deflated('c'), { opcode: 2 })]
    expect(received(frames)).toEqual(['text "a"', 'text "Hello"', 'binary "b"', 'binary "c"'])
  })

  it('RFC 7692 §6.1: control frames come between the fragments of a compressed message', () => {
    const frames = [
      compressed(HELLO.slice(0, 1), { fin: false }),
      plain(9, 'p'),
      plain(0, HELLO.slice(1, 5), { fin: false }),
      plain(0, '', { fin: false }),
      plain(10, 'q'),
      plain(0, HELLO.slice(5)),
      plain(1, 'end'),
    ]
    expect(received(frames)).toEqual(['ping "p"', 'pong "q"', 'text "Hello"', 'text "end"'])
  })

  it('RFC 7692 §6.1: RSV1 on a continuation fails the connection', () => {
    const frames = [compressed(HELLO.slice(0, 3), { fin: false }), plain(0, HELLO.slice(3), { rsv: RSV1 })]
    expect(received(frames)).toEqual([failed(1002, '6455 §5.2')])
    expect(received([plain(1, 'a', { fin: false }), plain(0, HELLO, { rsv: RSV1 })])).toHaveLength(1)
  })

  it('RFC 7692 §6.1: RSV1 on a control frame fails the connection', () => {
    for (const opcode of [8, 9, 10]) {
      expect(received([plain(opcode, '', { rsv: RSV1 })])).toEqual([failed(1002, '6455 §5.2')])
    }
  })

  it('RFC 7692 §6: RSV1 without the extension fails the connection', () => {
    const socket = connection('server')
    socket.receive(compressed(HELLO))
    expect(drain(socket).map(show)).toEqual([failed(1002, '6455 §5.2')])
  })

  it('RFC 7692 §6: RSV2 and RSV3 mean nothing, with RSV1 or without', () => {
    for (const rsv of [1, 2, 3, 5, 6, 7]) {
      expect(received([compressed(HELLO, { rsv })])).toEqual([failed(1002, '6455 §5.2')])
    }
  })

  it('RFC 7692 §7.2.3.2: with context takeover a message refers back up to the whole window, without it nowhere', () => {
    // A block of the fixed codes: three octets from 32768 octets back, the end, and the header of the stored block.
    const reference = packed(`0 10 0000001 11101 ${'1'.repeat(13)} 0000000 000`)
    const octets = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i % 251)
    const referred = (count: number, parameters = {}): unknown => {
      const socket = deflating('server', parameters)
      socket.receive(compressed(deflated(octets(count)), { opcode: 2 }))
      socket.receive(compressed(reference, { opcode: 2 }))
      return drain(socket).map(show)[1]
    }
    expect(referred(32_768)).toBe('binary "\\u0000\\u0001\\u0002"')
    expect(referred(40_000)).toBe(
      show({ type: 'MessageReceived', text: false, data: octets(40_000).slice(7232, 7235) }),
    )
    expect(referred(32_767)).toBe(failed(1007, '7692 §7.2.2'))
    expect(referred(32_768, { clientNoContextTakeover: true })).toBe(failed(1007, '7692 §7.2.2'))
    // What the server sends is agreed on apart from that.
    expect(referred(32_768, { serverNoContextTakeover: true })).toBe('binary "\\u0000\\u0001\\u0002"')
  })

  it('RFC 7692 §7.1.2.2: a reference beyond the window that was agreed on is refused', () => {
    const words = Array.from({ length: 200 }, (_, i) => `word ${i * 7919}, `).join('')
    const again = new Uint8Array(
      deflateRawSync(utf8('word 0, word 7919, '), { dictionary: utf8(words), finishFlush: 2 }),
    ).slice(0, -4)
    const frames = [compressed(deflated(words)), compressed(again)]
    expect(received(frames)).toHaveLength(2)
    expect(received(frames)[1]).toBe('text "word 0, word 7919, "')
    expect(received(frames, {}, { clientMaxWindowBits: 10 })[1]).toBe(failed(1007, '7692 §7.2.2'))
  })

  it('RFC 7692 §7.2.3.4: final blocks may be anywhere, with or without the octet 00 behind the last one', () => {
    const final = new Uint8Array(deflateRawSync(utf8('final,')))
    const second = deflated('rest')
    expect(received([compressed(join(final, second))])).toEqual(['text "final,rest"'])
    expect(received([compressed(final), compressed(join(final, bytes(0))), compressed(HELLO)])).toEqual([
      'text "final,"',
      'text "final,"',
      'text "Hello"',
    ])
    expect(received([compressed(join(final, final, final)), compressed(second)])).toEqual([
      'text "final,final,final,"',
      'text "rest"',
    ])
  })

  it('RFC 7692 §7.2.3.4: behind a final block the message may refer to what is before it, later messages only with takeover', () => {
    const final = new Uint8Array(deflateRawSync(utf8('final,')))
    // Three octets from six octets back.
    const reference = packed('0 10 0000001 00100 1 0000000 000')
    const frames = [compressed(join(final, reference)), compressed(reference)]
    expect(received(frames)).toEqual(['text "final,fin"', 'text "al,"'])
    expect(received(frames, {}, { clientNoContextTakeover: true })).toEqual([
      'text "final,fin"',
      failed(1007, '7692 §7.2.2'),
    ])
  })

  it('RFC 6455 §10.4: a message of final blocks without end is refused, however small they are', () => {
    const final = bytes(0x03, 0x00)
    const many = (count: number): Uint8Array => join(...new Array(count).fill(final), bytes(0))
    expect(received([compressed(many(31))])).toEqual(['text ""'])
    expect(received([compressed(many(32))])).toEqual([failed(1008, '6455 §10.4')])
    expect(received([compressed(many(100_000))])).toEqual([failed(1008, '6455 §10.4')])
  })

  const broken: Record<string, Uint8Array> = {
    'a block of the reserved type': bytes(0x06, 0x00),
    'a stored block whose length does not fit its complement': bytes(0x00, 0x05, 0x00, 0x00, 0x00, 0x61),
    'a message that breaks off inside of a block': HELLO.slice(0, 4),
    'a stored block longer than the message': bytes(0x00, 0x32, 0x00, 0xcd, 0xff, 0x48),
    // What is added to the message, the 00 00 ff ff that the sender took away, would be its last octets.
    'a final stored block longer than the message': bytes(0x01, 0x05, 0x00, 0xfa, 0xff, 0x48),
    // Codes of nine bits; the zeros that are added would be the end of the block.
    'a final block without its end': packed(`1 10 ${'111111111'.repeat(5)}`),
    'a reference to what was never there': bytes(0xf2, 0x00, 0x11, 0x00, 0x00),
    'no octet at all': bytes(),
    'octets behind a final block that are no block': bytes(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x07),
    'text as it is': utf8('{"not": "compressed"}'),
  }
  for (const [title, payload] of Object.entries(broken)) {
    it(`RFC 7692 §7.2.2: ${title} fails the connection with 1007`, () => {
      expect(received([plain(1, 'one'), compressed(payload), plain(1, 'two')])).toEqual([
        'text "one"',
        failed(1007, '7692 §7.2.2'),
      ])
    })
  }

  it('RFC 6455 §8.1: text is judged once it is inflated, also across fragments and final blocks', () => {
    const invalid = [
      bytes(0xff),
      bytes(0x61, 0xe2, 0x82),
      bytes(0xed, 0xa0, 0x80),
      join(utf8('x'.repeat(500)), bytes(0x80)),
    ]
    for (const text of invalid) expect(received([compressed(deflated(text))])).toEqual([failed(1007, '6455 §8.1')])
    for (const text of invalid) expect(received([compressed(deflated(text), { opcode: 2 })])).toHaveLength(1)
    const euro = utf8('€'.repeat(300))
    const [one, two] = [deflateRawSync(euro.slice(0, 100)), deflated(euro.slice(100))]
    expect(received([compressed(join(one, two))])).toEqual([show({ type: 'MessageReceived', text: true, data: euro })])
  })
})
