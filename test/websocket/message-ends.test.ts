import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageEnds, WebSocketConnection } from '../../src/websocket/index.ts'

describe('messageEnds', () => {
  it('RFC 6455 §5.2: finds the end of each message of any size, masked or not, among control frames', () => {
    const size = fc.oneof(fc.nat(200), fc.constantFrom(125, 126, 512, 513, 65_535, 65_536, 70_000))
    const sent = fc.array(fc.record({ kind: fc.constantFrom('text', 'binary', 'ping', 'pong'), size }), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(fc.constantFrom('client' as const, 'server' as const), sent, fc.nat(1e6), (role, frames, before) => {
        const socket = new WebSocketConnection({ role, random: (bytes) => bytes.fill(7) })
        const expected: number[] = []
        for (const { kind, size } of frames) {
          const control = kind === 'ping' || kind === 'pong'
          const data = new Uint8Array(control ? size % 126 : size)
          if (kind === 'ping') socket.sendPing(data)
          else if (kind === 'pong') socket.sendPong(data)
          else if (kind === 'text') socket.sendText(data)
          else socket.sendBinary(data)
          if (!control) expected.push(before + socket.pendingOutput)
        }
        const ends = [1, 2, 3]
        expect(messageEnds(socket.takeOutput(), before, ends, 1)).toBe(1 + expected.length)
        expect(ends.slice(1, 1 + expected.length)).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('RFC 6455 §5.2: reads a length of 64 bits whole', () => {
    const header = [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 5]
    const ends: number[] = []
    expect(messageEnds([Uint8Array.from(header)], 0, ends, 0)).toBe(1)
    expect(ends).toEqual([10 + 2 ** 32 + 5])
  })
})
