import { describe, expect, it, vi } from 'vitest'
import { memoryPair, withInitialData } from '../../src/transport/index.ts'
import { Recorder, settle } from './recorder.ts'

describe('withInitialData', () => {
  it('comes first, later than start, even when nothing else comes', async () => {
    const [, far] = memoryPair()
    const recorder = new Recorder()
    withInitialData(far, new Uint8Array([1, 2])).start(recorder)
    expect(recorder.log).toEqual([])
    await settle()
    expect(recorder.log).toEqual(['data 2'])
  })

  it('comes before what the transport has', async () => {
    const [near, far] = memoryPair()
    const recorder = new Recorder()
    near.write([new Uint8Array([3])])
    near.end()
    withInitialData(far, new Uint8Array([1, 2])).start(recorder)
    await settle()
    expect([...recorder.bytes]).toEqual([1, 2, 3])
    expect(recorder.log.at(-1)).toBe('end')
  })

  it('waits while paused, and everything behind it waits too', async () => {
    const [near, far] = memoryPair()
    const recorder = new Recorder()
    const transport = withInitialData(far, new Uint8Array([1]))
    transport.start(recorder)
    transport.pause()
    near.write([new Uint8Array([2])])
    await settle()
    expect(recorder.log).toEqual([])
    transport.resume()
    await settle()
    expect([...recorder.bytes]).toEqual([1, 2])
  })

  it('passes everything else through', async () => {
    const [near, far] = memoryPair({ highWaterMark: 4 })
    const left = new Recorder()
    const right = new Recorder()
    near.start(left)
    const transport = withInitialData(far, new Uint8Array([1]))
    transport.start(right)
    expect(transport.write([new Uint8Array(4)])).toBe(false)
    transport.end()
    await settle()
    expect(left.log).toEqual(['data 4', 'end'])
    expect(right.log).toContain('drained')
    near.abort()
    await settle()
    expect(right.log.at(-1)).toBe('closed the peer aborted the connection')
  })

  it('is forgotten by abort', async () => {
    const [, far] = memoryPair()
    const recorder = new Recorder()
    const transport = withInitialData(far, new Uint8Array([1]))
    transport.start(recorder)
    transport.abort()
    await settle()
    expect(recorder.log).toEqual(['closed'])
  })

  it('tells the transport below that others are to read', () => {
    const [inner] = memoryPair()
    const write = vi.spyOn(inner, 'write')
    const transport = withInitialData(inner, new Uint8Array([1]))
    transport.write([new Uint8Array(1)], true)
    expect(write).toHaveBeenCalledWith([new Uint8Array(1)], true)
  })

  it('is the transport itself when there are no bytes', () => {
    const [, far] = memoryPair()
    expect(withInitialData(far, new Uint8Array(0))).toBe(far)
  })
})
