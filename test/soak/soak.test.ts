import { describe, expect, test } from 'vitest'
import { frameReader } from './frame-reader.ts'
import { hpackDecoder } from './hpack-decoder.ts'
import { serverConnection } from './server-connection.ts'
import { Soak } from './soak.ts'
import { must, type Target, WHOLE } from './target.ts'
import { webSocketReceiver } from './websocket-receiver.ts'

/** A short soak with a fixed seed; `npm run soak:codecs` is the long one. */
describe('random and mutated input', () => {
  test.each([
    { target: frameReader, count: 6_000, faults: 15 },
    { target: hpackDecoder, count: 6_000, faults: 6 },
    { target: webSocketReceiver, count: 6_000, faults: 8 },
    { target: serverConnection, count: 1_500, faults: 12 },
  ])('$target.name: nothing but declared errors, the same however it is cut', ({ target, count, faults }) => {
    const verdict = new Soak(target, 0, 1).run(0, count)
    expect(verdict.failures).toEqual([])
    expect(verdict.inputs).toBe(count)
    // The inputs reach what they are meant to reach.
    expect(verdict.whole).toBeGreaterThan(count / 20)
    expect(verdict.faults.size).toBeGreaterThanOrEqual(faults)
  })
})

describe('the soak sees', () => {
  const soak = (take: Target['take'], count: number) => new Soak({ name: 'planted', take }, 0, 1).run(0, count)

  test('what is thrown, with the number of the input and its bytes', () => {
    const { failures } = soak((chance, note) => {
      note(Uint8Array.of(0xab, chance.below(2)))
      must(!chance.once(100), 'planted')
      return WHOLE
    }, 1000)
    expect(failures.length).toBeGreaterThan(0)
    expect(failures[0]?.reason).toContain('planted')
    expect(failures[0]?.input).toMatch(/^ab0[01]$/)
  })

  test('an input that takes long each time', () => {
    const { failures } = soak(() => {
      const start = process.cpuUsage()
      for (let used = 0; used < 70_000; ) {
        const { user, system } = process.cpuUsage(start)
        used = user + system
      }
      return WHOLE
    }, 1)
    expect(failures.map(({ reason }) => reason)).toEqual([expect.stringContaining('ms of processor time')])
  })

  test('a heap that grows', () => {
    const kept: Uint8Array[] = []
    const { failures } = soak(() => {
      kept.push(new Uint8Array(20_000))
      return WHOLE
    }, 400)
    expect(failures.map(({ reason }) => reason)).toEqual([expect.stringContaining('the heap grew')])
  })
})
