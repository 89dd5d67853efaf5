import { describe, expect, it } from 'vitest'
import { CloseCode, type MessageReceived } from '../../src/websocket/index.ts'
import { compressed, deflating, HELLO } from './deflate-peer.ts'
import { drain, join, show, utf8 } from './frames.ts'

describe('writing', () => {
  const long = utf8('{"a": "long enough to be worth it"}'.repeat(40))
  /** The first two bytes of each frame that `send` makes, and what a peer reads. */
  function sent(
    socket: ReturnType<typeof deflating>,
    peer: ReturnType<typeof deflating>,
  ): { first: number; size: number } {
    const wire = join(...socket.takeOutput())
    const first = wire[0]
    peer.receive(wire)
    return { first, size: wire.length }
  }

  it('RFC 7692 §6.1: a compressed message has RSV1 and is read by the other end, in both directions', () => {
    for (const role of ['client', 'server'] as const) {
      const peer = deflating(role === 'client' ? 'server' : 'client')
      const socket = deflating(role)
      socket.sendText(long)
      expect(sent(socket, peer)).toEqual({ first: 0xc1, size: expect.any(Number) })
      socket.sendBinary(long)
      // The second one is little more than a reference to the first.
      expect(sent(socket, peer)).toEqual({ first: 0xc2, size: expect.toSatisfy((n: number) => n < 40) })
      const messages = drain(peer) as MessageReceived[]
      expect(messages.map(({ text, data }) => [text, Buffer.compare(data, long)])).toEqual([
        [true, 0],
        [false, 0],
      ])
    }
  })

  it('RFC 7692 §6: a message below the threshold, or sent with compress: false, goes as it is', () => {
    const peer = deflating('client')
    const socket = deflating('server', {}, { deflate: { threshold: long.length } })
    socket.sendBinary(long)
    expect(sent(socket, peer).first).toBe(0xc2)
    socket.sendBinary(long.slice(1))
    expect(sent(socket, peer).first).toBe(0x82)
    socket.sendText(long, { compress: false })
    expect(sent(socket, peer).first).toBe(0x81)
    socket.sendText(long, { compress: true })
    expect(sent(socket, peer).first).toBe(0xc1)
    expect(drain(peer)).toHaveLength(4)
  })

  it('RFC 7692 §6: without a word on it, messages of 1024 bytes and more are compressed', () => {
    const parameters = deflating('server')
    const socket = deflating('server', {}, { deflate: { threshold: undefined } })
    socket.sendBinary(new Uint8Array(1023))
    expect(sent(socket, parameters).first).toBe(0x82)
    socket.sendBinary(new Uint8Array(1024))
    expect(join(...socket.takeOutput())[0]).toBe(0xc2)
  })

  it('RFC 7692 §6: text from a string is left to sendText from the threshold on', () => {
    const socket = deflating('server', {}, { deflate: { threshold: 5 } })
    expect(socket.sendTextString('four')).toBe(true)
    expect(socket.sendTextString('fives')).toBe(false)
    // Two characters are less than five, but not their bytes.
    expect(socket.sendTextString('€€', (text, bytes) => new TextEncoder().encodeInto(text, bytes).written)).toBe(false)
    expect(socket.pendingOutput).toBe(6)
  })

  it('RFC 7692 §6: what would not get smaller goes as it is, and later messages do not refer to it', () => {
    const noise = Uint8Array.from({ length: 2000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 11) ^ (i >> 3))
    const peer = deflating('client')
    const socket = deflating('server')
    for (const message of [noise, noise, utf8(''), utf8('a')]) {
      socket.sendBinary(message)
      expect(sent(socket, peer).first).toBe(0x82)
    }
    socket.sendBinary(join(noise, noise))
    expect(sent(socket, peer).first).toBe(0xc2)
    const messages = drain(peer) as MessageReceived[]
    expect(messages.map(({ data }) => data.length)).toEqual([2000, 2000, 0, 1, 4000])
    expect(Buffer.compare(messages[4].data, join(noise, noise))).toBe(0)
  })

  it('RFC 7692 §6.1: control frames are never compressed', () => {
    const socket = deflating('server')
    socket.sendPing(new Uint8Array(100))
    socket.sendPong(new Uint8Array(100))
    socket.close(CloseCode.NORMAL_CLOSURE, utf8('x'.repeat(100)))
    const wire = join(...socket.takeOutput())
    expect([wire[0], wire[102], wire[204]]).toEqual([0x89, 0x8a, 0x88])
  })

  it('RFC 7692 §7.1.1.1: without context takeover each message stands for itself', () => {
    const socket = deflating('server', { serverNoContextTakeover: true })
    const sizes = [1, 2].map(() => {
      socket.sendText(long)
      // A peer that keeps nothing either.
      return sent(socket, deflating('client')).size
    })
    expect(sizes[0]).toBe(sizes[1])
  })

  it('RFC 7692 §7.1.2.1: no message refers further back than the window that was agreed on', () => {
    const words = utf8(Array.from({ length: 3000 }, (_, i) => `word ${Math.imul(i, 7919) >>> 5}, `).join(''))
    for (let bits = 9; bits <= 15; bits++) {
      const socket = deflating('server', { serverMaxWindowBits: bits })
      // This reader has no octet more than the window.
      const peer = deflating('client', { serverMaxWindowBits: bits })
      for (let i = 0; i < 4; i++) {
        socket.sendText(words.slice(i * 500, 20_000 - i * 300))
        expect(sent(socket, peer).first).toBe(0xc1)
      }
      const messages = drain(peer) as MessageReceived[]
      expect(messages.map(({ data }, i) => Buffer.compare(data, words.slice(i * 500, 20_000 - i * 300)))).toEqual([
        0, 0, 0, 0,
      ])
    }
  })

  it('RFC 7692 §7.1.2: with a window of 256 octets, which zlib has not, messages go as they are', () => {
    const socket = deflating('client', { clientMaxWindowBits: 8 })
    socket.sendText(long)
    expect(join(...socket.takeOutput())[0]).toBe(0x81)
    const server = deflating('server', { clientMaxWindowBits: 8 })
    server.receive(compressed(HELLO))
    expect(drain(server).map(show)).toEqual(['text "Hello"'])
  })

  it('RFC 7692 §7.2.1: of a view its own octets are compressed, and what is sent is not written to afterwards', () => {
    const peer = deflating('client')
    const socket = deflating('server')
    const memory = join(utf8('secret '.repeat(20)), long, utf8(' secret'.repeat(20)))
    const view = memory.subarray(140, 140 + long.length)
    socket.sendText(view)
    memory.fill(0)
    socket.sendText(long)
    expect(sent(socket, peer).first).toBe(0xc1)
    const messages = drain(peer) as MessageReceived[]
    expect(messages.map(({ data }) => Buffer.compare(data, long))).toEqual([0, 0])
  })

  it('RFC 7692 §7.2.1: the level decides how hard is tried', () => {
    const sizes = [0, 1, 9].map((level) => {
      const socket = deflating('server', {}, { deflate: { level } })
      socket.sendText(long)
      return join(...socket.takeOutput()).length
    })
    // Stored octets would be more than the message: it goes as it is.
    expect(sizes[0]).toBe(long.length + 4)
    expect(sizes[1]).toBeLessThan(sizes[0] / 5)
    expect(sizes[2]).toBeLessThanOrEqual(sizes[1])
  })
})

describe('what was queued and what was taken', () => {
  it('RFC 6455 §6.1: messages are counted when they are queued and when they leave', () => {
    const socket = deflating('server', {}, { deflate: { threshold: 10 } })
    const counts = (): number[] => [socket.messagesQueued, socket.messagesTaken, socket.payloadQueued]
    expect(counts()).toEqual([0, 0, 0])
    socket.sendText(utf8('a'))
    socket.sendTextString('b')
    socket.sendTextString('\u20ac')
    socket.sendBinary(new Uint8Array(1000))
    socket.sendPing()
    expect(counts()).toEqual([3, 0, 1002])
    socket.takeOutput()
    expect(counts()).toEqual([3, 3, 1002])
    socket.sendBinary(new Uint8Array(1))
    expect(counts()).toEqual([4, 3, 1003])
    socket.close()
    expect(() => socket.sendBinary(new Uint8Array(1))).toThrow()
    expect(counts()).toEqual([4, 3, 1003])
  })
})
