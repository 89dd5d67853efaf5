import { describe, expect, it } from 'vitest'
import type { ByteTransport } from '../../src/transport/index.ts'
import { Recorder } from './recorder.ts'

export interface TransportPair {
  readonly near: ByteTransport
  readonly far: ByteTransport
  /** Lets go of what the pair was made from. */
  readonly release?: () => void
}

/** Waits until a condition holds; the test's own time limit ends it when it never does. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

/** Bytes that differ in each place, so that none can be lost, doubled or moved unseen. */
function pattern(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (first + i) % 251)
}

/** What every `ByteTransport` keeps to, whatever it is made of: run for each kind. */
export function transportContract(name: string, makePair: () => Promise<TransportPair> | TransportPair): void {
  const run = (title: string, body: (pair: TransportPair) => Promise<void>) =>
    it(title, async () => {
      const pair = await makePair()
      try {
        await body(pair)
      } finally {
        pair.release?.()
      }
    })

  describe(`${name} keeps the contract of a transport`, () => {
    run('delivers in order, and nothing from inside a call', async ({ near, far }) => {
      const reader = new Recorder()
      far.start(reader)
      near.start(new Recorder())
      near.write([pattern(3), pattern(2, 3)])
      near.write([pattern(5, 5)])
      expect(reader.log).toEqual([])
      await until(() => reader.bytes.length === 10)
      expect(reader.bytes).toEqual(pattern(10))
    })

    run('hands bytes over: what the reader does to them is not seen by the writer', async ({ near, far }) => {
      const reader = new Recorder()
      far.start(reader)
      near.start(new Recorder())
      const whole = pattern(100)
      near.write([whole.subarray(10, 20)])
      await until(() => reader.bytes.length === 10)
      for (const chunk of reader.chunks) chunk.fill(255)
      expect(whole).toEqual(pattern(100))
    })

    run('ends one direction at a time, and closes when both have ended', async ({ near, far }) => {
      const left = new Recorder()
      const right = new Recorder()
      near.start(left)
      far.start(right)
      near.write([pattern(4)])
      near.end()
      near.end()
      near.write([pattern(4)]) // ignored
      await until(() => right.log.includes('end'))
      expect(right.bytes).toEqual(pattern(4))
      far.write([pattern(7)])
      await until(() => left.bytes.length === 7)
      expect(left.log.filter((line) => !line.startsWith('data') && line !== 'drained')).toEqual([])
      far.end()
      await until(() => left.log.at(-1) === 'closed' && right.log.at(-1) === 'closed')
      expect(left.log.filter((line) => line === 'end' || line === 'closed')).toEqual(['end', 'closed'])
      expect(right.log.filter((line) => line === 'end' || line === 'closed')).toEqual(['end', 'closed'])
    })

    run('reads nothing while paused, holds the writer back, and goes on with every byte', async ({ near, far }) => {
      const writer = new Recorder()
      const reader = new Recorder()
      near.start(writer)
      far.start(reader)
      far.pause()
      await aWhile()
      let sent = 0
      // What lies between takes some of it: the buffers of a pair of sockets hold some megabytes on some systems.
      for (let told = -1; writer.log.length > told; ) {
        told = writer.log.length
        while (near.write([pattern(50_000, sent)])) sent += 50_000
        sent += 50_000
        expect(sent).toBeLessThan(64 * 1024 * 1024)
        await aWhile()
      }
      expect(reader.log).toEqual([])
      const told = writer.log.length
      far.resume()
      await until(() => writer.log.length > told)
      expect(writer.log.at(-1)).toBe('drained')
      near.end()
      await until(() => reader.log.includes('end'))
      expect(Buffer.compare(Buffer.concat(reader.chunks), pattern(sent))).toBe(0)
    })

    run('keeps order and bytes through any pauses', async ({ near, far }) => {
      const reader = new Recorder()
      let next = 0
      near.start(new Recorder())
      far.start({
        data(chunk) {
          reader.data(chunk)
          far.pause()
          if (++next % 3 === 0) far.resume()
          else setTimeout(() => far.resume(), next % 2)
        },
        end: () => reader.end(),
        drained: () => {},
        closed: (error) => reader.closed(error),
      })
      let sent = 0
      for (let i = 1; i <= 60; i++) {
        near.write([pattern(i * 37, sent)])
        sent += i * 37
        if (i % 7 === 0) await aWhile()
      }
      near.end()
      await until(() => reader.log.includes('end'))
      expect(Buffer.compare(Buffer.concat(reader.chunks), pattern(sent))).toBe(0)
    })

    run('an abort closes here without an error, and there as soon as that side ends too', async ({ near, far }) => {
      const left = new Recorder()
      const right = new Recorder()
      near.start(left)
      far.start(right)
      near.write([pattern(4)])
      await until(() => right.bytes.length === 4)
      near.abort()
      near.abort()
      expect(left.log.filter((line) => line !== 'drained')).toEqual([])
      await until(() => left.log.at(-1) === 'closed')
      // A socket says FIN here, which ends one direction; all others say that it is over.
      await until(() => /^(end|closed .*)$/.test(right.log.at(-1) ?? ''))
      far.end()
      await until(() => right.log.at(-1)?.startsWith('closed') === true)
      far.write([pattern(1)])
      far.end()
      far.abort()
      await aWhile()
      for (const { log } of [left, right]) expect(log.filter((line) => line.startsWith('closed'))).toHaveLength(1)
    })

    run('is started once', async ({ near }) => {
      near.start(new Recorder())
      expect(() => near.start(new Recorder())).toThrow(/once/)
    })
  })
}
