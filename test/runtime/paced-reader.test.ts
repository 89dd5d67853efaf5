import { PassThrough } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { PacedReader } from '../../src/runtime/node/paced-reader.ts'

const immediate = () => new Promise((resolve) => setImmediate(resolve))

/** Keeps the processor busy. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end) {}
}

const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251)

interface Reading {
  readonly stream: PassThrough
  readonly reader: PacedReader
  readonly sizes: number[]
  readonly read: () => Buffer
}

/** A reader to whom each delivery costs so much work. */
function reading(cost: number): Reading {
  const stream = new PassThrough()
  const sizes: number[] = []
  const chunks: Uint8Array[] = []
  const reader = new PacedReader(stream, (chunk) => {
    sizes.push(chunk.length)
    chunks.push(chunk.slice())
    work(cost)
  })
  return { stream, reader, sizes, read: () => Buffer.concat(chunks) }
}

describe('RFC 9113 §10.5: a connection whose chunks take long lets others in between', () => {
  it('hands slices on, one a turn while each takes its time, and holds the stream meanwhile', async () => {
    const { stream, reader, sizes, read } = reading(1.5)
    stream.on('data', () => {})
    reader.push(pattern(30_000))
    expect(sizes).toEqual([8192])
    expect(stream.isPaused()).toBe(true)
    await immediate()
    expect(sizes).toEqual([8192, 8192])
    for (let turn = 0; turn < 3; turn++) await immediate()
    expect(sizes).toEqual([8192, 8192, 8192, 30_000 - 3 * 8192])
    expect(Buffer.compare(read(), pattern(30_000))).toBe(0)
    expect(stream.isPaused()).toBe(false)
  })

  it('hands on a slice a turn, also where the processor is always elsewhere', async () => {
    let nanoseconds = 0
    const clock = vi.spyOn(process, 'hrtime').mockImplementation(() => {
      nanoseconds += 2_000_000
      return [0, nanoseconds]
    })
    try {
      const { reader, sizes } = reading(0)
      reader.push(pattern(20_000))
      expect(sizes).toEqual([8192])
      await immediate()
      expect(sizes).toEqual([8192, 8192])
    } finally {
      clock.mockRestore()
    }
  })

  it('gives chunks whole once they go quickly, and slices again after one that did not', () => {
    let cost = 0
    const sizes: number[] = []
    const reader = new PacedReader(new PassThrough(), (chunk) => {
      sizes.push(chunk.length)
      work(cost)
    })
    reader.push(pattern(100))
    reader.push(pattern(20_000))
    expect(sizes).toEqual([100, 20_000])
    cost = 2
    reader.push(pattern(20_000))
    expect(sizes).toEqual([100, 20_000, 20_000])
    reader.push(pattern(20_000))
    expect(sizes).toEqual([100, 20_000, 20_000, 8192])
  })

  it('keeps the order where somebody else resumes the stream meanwhile', async () => {
    const { stream, reader, sizes, read } = reading(1.5)
    stream.on('data', (chunk: Buffer) => reader.push(new Uint8Array(chunk)))
    const bytes = pattern(40_000)
    reader.push(bytes.subarray(0, 20_000))
    stream.write(bytes.slice(20_000))
    stream.resume()
    await new Promise<void>((resolve) => process.nextTick(resolve))
    expect(sizes).toEqual([8192])
    expect(stream.isPaused()).toBe(true)
    while (read().length < bytes.length) await immediate()
    expect(Buffer.compare(read(), bytes)).toBe(0)
    expect(stream.isPaused()).toBe(false)
  })

  it('keeps what is left while paused, and goes on with it before anything new', async () => {
    const { stream, reader, sizes, read } = reading(1.5)
    stream.on('data', (chunk: Buffer) => reader.push(new Uint8Array(chunk)))
    reader.push(pattern(20_000))
    reader.pause()
    stream.write(Uint8Array.of(1, 2, 3))
    for (let turn = 0; turn < 4; turn++) await immediate()
    expect(sizes).toEqual([8192])
    reader.resume()
    reader.resume()
    for (let turn = 0; turn < 8; turn++) await immediate()
    expect(sizes).toEqual([8192, 8192, 20_000 - 2 * 8192, 3])
    expect(Buffer.compare(read(), Buffer.concat([pattern(20_000), Uint8Array.of(1, 2, 3)]))).toBe(0)
  })

  it('a reader that pauses in the middle of a chunk gets no more of it', async () => {
    const stream = new PassThrough()
    const sizes: number[] = []
    const reader: PacedReader = new PacedReader(stream, (chunk) => {
      sizes.push(chunk.length)
      reader.pause()
    })
    stream.on('data', () => {})
    reader.push(pattern(20_000))
    for (let turn = 0; turn < 3; turn++) await immediate()
    expect(sizes).toEqual([8192])
    for (let turn = 0; turn < 3; turn++) {
      reader.resume()
      await immediate()
    }
    expect(sizes).toEqual([8192, 8192, 20_000 - 2 * 8192])
  })

  it('a stream that was destroyed delivers no more', async () => {
    const { stream, reader, sizes } = reading(1.5)
    reader.push(pattern(30_000))
    stream.destroy()
    for (let turn = 0; turn < 4; turn++) await immediate()
    expect(sizes).toEqual([8192])
  })
})
