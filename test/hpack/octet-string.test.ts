import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../src/bytes/index.ts'
import { BlockReader } from '../../src/hpack/block-reader.ts'
import { octetArray, octetString, scratch, textOf } from '../../src/hpack/octet-string.ts'
import { writeString } from '../../src/hpack/write-string.ts'

const room = scratch.length
const octetsOf = (length: number) => Array.from({ length }, (_, i) => (i * 31) & 0xff)
const naive = (octets: readonly number[]) => Buffer.from(octets).toString('latin1')
const lengths = [...Array.from({ length: 40 }, (_, i) => i), room - 1, room, room + 1, 2 * room, 2 * room + 1, 9000]

describe('strings of octets', () => {
  it('RFC 7541 §5.2: octets of all lengths are a string of one character each, from wherever in a block', () => {
    for (const length of lengths) {
      const octets = octetsOf(length)
      const block = Uint8Array.of(1, 2, 3, ...octets, 4)
      expect(octetString(block, 3, 3 + length)).toBe(naive(octets))
      expect(textOf([...octets, 5, 6], length)).toBe(naive(octets))
    }
  })

  it('is made of as many octets as anyone sends, beyond what a call takes as arguments', () => {
    const octets = octetsOf(400_000)
    expect(textOf(octets, octets.length) === naive(octets)).toBe(true)
  })

  it('the array that all decoders share keeps its size, however long a string is', () => {
    expect(room).toBe(2048)
    for (const length of lengths) octetString(new Uint8Array(length).fill(0x61), 0, length)
    expect(scratch).toHaveLength(room)
    // All of one length of code, the shortest or a longer one: as many characters come out as room was made for, or fewer.
    for (const letter of ['0', 'A']) {
      for (let length = room - 10; length < room + 4; length++) {
        const writer = new ByteWriter()
        writeString(writer, letter.repeat(length), 'always')
        const reader = new BlockReader()
        reader.open(writer.take())
        if (reader.string(undefined) !== letter.repeat(length)) throw new Error(`${length} of ${letter}`)
      }
    }
    expect(scratch).toHaveLength(room)
    expect(octetArray(3)).toEqual([0, 0, 0])
  })
})
