import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CloseCode } from '../../src/websocket/index.ts'
import { MessageBuffer } from '../../src/websocket/message-buffer.ts'
import { rotateKey, WordView } from '../../src/websocket/word-view.ts'
import { connection, drain, frame, join, show, utf8 } from './frames.ts'
import { check } from './property.ts'

describe('fast paths', () => {
  it('RFC 6455 §5.3: words are masked like octets, at any offset and alignment, and nothing beside them', () => {
    const size = fc.oneof(fc.nat(80), fc.nat(700))
    check(
      fc.property(
        fc.nat(9),
        size,
        fc.nat(9),
        fc.nat(9),
        fc.integer(),
        fc.boolean(),
        (shift, length, start, spare, key, ascii) => {
          const memory = new Uint8Array(shift + start + length + spare).map((_, i) => (i * 37) & (ascii ? 0x7f : 0xff))
          const bytes = memory.subarray(shift)
          const octet = (i: number): number => (key >>> ((i % 4) * 8)) & 0xff
          const before = memory.slice()
          const view = new WordView()
          view.over(bytes)
          const [end, at] = [start + length, shift + start]
          const nowAscii = view.mask(start, end, key)
          const expected = before.map((byte, i) => (i >= at && i < at + length ? byte ^ octet(i - at) : byte))
          expect(Buffer.compare(memory, expected)).toBe(0)
          expect(nowAscii).toBe(expected.subarray(at, at + length).every((byte) => byte < 0x80))
          expect(view.isAscii(start, end)).toBe(nowAscii)
          // Masking again unmasks: ASCII comes back as ASCII, whatever the key.
          expect(view.mask(start, end, key)).toBe(before.subarray(at, at + length).every((byte) => byte < 0x80))
          expect(Buffer.compare(memory, before)).toBe(0)
          // In two pieces the second one goes on where the key stands.
          const middle = start + (length >> 1)
          view.mask(start, middle, key)
          view.mask(middle, end, rotateKey(key, middle - start))
          expect(Buffer.compare(memory, expected)).toBe(0)
        },
      ),
    )
  })

  it('RFC 6455 §5.3: one non-ASCII byte is seen wherever it stands', () => {
    for (const size of [1, 2, 3, 4, 15, 16, 17, 255, 256, 257, 300]) {
      for (let at = 0; at < size; at++) {
        const bytes = new Uint8Array(size).fill(0x61)
        bytes[at] = 0x80
        const view = new WordView()
        view.over(bytes)
        expect([view.isAscii(0, size), view.isAscii(0, at), view.isAscii(at + 1, size)]).toEqual([false, true, true])
        expect(view.mask(0, size, 0)).toBe(false)
      }
    }
  })

  it('RFC 6455 §5.2: a chunk of short frames, right or wrong, says the same whole and octet by octet', () => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 130 }),
      fc.string({ maxLength: 40, unit: 'grapheme' }).map((text) => utf8(text)),
    )
    const key = fc.constant([1, 0x82, 3, 0xf4])
    const spec = fc.record(
      { opcode: fc.constantFrom(0, 1, 1, 1, 2, 2, 2, 9), payload, fin: fc.constantFrom(true, true, true, false), key },
      { requiredKeys: ['opcode', 'payload', 'fin'] },
    )
    check(
      fc.property(
        fc.array(spec, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        fc.constantFrom('server', 'client'),
        fc.constantFrom(0, 20, 125, 1000),
        (specs, masked, role, maxMessageSize) => {
          // Most of the time the mask is as the role wants it, or the first frame would be the last.
          const frames = specs.map(({ key: given, ...rest }) =>
            frame({ ...rest, ...((role === 'server') === (masked || given === undefined) && { key: [9, 8, 7, 6] }) }),
          )
          const wire = join(...frames)
          const said = (size: number): string[] => {
            const socket = connection(role as 'server' | 'client', { maxMessageSize })
            const events: string[] = []
            for (let at = 0; at < wire.length; at += size) {
              socket.receive(wire.slice(at, at + size))
              events.push(...drain(socket).map(show))
            }
            return events
          }
          expect(said(wire.length)).toEqual(said(1))
        },
      ),
    )
  })

  it('RFC 6455 §10.4: a short message is held to its limit too, wherever it lies', () => {
    for (const role of ['server', 'client'] as const) {
      const key = role === 'server' ? { key: [1, 2, 3, 4] } : {}
      const socket = connection(role, { maxMessageSize: 10 })
      const ten = frame({ opcode: 2, payload: new Uint8Array(10), ...key })
      socket.receive(join(ten, frame({ opcode: 1, payload: 'a'.repeat(11), ...key })))
      expect(drain(socket)).toMatchObject([
        { type: 'MessageReceived' },
        { type: 'Closed', error: { code: CloseCode.MESSAGE_TOO_BIG } },
      ])
    }
  })

  it('RFC 6455 §10.4: memory for a message stays below twice what has arrived, whatever was announced', () => {
    const size = fc.oneof(
      { arbitrary: fc.integer({ min: 1, max: 50 }), weight: 20 },
      { arbitrary: fc.integer({ min: 4090, max: 4200 }), weight: 1 },
    )
    // A piece, the memory that its chunk has beside it, and what its frame announces beyond it.
    const piece = fc.tuple(size, fc.constantFrom(0, 0, 100, 5000), fc.constantFrom(undefined, 0, 1, 90, 2 ** 31))
    check(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 20 }), (pieces) => {
        const buffer = new MessageBuffer()
        const expected: Uint8Array[] = []
        const limit = 2 * pieces.reduce((sum, [length]) => sum + length, 0)
        for (const [length, beside, toCome] of pieces) {
          const chunk = new Uint8Array(length + beside).fill(expected.length + 1)
          expected.push(chunk.slice(0, length))
          buffer.append(chunk, 0, length, toCome)
        }
        const whole = buffer.take()
        expect(whole.buffer.byteLength).toBeLessThanOrEqual(limit)
        expect(Buffer.compare(whole, join(...expected))).toBe(0)
        expect(buffer.length).toBe(0)
      }),
    )
  })

  it('RFC 6455 §10.4: pieces keep no more than twice their memory alive, however large the reads that they lie in', () => {
    const length = fc.constantFrom(10, 4095, 4096, 6000)
    const read = fc.tuple(fc.array(length, { minLength: 1, maxLength: 3 }), fc.constantFrom(0, 5000, 20_000))
    check(
      fc.property(fc.array(read, { minLength: 1, maxLength: 8 }), (reads) => {
        const buffer = new MessageBuffer()
        const memory: Uint8Array[] = []
        for (const [lengths, beside] of reads) {
          const chunk = new Uint8Array(lengths.reduce((sum, n) => sum + n, 0) + beside)
          memory.push(chunk)
          let at = 0
          for (const n of lengths) {
            buffer.append(chunk, at, at + n, undefined)
            at += n
          }
          // What a piece was copied from may change by now; what is kept changes with it.
          chunk.fill(memory.length)
        }
        const arrived = buffer.length
        const whole = buffer.take()
        const kept = new Set<number>()
        for (let i = 0; i < whole.length; i += 1024) kept.add(whole[i]!)
        const alive = memory.filter((_, i) => kept.has(i + 1)).reduce((sum, chunk) => sum + chunk.length, 0)
        expect(alive).toBeLessThanOrEqual(2 * arrived)
        expect(arrived).toBe(reads.flatMap(([lengths]) => lengths).reduce((sum, n) => sum + n, 0))
      }),
    )
  })

  it('RFC 6455 §5.4: of a large message all but the beginning is kept where it was read, and copied once', () => {
    const buffer = new MessageBuffer()
    const chunk = new Uint8Array(65_536)
    for (let at = 0; at < 2 ** 20; at += 16_384) buffer.append(chunk, at % 65_536, (at % 65_536) + 16_384, undefined)
    chunk.fill(1)
    expect(buffer.take().filter((byte) => byte === 0).length).toBe(32_768)
  })
})
