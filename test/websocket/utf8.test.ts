import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isUtf8, Utf8Validator } from '../../src/websocket/utf8-validator.ts'
import { check } from './property.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function nativeAccepts(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** The first byte at which no continuation could make the bytes valid, by the native decoder; their length if none. */
function nativeOffence(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; at++) {
    const head = bytes.subarray(0, at + 1)
    // `stream: true` leaves an unfinished code point open and refuses what can't be finished.
    const streaming = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    try {
      streaming.decode(head, { stream: true })
    } catch {
      return at
    }
  }
  return bytes.length
}

function offence(bytes: Uint8Array): number {
  const validator = new Utf8Validator()
  for (let at = 0; at < bytes.length; at++) if (!validator.accept(bytes, at, at + 1)) return at
  return bytes.length
}

/** Bytes around every border of the encoding. */
const borderByte = fc.constantFrom(
  ...[0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1],
  ...[0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff],
)
const nearlyValid = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 12 }), fc.nat(40), fc.integer({ min: 0, max: 255 }), fc.boolean())
  .map(([text, at, byte, spoil]) => {
    const bytes = new TextEncoder().encode(text)
    if (spoil && bytes.length > 0) bytes[at % bytes.length] = byte
    return bytes
  })
const sequence = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.array(borderByte, { maxLength: 12 }).map((bytes) => Uint8Array.from(bytes)),
  nearlyValid,
)

describe('UTF-8', () => {
  it('RFC 6455 §8.1: every sequence of up to two bytes, and of three and four at the borders, as the native decoder', () => {
    const lead = [0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5]
    const second = [0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0]
    const later = [0x7f, 0x80, 0xbf, 0xc0]
    const sequences: number[][] = [[]]
    for (let a = 0; a < 256; a++) {
      sequences.push([a])
      for (let b = 0; b < 256; b++) sequences.push([a, b])
    }
    for (const a of lead)
      for (const b of second) for (const c of later) sequences.push([a, b, c], ...later.map((d) => [a, b, c, d]))
    for (const bytes of sequences)
      expect(isUtf8(Uint8Array.from(bytes)), String(bytes)).toBe(nativeAccepts(Uint8Array.from(bytes)))
  })

  it('RFC 6455 §8.1: agrees with the native decoder on random and nearly valid bytes', () => {
    check(fc.property(sequence, (bytes) => isUtf8(bytes) === nativeAccepts(bytes)))
  })

  it('RFC 6455 §8.1: finds the offending byte where the native decoder does', () => {
    check(fc.property(sequence, (bytes) => offence(bytes) === nativeOffence(bytes)))
  })

  it('RFC 6455 §8.1: any cut of the bytes gives the same verdict', () => {
    check(
      fc.property(sequence, fc.array(fc.nat(12), { maxLength: 4 }), (bytes, cuts) => {
        const validator = new Utf8Validator()
        const borders = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
        const accepted = borders.slice(1).every((end, i) => validator.accept(bytes, borders[i], end))
        return (accepted && validator.complete) === isUtf8(bytes)
      }),
    )
  })
})
