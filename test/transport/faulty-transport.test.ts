import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type FaultPlan, FaultyTransport, memoryPair } from '../../src/transport/index.ts'
import { Recorder, settle } from './recorder.ts'

/** What arrives of 100 counted bytes, sent in chunks of 10 and then ended. */
async function through(plan: FaultPlan): Promise<Recorder> {
  const [near, far] = memoryPair()
  const recorder = new Recorder()
  new FaultyTransport(far, plan).start(recorder)
  near.start(new Recorder())
  for (let i = 0; i < 10; i++) near.write([Uint8Array.from({ length: 10 }, (_, j) => i * 10 + j)])
  near.end()
  await settle()
  return recorder
}

const counted = Array.from({ length: 100 }, (_, i) => i)

describe('FaultyTransport', () => {
  it('slices deterministically by seed, and loses nothing', async () => {
    const one = await through({ seed: 5, maxSlice: 4 })
    const again = await through({ seed: 5, maxSlice: 4 })
    const other = await through({ seed: 6, maxSlice: 4 })
    expect([...one.bytes]).toEqual(counted)
    expect(one.log).toEqual(again.log)
    expect(one.log).not.toEqual(other.log)
    expect(Math.max(...one.chunks.map((chunk) => chunk.length))).toBe(4)
    expect(one.log.at(-1)).toBe('end')
  })

  it('coalesces', async () => {
    const { log, bytes } = await through({ coalesce: 50 })
    expect([...bytes]).toEqual(counted)
    expect(log.length).toBeLessThan(10)
    expect(log.at(-1)).toBe('end')
  })

  it('stalls: nothing beyond, and no end', async () => {
    const { bytes, log } = await through({ stallAt: 33 })
    expect([...bytes]).toEqual(counted.slice(0, 33))
    expect(log).not.toContain('end')
  })

  it('cuts with FIN', async () => {
    const { bytes, log } = await through({ cutAt: 47 })
    expect([...bytes]).toEqual(counted.slice(0, 47))
    expect(log.filter((entry) => entry === 'end')).toHaveLength(1)
  })

  it('cuts by abort', async () => {
    const { bytes, log } = await through({ cutAt: 47, cut: 'abort' })
    expect([...bytes]).toEqual(counted.slice(0, 47))
    expect(log.at(-1)).toBe('closed')
    expect(log).not.toContain('end')
  })

  it('corrupts one byte', async () => {
    const { bytes } = await through({ corruptAt: 12, corruptMask: 0x80, maxSlice: 3 })
    expect([...bytes]).toEqual(counted.map((byte) => (byte === 12 ? 12 ^ 0x80 : byte)))
  })

  it('refuses room now and then, and calls back', async () => {
    const [near, far] = memoryPair()
    const recorder = new Recorder()
    const transport = new FaultyTransport(near, { refuseEvery: 3 })
    transport.start(recorder)
    far.start(new Recorder())
    const room = Array.from({ length: 6 }, () => transport.write([new Uint8Array(1)]))
    expect(room).toEqual([true, true, false, true, true, false])
    await settle()
    expect(recorder.log).toEqual(['drained', 'drained'])
  })

  it('tells the transport below that others are to read', () => {
    const [inner] = memoryPair()
    const write = vi.spyOn(inner, 'write')
    const transport = new FaultyTransport(inner, {})
    transport.write([new Uint8Array(1)], true)
    expect(write).toHaveBeenCalledWith([new Uint8Array(1)], true)
  })

  it('holds everything back while paused', async () => {
    const [near, far] = memoryPair()
    const recorder = new Recorder()
    const transport = new FaultyTransport(far, { maxSlice: 1 })
    transport.start(recorder)
    near.start(new Recorder())
    near.write([new Uint8Array(3)])
    transport.pause()
    await settle()
    expect(recorder.log).toEqual([])
    transport.resume()
    await settle()
    expect(recorder.log).toEqual(['data 1', 'data 1', 'data 1'])
  })

  it('with any slicing and coalescing delivers the same bytes', async () => {
    const plan = fc.record({
      seed: fc.nat(),
      maxSlice: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
      coalesce: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(plan, async (faults) => {
        const defined = Object.fromEntries(Object.entries(faults).filter(([, value]) => value !== undefined))
        const recorder = await through(defined)
        expect([...recorder.bytes]).toEqual(counted)
        expect(recorder.log.at(-1)).toBe('end')
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 300) },
    )
  })
})
