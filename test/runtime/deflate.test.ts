import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { nodePlatform } from '../../src/runtime/node/platform.ts'

const deflate = nodePlatform.deflate!
const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const none = new Uint8Array(0)
const words = utf8('some words, and the same words again: some words, some words')
const settings = { windowBits: 15 }

describe("Node's zlib", () => {
  it('RFC 1951 §2: a message is blocks that are not final, the last one empty and stored', () => {
    for (const data of [none, words, new Uint8Array(100_000), new Uint8Array(8193).fill(7)]) {
      const output = deflate.compress(data, none, settings)
      expect([...output.slice(-4)]).toEqual([0, 0, 0xff, 0xff])
      const whole = Uint8Array.from([...output, 3, 0])
      const read = deflate.decompress(whole, none, data.length)
      if (typeof read === 'string') throw new Error(read)
      expect(Buffer.compare(read.output, data)).toBe(0)
      expect(read.consumed).toBe(whole.length)
    }
  })

  it('RFC 1951 §2: the history is referred to, and needed to read', () => {
    expect(deflate.takesHistory).toBe(true)
    const alone = deflate.compress(words, none, settings)
    const short = deflate.compress(words, words, settings)
    expect(short.length).toBeLessThan(alone.length / 2)
    const whole = Uint8Array.from([...short, 3, 0])
    expect(deflate.decompress(whole, words, 1000)).toMatchObject({ consumed: whole.length })
    expect(deflate.decompress(whole, none, 1000)).toBe('malformed')
  })

  it('RFC 1951 §3.2.3: reading ends behind the final block', () => {
    const data = Uint8Array.from([...deflateRawSync(words), 1, 2, 3, 4])
    expect(deflate.decompress(data, none, 1000)).toMatchObject({ consumed: data.length - 4 })
  })

  it('RFC 1951 §3.2.3: what is no DEFLATE, or has no final block, is malformed', () => {
    expect(deflate.decompress(Uint8Array.of(7, 0), none, 1000)).toBe('malformed')
    expect(deflate.decompress(none, none, 1000)).toBe('malformed')
    const whole = deflateRawSync(words)
    for (let end = 0; end < whole.length; end++) {
      expect(deflate.decompress(whole.subarray(0, end), none, 1000)).toBe('malformed')
    }
  })

  it('RFC 6455 §10.4: output is allowed to the limit, and not beyond', () => {
    const zeros = deflateRawSync(new Uint8Array(5000))
    expect(deflate.decompress(zeros, none, 5000)).toMatchObject({ consumed: zeros.length })
    expect(deflate.decompress(zeros, none, 4999)).toBe('too long')
    expect(deflate.decompress(deflateRawSync(none), none, 0)).toMatchObject({ consumed: 2 })
    expect(deflate.decompress(deflateRawSync(words.slice(0, 1)), none, 0)).toBe('too long')
  })

  it('output has memory of its own, of its own size', () => {
    for (const size of [0, 5, 1000, 1024, 4096, 70_000]) {
      const data = new Uint8Array(size)
      const packed = deflate.compress(data, none, settings)
      const read = deflate.decompress(Uint8Array.from([...packed, 3, 0]), none, size)
      if (typeof read === 'string') throw new Error(read)
      for (const output of [packed, read.output]) {
        expect(output.byteLength).toBe(output.buffer.byteLength)
        expect(Object.getPrototypeOf(output)).toBe(Uint8Array.prototype)
      }
    }
  })

  it("a mistake that isn't the data's is not taken for one", () => {
    expect(() => deflate.decompress(5 as never, none, 1000)).toThrow(TypeError)
  })
})
