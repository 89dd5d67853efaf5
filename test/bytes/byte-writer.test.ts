import { describe, expect, it } from 'vitest'
import { ByteWriter, concat, latin1Decode, latin1Encode } from '../../src/bytes/index.ts'

describe('ByteWriter', () => {
  it('keeps what was taken intact while it goes on writing', () => {
    const writer = new ByteWriter(4)
    writer.u8(1)
    writer.u16(0x0203)
    const first = writer.take()
    writer.u24(0x040506)
    writer.u32(0x0708090a)
    expect([...first]).toEqual([1, 2, 3])
    expect([...writer.take()]).toEqual([4, 5, 6, 7, 8, 9, 10])
    expect(writer.take()).toHaveLength(0)
  })

  it('patches and rewinds by marks that hold across growth', () => {
    const writer = new ByteWriter(2)
    writer.u8(0xff)
    writer.take()
    const mark = writer.mark
    writer.u24(0)
    writer.latin1('x'.repeat(1000))
    writer.patch24(mark, writer.mark - mark - 3)
    const end = writer.mark
    writer.write(new Uint8Array(70_000))
    writer.rewind(end)
    const taken = writer.take()
    expect(taken).toHaveLength(1003)
    expect([...taken.subarray(0, 4)]).toEqual([0, 0x03, 0xe8, 0x78])
  })

  it('copies what piles up only a few times, and lets the large buffer go once it is taken', () => {
    const writer = new ByteWriter()
    const buffers = new Set<Uint8Array>()
    const piece = Uint8Array.from({ length: 100 }, (_, i) => i)
    for (let i = 0; i < 10_000; i++) {
      writer.write(piece)
      buffers.add(writer.bytes)
    }
    expect(buffers.size).toBeLessThan(20)
    const taken = writer.take()
    expect(taken).toHaveLength(1_000_000)
    expect(taken[999_999]).toBe(99)
    expect(writer.bytes.length).toBeLessThan(1024)
  })

  it('releases a grown buffer only when nothing is pending', () => {
    const writer = new ByteWriter(8)
    writer.write(new Uint8Array(100))
    writer.release()
    expect(writer.pending).toBe(100)
    writer.take()
    writer.release()
    expect(writer.bytes).toHaveLength(8)
  })
})

it('latin1 strings carry every octet both ways', () => {
  const octets = Uint8Array.from({ length: 10_000 }, (_, i) => i & 0xff)
  expect(latin1Encode(latin1Decode(octets))).toEqual(octets)
  expect(latin1Decode(octets, 65, 70)).toBe('ABCDE')
})

it('concat copies its parts in order', () => {
  const part = Uint8Array.of(1, 2)
  const whole = concat([part, new Uint8Array(0), Uint8Array.of(3)])
  part[0] = 9
  expect([...whole]).toEqual([1, 2, 3])
})
