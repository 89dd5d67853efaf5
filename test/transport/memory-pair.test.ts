import { describe, expect, it } from 'vitest'
import { type ByteTransport, memoryPair, type TransportReceiver } from '../../src/transport/index.ts'
import { Recorder, settle } from './recorder.ts'

describe('memoryPair', () => {
  it('delivers in order, later, and never from inside start or write', async () => {
    const [near, far] = memoryPair()
    const recorder = new Recorder()
    near.write([new Uint8Array([1]), new Uint8Array([2, 3])])
    far.start(recorder)
    near.write([new Uint8Array([4])])
    expect(recorder.log).toEqual([])
    await settle()
    expect([...recorder.bytes]).toEqual([1, 2, 3, 4])
  })

  it('shares no memory', async () => {
    const [near, far] = memoryPair()
    const recorder = new Recorder()
    far.start(recorder)
    const bytes = new Uint8Array([1, 2])
    near.write([bytes])
    bytes[0] = 9
    await settle()
    expect([...recorder.bytes]).toEqual([1, 2])
  })

  it('says false at the mark, and drained once there is room', async () => {
    const [near, far] = memoryPair({ highWaterMark: 10 })
    const writer = new Recorder()
    const reader = new Recorder()
    near.start(writer)
    far.start(reader)
    far.pause()
    expect(near.write([new Uint8Array(9)])).toBe(true)
    expect(near.write([new Uint8Array(1)])).toBe(false)
    await settle()
    expect(writer.log).toEqual([])
    expect(reader.log).toEqual([])
    far.resume()
    await settle()
    expect(writer.log).toEqual(['drained'])
    expect(reader.bytes).toHaveLength(10)
  })

  it('half closes: one side ends, the other goes on', async () => {
    const [near, far] = memoryPair()
    const left = new Recorder()
    const right = new Recorder()
    near.start(left)
    far.start(right)
    near.write([new Uint8Array([1])])
    near.end()
    near.write([new Uint8Array([2])]) // after end: ignored
    await settle()
    expect(right.log).toEqual(['data 1', 'end'])
    far.write([new Uint8Array([3])])
    far.end()
    await settle()
    expect(left.log).toEqual(['data 1', 'end', 'closed'])
    expect(right.log).toEqual(['data 1', 'end', 'closed'])
  })

  it('abort drops everything: no error here, an error there, closed once each', async () => {
    const [near, far] = memoryPair()
    const left = new Recorder()
    const right = new Recorder()
    near.start(left)
    far.start(right)
    near.write([new Uint8Array([1])])
    near.abort()
    near.abort()
    far.abort()
    near.end()
    far.write([new Uint8Array([1])])
    await settle()
    expect(left.log).toEqual(['closed'])
    expect(right.log).toEqual(['closed the peer aborted the connection'])
  })

  it('calls its schedule as a plain function: browsers refuse their queueMicrotask any `this` but their own', async () => {
    const called: unknown[] = []
    function schedule(this: unknown, task: () => void): void {
      called.push(this)
      queueMicrotask(task)
    }
    const [near, far] = memoryPair({ schedule })
    far.start(new Recorder())
    near.start(new Recorder())
    near.write([new Uint8Array(1)])
    await settle()
    expect(new Set(called)).toEqual(new Set([undefined]))
  })

  it('runs on a schedule of the caller, and starts once', () => {
    const tasks: (() => void)[] = []
    const [near, far] = memoryPair({ schedule: (task) => void tasks.push(task) })
    const recorder = new Recorder()
    far.start(recorder)
    near.write([new Uint8Array([1]), new Uint8Array([2])])
    while (tasks.length > 0) tasks.shift()!()
    expect(recorder.log).toEqual(['data 1', 'data 1'])
    expect(() => far.start(recorder)).toThrow('started once')
  })

  it('bears a receiver that acts from inside its calls', async () => {
    const [near, far] = memoryPair()
    const left = new Recorder()
    near.start(left)
    far.start(actor(far, () => far.abort()))
    near.write([new Uint8Array([1]), new Uint8Array([2])])
    await settle()
    expect(left.log).toEqual(['closed the peer aborted the connection'])
  })
})

function actor(transport: ByteTransport, act: () => void): TransportReceiver {
  return { data: act, end: () => transport.end(), drained: () => {}, closed: () => {} }
}
