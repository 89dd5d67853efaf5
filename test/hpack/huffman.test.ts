import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../src/bytes/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import { BlockReader } from '../../src/hpack/block-reader.ts'
import { codeLengths, codes } from '../../src/hpack/huffman-code.ts'
import { BAD_PADDING, decodeHuffman, EOS_FOUND } from '../../src/hpack/huffman-decode.ts'
import { encodeHuffman, huffmanBits } from '../../src/hpack/huffman-encode.ts'
import { writeString } from '../../src/hpack/write-string.ts'
import { appendixB } from './appendix-b.ts'

const bitsOfCodes = appendixB.map((entry) => {
  const [digits, length] = entry.split('/')
  return Number.parseInt(digits!, 16).toString(2).padStart(Number(length), '0')
})

function decode(octets: Uint8Array): string | number {
  const target = new Array<number>(octets.length * 2 + 2).fill(0)
  const length = decodeHuffman(octets, 0, octets.length, target)
  return length < 0 ? length : String.fromCharCode(...target.slice(0, length))
}

function encode(text: string): Uint8Array {
  const target = new Uint8Array(text.length * 4 + 4)
  return target.subarray(0, encodeHuffman(text, target, 0))
}

describe('Huffman code', () => {
  it('RFC 7541 Appendix B: the codes made from the lengths are those of the table', () => {
    expect([...codes].map((code, symbol) => `${code.toString(16)}/${codeLengths[symbol]}`)).toEqual(appendixB)
  })

  it('RFC 7541 §5.2: every pair of octets comes back, at its exact length', () => {
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        const text = String.fromCharCode(first, second)
        const octets = encode(text)
        if (decode(octets) !== text) expect(decode(octets)).toBe(text)
        if (octets.length !== Math.ceil(huffmanBits(text) / 8)) expect(octets).toHaveLength(huffmanBits(text) / 8)
      }
    }
    expect(decode(encode('\xff\xff'))).toBe('\xff\xff')
  })

  it('RFC 7541 §5.2: strings of all lengths come back, rare octets among the common ones or not', () => {
    for (const length of [...Array.from({ length: 40 }, (_, i) => i), 2046, 2047, 2048, 2049, 4096, 4097, 9000]) {
      for (const rare of ['', '\\', '{}', '\n', '\xf9\xff']) {
        for (const place of [0, 1, 6, 13]) {
          const common = Array.from({ length }, (_, i) => String.fromCharCode(0x30 + ((i * 7) % 75))).join('')
          const text = common.slice(0, place) + rare + common.slice(place)
          for (const huffman of ['always', 'never'] as const) {
            const writer = new ByteWriter()
            writeString(writer, text, huffman)
            const reader = new BlockReader()
            reader.open(writer.take())
            if (reader.string(undefined) !== text) expect(reader.string(undefined)).toBe(text)
          }
        }
      }
    }
    expect(encode('0\n0')).toHaveLength(5)
  })

  it('RFC 7541 §5.2: what is no octet is refused wherever it stands', () => {
    for (let length = 1; length < 8; length++) {
      for (let place = 0; place < length; place++) {
        for (const others of ['0', '{', '\xff']) {
          const text = `${others.repeat(place)}\u0130${others.repeat(length - place - 1)}`
          expect(() => encode(text)).toThrow(UsageError)
          expect(() => huffmanBits(text)).toThrow(UsageError)
        }
      }
    }
    expect(encode('\xff')).toHaveLength(4)
  })

  it('RFC 7541 §5.2: every octet comes back from every bit offset', () => {
    for (let octet = 0; octet < 256; octet++) {
      // 0 has 5 bits, so up to eight of them move what follows through all offsets.
      for (let before = 0; before < 8; before++) {
        const text = `${'0'.repeat(before)}${String.fromCharCode(octet)}0`
        if (decode(encode(text)) !== text) expect(decode(encode(text))).toBe(text)
      }
    }
    expect(decode(encode('0\n0'))).toBe('0\n0')
  })

  it('RFC 7541 §5.2: padding of ones is right up to 7 bits and wrong from 8 on, after every octet', () => {
    for (let octet = 0; octet < 256; octet++) {
      const octets = encode(String.fromCharCode(octet))
      expect(decode(Uint8Array.of(...octets, 0xff))).toBe(BAD_PADDING)
      const padding = octets.length * 8 - codeLengths[octet]!
      if (padding === 0) continue
      for (let bit = 0; bit < padding; bit++) {
        const flipped = octets.slice()
        flipped[octets.length - 1]! ^= 1 << bit
        // A flipped bit may make another whole code; what may not come back is the same string.
        expect(decode(flipped)).not.toBe(String.fromCharCode(octet))
      }
    }
  })

  it('RFC 7541 §5.2: EOS is found at every bit offset', () => {
    for (let before = 0; before < 8; before++) {
      const bits = `${'0'.repeat(5 * before)}${'1'.repeat(30)}00000`
      const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1')
      const octets = Uint8Array.from(padded.match(/.{8}/g)!, (byte) => Number.parseInt(byte, 2))
      expect(decode(octets)).toBe(EOS_FOUND)
    }
  })

  it('RFC 7541 §5.2: what stands at the end is padding, a code or a fault after strings of all lengths', () => {
    const rest = ['', '1', '1'.repeat(7), '1'.repeat(8), '0', '0001', '11111110', '1'.repeat(12), '1'.repeat(29)]
    rest.push('1'.repeat(30), '11111111110', `${'1'.repeat(26)}00`, '111111111111000')
    for (const octet of ['0', 'X', '\\', '\n']) {
      const code = bitsOfCodes[octet.charCodeAt(0)]!
      for (let length = 0; length < 24; length++) {
        for (const end of rest) {
          const bits = `${code}${'00111'.repeat(length)}${end}`
          for (const fill of ['0', '1']) {
            const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, fill)
            const octets = Uint8Array.from(padded.match(/.{8}/g)!, (byte) => Number.parseInt(byte, 2))
            if (decode(octets) !== plainly(padded)) expect(decode(octets), padded).toBe(plainly(padded))
          }
        }
      }
    }
    expect(plainly('00111111')).toBe('o')
  })

  it('RFC 7541 §5.2: nothing is read before or behind a string that lies among other octets', () => {
    for (const text of ['', '0', '0\n0', 'www.example.com', '\n'.repeat(9), 'a longer one: {\\}~{\\}~ and more']) {
      for (const around of [0x00, 0xff]) {
        const octets = encode(text)
        const source = new Uint8Array(octets.length + 10).fill(around)
        source.set(octets, 5)
        const target = new Array<number>(100).fill(0)
        const length = decodeHuffman(source, 5, 5 + octets.length, target)
        expect(String.fromCharCode(...target.slice(0, length))).toBe(text)
      }
    }
  })
})

/** Code by code, from bits in a string. */
function plainly(bits: string): string | number {
  let text = ''
  for (let at = 0; ; ) {
    const found = bitsOfCodes.findIndex((code) => bits.startsWith(code, at))
    if (found === 256) return EOS_FOUND
    if (found < 0) return bits.length - at > 7 || bits.includes('0', at) ? BAD_PADDING : text
    text += String.fromCharCode(found)
    at += bitsOfCodes[found]!.length
  }
}
