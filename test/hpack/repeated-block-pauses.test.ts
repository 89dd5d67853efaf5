import { describe, expect, it } from 'vitest'
import type { DecodedSection } from '../../src/hpack/codec.ts'
import { RepeatedBlock } from '../../src/hpack/repeated-block.ts'

const section: DecodedSection = { fields: [{ name: 'a', value: 'b', sensitive: false }], size: 34, overflow: undefined }

/** A block of so many octets, with `last` at its end. */
const octets = (length: number, last = 0): Uint8Array => new Uint8Array(length).fill(last, length - 1)

/** One block comes, `chunk` or a part of it; whether it was known. What is not is decoded, to `decoded`. */
function comes(memory: RepeatedBlock, chunk: Uint8Array, decoded = section, start = 0, end = chunk.length): boolean {
  const found = memory.find(chunk, start, end)
  if (found === undefined) memory.keep(decoded)
  return found !== undefined
}

/** Whether it was known, each of the times that a block comes. */
const times = (memory: RepeatedBlock, block: Uint8Array, count: number): boolean[] =>
  Array.from({ length: count }, () => comes(memory, block))

/** The first block is let pass, the next is looked at, the third is the same, the fourth is known. */
const LEARNS = [false, false, false, true, true]
/** The same after sixteen that pass unseen. */
const LEARNS_LATE = [...Array<boolean>(16).fill(false), false, false, true]

describe('the memory of the last block', () => {
  it('knows a block from the fourth time on', () => {
    const memory = new RepeatedBlock()
    expect(times(memory, octets(4), 5)).toEqual(LEARNS)
    expect(memory.find(octets(4), 0, 4)).toMatchObject({ size: 34, repeats: true, overflow: undefined })
  })

  it('reads it where it lies in a chunk', () => {
    const memory = new RepeatedBlock()
    const chunk = Uint8Array.of(9, 9, 9, 1, 2, 3, 9)
    expect(Array.from({ length: 5 }, () => comes(memory, chunk, section, 3, 6))).toEqual(LEARNS)
    expect(memory.find(Uint8Array.of(1, 2, 3), 0, 3)).toBeDefined()
    expect(memory.find(chunk, 2, 6)).toBeUndefined()
  })

  it('holds 64 octets, and no more', () => {
    const short = new RepeatedBlock()
    expect(times(short, octets(64), 5)).toEqual(LEARNS)
    const long = new RepeatedBlock()
    expect(times(long, octets(65), 40)).not.toContain(true)
    // Wherever in its pause those 40 have left it, at most sixteen pass, and three more before one is known.
    expect(times(long, octets(4), 20)).toContain(true)
  })

  it('lets sixteen pass unseen after a longer one', () => {
    const memory = new RepeatedBlock()
    times(memory, octets(65), 2)
    expect(times(memory, octets(4), 19)).toEqual(LEARNS_LATE)
  })

  it('lets sixteen pass unseen after two that differ', () => {
    const memory = new RepeatedBlock()
    comes(memory, octets(4))
    comes(memory, octets(4, 1))
    comes(memory, octets(4, 2))
    expect(times(memory, octets(4), 19)).toEqual(LEARNS_LATE)
  })

  it('looks at once at one that follows a block which was known', () => {
    const memory = new RepeatedBlock()
    times(memory, octets(4), 4)
    expect(times(memory, octets(4, 1), 4)).toEqual([false, false, true, true])
  })

  it('begins with an empty block as with any', () => {
    const memory = new RepeatedBlock()
    expect(times(memory, new Uint8Array(0), 5)).toEqual(LEARNS)
    memory.forget()
    times(memory, new Uint8Array(0), 17)
    comes(memory, octets(4))
    expect(times(memory, octets(4), 19)).toEqual(LEARNS_LATE)
  })

  it('forgets, and lets sixteen pass unseen; with nothing to forget it does not', () => {
    const memory = new RepeatedBlock()
    times(memory, octets(4), 4)
    memory.forget()
    memory.forget()
    expect(times(memory, octets(4), 19)).toEqual(LEARNS_LATE)
    const fresh = new RepeatedBlock()
    fresh.forget()
    expect(times(fresh, octets(4), 5)).toEqual(LEARNS)
  })

  it('forgets between looking at a block and its section too', () => {
    const memory = new RepeatedBlock()
    times(memory, octets(4), 2)
    expect(memory.find(octets(4), 0, 4)).toBeUndefined()
    memory.forget()
    memory.keep({ ...section, size: 99 })
    expect(times(memory, octets(4), 19)).toEqual(LEARNS_LATE)
    expect(memory.find(octets(4), 0, 4)?.size).toBe(34)
  })

  it('keeps only what the block that came twice was decoded to, and nothing of which lines were left out', () => {
    const memory = new RepeatedBlock()
    comes(memory, octets(4))
    comes(memory, octets(4), { ...section, size: 1 })
    comes(memory, octets(4), { ...section, overflow: 'size' })
    expect(times(memory, octets(4), 2)).toEqual([false, true])
    expect(memory.find(octets(4), 0, 4)?.size).toBe(34)
  })
})
