import { describe, expect, it } from 'vitest'
import { Gathered } from '../../src/frames/gathered.ts'

const LARGEST = 0xff_ffff

/** Octets that tell their place. */
function octets(from: number, n: number): Uint8Array {
  return Uint8Array.from({ length: n }, (_, i) => from + i)
}

describe('RFC 9113 §4.2: the memory of a payload that crosses chunks', () => {
  it('a payload comes out as it went in, whatever the sizes of its parts', () => {
    for (const parts of [[1, 2], [64, 1], [65, 64, 63], [300, 1, 300], [200]]) {
      const gathered = new Gathered()
      const length = parts.reduce((sum, n) => sum + n, 0)
      let at = 0
      for (const n of parts) {
        const chunk = Uint8Array.from([0xee, ...octets(at, n), 0xee])
        gathered.add(chunk, 1, n, length)
        at += n
        expect(gathered.size).toBe(at)
      }
      expect(gathered.take()).toEqual(octets(0, length))
    }
  })

  it('a small payload takes as much memory as its header tells, and not more', () => {
    const gathered = new Gathered()
    gathered.add(octets(1, 20), 0, 10, 1000)
    const bytes = gathered.take()
    expect(bytes).toHaveLength(1000)
    expect([...bytes.subarray(8, 12)]).toEqual([9, 10, 0, 0])
  })

  it('a header that promises 16 MiB gets 64 KiB, then twice of what has come', () => {
    const gathered = new Gathered()
    gathered.add(octets(0, 10), 0, 10, LARGEST)
    expect(gathered.take()).toHaveLength(65_536)
    gathered.add(new Uint8Array(65_536), 0, 65_536, LARGEST)
    gathered.add(new Uint8Array(65_535).fill(7), 0, 65_535, LARGEST)
    gathered.add(octets(1, 4), 0, 4, LARGEST)
    const bytes = gathered.take()
    expect(bytes).toHaveLength(2 * 131_075)
    expect([...bytes.subarray(131_069, 131_076)]).toEqual([7, 7, 1, 2, 3, 4, 0])
  })

  it('memory grows when it is full, not before, so that a payload in small chunks is not copied each time', () => {
    const gathered = new Gathered()
    gathered.add(octets(0, 1), 0, 1, LARGEST)
    gathered.add(new Uint8Array(65_535), 0, 65_535, LARGEST)
    expect(gathered.take()).toHaveLength(65_536)
  })

  it('memory that was taken is never used again', () => {
    const gathered = new Gathered()
    gathered.add(octets(1, 3), 0, 3, 3)
    const first = gathered.take()
    gathered.add(octets(4, 3), 0, 3, 3)
    expect(gathered.take()).toEqual(octets(4, 3))
    expect(first).toEqual(octets(1, 3))
    expect([gathered.size, gathered.take().length]).toEqual([0, 0])
  })
})
