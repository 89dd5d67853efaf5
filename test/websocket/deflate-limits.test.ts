import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { DeflateBackend, MessageReceived } from '../../src/websocket/index.ts'
import { backend, compressed, deflated, deflating, failed, HELLO, plain, RSV1, received } from './deflate-peer.ts'
import { drain, frame, join, show } from './frames.ts'
import { bytes, KEY } from './wire-case.ts'

describe('limits', () => {
  it('RFC 6455 §10.4: a message that inflates to the limit is taken, one byte more is 1009', () => {
    const zeros = (n: number): Uint8Array => compressed(deflated(new Uint8Array(n)), { opcode: 2 })
    const limits = { maxMessageSize: 1000 }
    expect(received([zeros(1000), zeros(1000)], limits)).toHaveLength(2)
    expect(received([zeros(1000), zeros(1001)], limits)[1]).toBe(failed(1009, '6455 §10.4'))
    expect(received([compressed(deflated('')), compressed(deflated('a'))], { maxMessageSize: 0 })).toEqual([
      'text ""',
      failed(1009, '6455 §10.4'),
    ])
  })

  it('RFC 6455 §10.4: the limit holds for all final blocks of a message together', () => {
    const half = deflateRawSync(new Uint8Array(600))
    const whole = compressed(join(half, half, bytes(0)), { opcode: 2 })
    expect(received([whole], { maxMessageSize: 1200 })).toHaveLength(1)
    expect(received([whole], { maxMessageSize: 1199 })).toEqual([failed(1009, '6455 §10.4')])
  })

  it('RFC 6455 §10.4: a bomb is inflated up to the limit and no further', () => {
    const octets = 100_000_000
    const bomb = deflated(new Uint8Array(octets), 1)
    expect(bomb.length).toBeLessThan(octets / 200)
    const milliseconds = (work: () => void): number => {
      const before = performance.now()
      work()
      return performance.now() - before
    }
    const wire = compressed(bomb, { opcode: 2 })
    const socket = deflating('server', {}, { limits: { maxMessageSize: 1_000_000 } })
    const stopped = milliseconds(() => socket.receive(wire))
    expect(drain(socket).map(show)).toEqual([failed(1009, '6455 §10.4')])
    // A hundredth of the octets; the bound is wide, since other programs share the machine.
    const whole = milliseconds(() => expect(inflateRawSync(bomb, { finishFlush: 2 })).toHaveLength(octets))
    expect(stopped).toBeLessThan(whole / 3)
  })

  it('RFC 6455 §10.4: of many bombs in one chunk one at a time is inflated, when the one before is drained', () => {
    let inflated = 0
    const counting: DeflateBackend = {
      takesHistory: true,
      compress: (...given) => backend.compress(...given),
      decompress: (...given) => {
        inflated++
        return backend.decompress(...given)
      },
    }
    const socket = deflating('server', {}, { deflate: { backend: counting } })
    const bomb = compressed(deflated(new Uint8Array(10_000_000)), { opcode: 2 })
    const small = compressed(HELLO)
    socket.receive(join(small, bomb, bomb, bomb, small, plain(9, 'p'), plain(1, 'end')))
    expect(inflated).toBe(2)
    const sizes: (number | string)[] = []
    for (let event = socket.nextEvent(); event !== undefined; event = socket.nextEvent()) {
      sizes.push(event.type === 'MessageReceived' ? event.data.length : event.type)
      sizes.push(inflated)
    }
    // A message that is small enough is read with the next one.
    expect(sizes).toEqual([5, 2, 1e7, 2, 1e7, 3, 1e7, 4, 5, 5, 'PingReceived', 5, 3, 5])
    // Who does not drain has all of it read when more comes, or the end.
    for (const last of [() => socket.receive(small.slice()), () => socket.receiveEnd()]) {
      socket.receive(join(bomb, bomb))
      const before = inflated
      last()
      expect(inflated).toBeGreaterThan(before)
    }
    expect(drain(socket)).toHaveLength(6)
  })

  it('RFC 6455 §10.4: a compressed payload that is too long is refused by its header', () => {
    const limits = { maxMessageSize: 1600 }
    const room = 1600 + 100 + 64
    const announced = (length: number): string[] => {
      const socket = deflating('server', {}, { limits })
      socket.receive(frame({ opcode: 2, rsv: RSV1, length: BigInt(length), key: KEY }))
      return drain(socket).map(show)
    }
    expect(announced(room)).toEqual([])
    expect(announced(room + 1)).toEqual([failed(1009, '6455 §10.4')])
    // An uncompressed message afterwards has no more room than ever.
    const socket = deflating('server', {}, { limits })
    socket.receive(compressed(HELLO))
    socket.receive(plain(2, new Uint8Array(1601)))
    expect(drain(socket).map(show)).toEqual(['text "Hello"', failed(1009, '6455 §10.4')])
  })

  it('RFC 6455 §10.4: the largest limit there may be leaves no room for a buffer that no engine has', () => {
    const socket = deflating('server', {}, { limits: { maxMessageSize: 2 ** 31 - 1 } })
    socket.receive(frame({ opcode: 2, rsv: RSV1, length: 2n ** 31n, key: KEY }))
    expect(drain(socket).map(show)).toEqual([failed(1009, '6455 §10.4')])
  })

  it('RFC 6455 §10.4: what cannot be compressed may be as long as the limit', () => {
    const noise = Uint8Array.from({ length: 100_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) ^ (i >> 5))
    const pieces = Array.from({ length: 100 }, (_, i) =>
      deflateRawSync(noise.slice(i * 1000, i * 1000 + 1000), { level: 0, finishFlush: 2 }),
    )
    const whole = join(...pieces).slice(0, -4)
    expect(whole.length).toBeGreaterThan(100_000)
    const socket = deflating('server', {}, { limits: { maxMessageSize: 100_000 } })
    socket.receive(compressed(whole, { opcode: 2 }))
    const [message] = drain(socket) as MessageReceived[]
    expect(Buffer.compare(message.data, noise)).toBe(0)
  })

  it('RFC 6455 §10.4: empty fragments of a compressed message are counted like others', () => {
    const frames = [
      compressed(bytes(), { fin: false }),
      ...[1, 2].map(() => plain(0, '', { fin: false })),
      plain(0, HELLO),
    ]
    expect(received(frames, { maxEmptyFragments: 3 })).toEqual(['text "Hello"'])
    expect(received(frames, { maxEmptyFragments: 2 })).toEqual([failed(1008, '6455 §10.4')])
  })

  it('RFC 7692 §7.2.2: a short message has memory of its own', () => {
    const socket = deflating('server')
    socket.receive(compressed(HELLO))
    const [message] = drain(socket) as MessageReceived[]
    expect(message.data.buffer.byteLength).toBe(5)
  })
})
