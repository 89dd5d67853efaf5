import { describe, expect, it } from 'vitest'
import { SendQueue } from '../../src/connection/send-queue.ts'

/** What comes out when `sizes` go in, and `max` bytes are taken at a time once `ahead` chunks are in. */
function passed(
  sizes: readonly number[],
  max: number,
  ahead: number,
): { out: number[]; largest: number; pieces: number } {
  const queue = new SendQueue()
  const out: number[] = []
  let next = 0
  let largest = 0
  let pieces = 0
  const take = (): void => {
    const piece = queue.shift(max)
    pieces++
    largest = Math.max(largest, piece.length)
    out.push(...piece)
  }
  for (const [i, size] of sizes.entries()) {
    queue.push(Uint8Array.from({ length: size }, () => next++ & 0xff))
    if (i >= ahead && queue.length > 0) take()
  }
  while (queue.length > 0) take()
  return { out, largest, pieces }
}

describe('bytes that wait to be sent', () => {
  it('come out in their order, whatever sizes they went in by and are taken by', () => {
    const sizes = Array.from({ length: 500 }, (_, i) => [1, 255, 256, 257, 3, 4096, 1, 1][i % 8]!)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    const expected = Array.from({ length: total }, (_, i) => i & 0xff)
    for (const max of [1, 7, 256, 5000]) {
      for (const ahead of [0, 20, 100, 500]) {
        const { out, largest } = passed(sizes, max, ahead)
        expect(out).toEqual(expected)
        expect(largest).toBeLessThanOrEqual(max)
      }
    }
  })

  it('an octet at a time is packed once it piles up', () => {
    const sizes = Array.from({ length: 65_536 }, () => 1)
    expect(passed(sizes, 65_536, 65_536).pieces).toBe(16 + Math.ceil((65_536 - 16) / 4096))
  })

  it('crumbs between long chunks share their memory', () => {
    const queue = new SendQueue()
    for (let i = 0; i < 100; i++) {
      queue.push(Uint8Array.of(i, i))
      queue.push(new Uint8Array(1000))
    }
    const crumbs = Array.from({ length: 100 }, () => {
      const crumb = queue.shift(5000)
      queue.shift(5000)
      return crumb
    })
    expect(crumbs.map((crumb) => [...crumb])).toEqual(Array.from({ length: 100 }, (_, i) => [i, i]))
    // the first sixteen chunks, eight of them crumbs, are handed on as they are
    expect(new Set(crumbs.slice(8).map((crumb) => crumb.buffer)).size).toBe(1)
  })

  it('a few chunks are handed on as they are', () => {
    const queue = new SendQueue()
    const chunks = Array.from({ length: 16 }, () => new Uint8Array(10))
    for (const chunk of chunks) queue.push(chunk)
    for (const chunk of chunks) expect(queue.shift(100)).toBe(chunk)
  })

  it('a queue that was dropped holds nothing of before, and knows how much it was', () => {
    const queue = new SendQueue()
    for (let i = 0; i < 100; i++) queue.push(Uint8Array.of(1))
    queue.drop()
    expect(queue.length).toBe(100)
    queue.push(Uint8Array.of(2, 3))
    expect([...queue.shift(10)]).toEqual([2, 3])
  })
})
