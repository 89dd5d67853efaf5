import { describe, expect, it } from 'vitest'
import { ConnectionError } from '../../src/errors/index.ts'
import { found } from '../../src/hpack/found-lines.ts'
import { HpackDecoder } from '../../src/hpack/index.ts'
import { bytes, decoded } from './support.ts'

/** How many lines are held once a decoder has had such a block. */
function held(block: Uint8Array): number {
  new HpackDecoder().decode(block)
  return found.filter((field) => field !== undefined).length
}

describe('the lines of a section', () => {
  it('are taken whole, however many there are', () => {
    for (let count = 0; count < 70; count++) {
      expect(decoded(new HpackDecoder(), new Uint8Array(count).fill(0x84)).fields).toEqual(
        Array.from({ length: count }, () => ({ name: ':path', value: '/', sensitive: false })),
      )
    }
  })

  it('are held no longer if they are many or large', () => {
    const large = Uint8Array.of(0x04, 0x7f, 0x81, 0x3f, ...new Uint8Array(8192).fill(0x61))
    expect(decoded(new HpackDecoder(), large).fields[0]!.value.length).toBe(8192)
    expect(held(large)).toBe(0)
    expect(held(new Uint8Array(100).fill(0x84))).toBeLessThanOrEqual(32)
  })

  it('are held no longer if the block is faulty', () => {
    const block = bytes('84 84 80')
    expect(new HpackDecoder().decode(block)).toBeInstanceOf(ConnectionError)
    expect(held(block)).toBe(0)
  })
})
