import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors/index.ts'
import { WebSocketConnection } from '../../src/websocket/index.ts'
import { connection, countingRandom, drain, frame, join, utf8 } from './frames.ts'

/** The keys that `countingRandom` gives, in order. */
function key(n: number): number[] {
  return [1, 2, 3, 4].map((i) => ((4 * n + i) * 37) & 0xff)
}

function written(socket: WebSocketConnection): Uint8Array {
  return join(...socket.takeOutput())
}

describe('messages', () => {
  // Every form of the length, every path of the writer: loop, copy, by reference, and the growth of its buffer.
  const sizes = [0, 1, 16, 17, 100, 125, 126, 127, 512, 513, 4000, 65_521, 65_535, 65_536, 200_000]

  it('RFC 6455 §5.2: a server sends unmasked frames with the shortest length', () => {
    for (const size of sizes) {
      const payload = new Uint8Array(size).map((_, i) => i * 7)
      const server = connection('server')
      server.sendBinary(payload)
      server.sendText(utf8('t'))
      const wire = join(frame({ opcode: 2, payload }), frame({ opcode: 1, payload: 't' }))
      expect(server.pendingOutput).toBe(wire.length)
      expect(Buffer.compare(written(server), wire)).toBe(0)
      expect(server.pendingOutput).toBe(0)
    }
  })

  it('says which messages it copies: those may be changed once they are queued', () => {
    for (const role of ['server', 'client'] as const) {
      for (const size of sizes) {
        const payload = new Uint8Array(size).fill(7)
        const socket = connection(role)
        socket.sendBinary(payload)
        const copied = socket.copies(size)
        payload.fill(8)
        const mask = role === 'client' ? { key: key(0) } : {}
        const wire = frame({ opcode: 2, payload: copied ? new Uint8Array(size).fill(7) : payload, ...mask })
        expect(Buffer.compare(written(socket), wire)).toBe(0)
        expect(copied).toBe(role === 'client' || size <= 512)
      }
    }
  })

  it('RFC 6455 §5.3: a client masks each frame with the next key of its random source', () => {
    for (const size of sizes) {
      const payload = new Uint8Array(size).map((_, i) => i * 7)
      const before = payload.slice()
      const client = connection('client')
      client.sendBinary(payload)
      client.sendText(utf8('text'))
      client.sendTextString('ascii')
      const wire = join(
        frame({ opcode: 2, payload, key: key(0) }),
        frame({ opcode: 1, payload: 'text', key: key(1) }),
        frame({ opcode: 1, payload: 'ascii', key: key(2) }),
      )
      expect(client.pendingOutput).toBe(wire.length)
      expect(Buffer.compare(written(client), wire)).toBe(0)
      expect(Buffer.compare(payload, before)).toBe(0)
    }
  })

  it('RFC 6455 §10.3: no key is used twice, and random bytes are fetched many at a time', () => {
    const fetched: number[] = []
    const random = (bytes: Uint8Array): void => {
      fetched.push(bytes.length)
      countingKeys(bytes, fetched.length)
    }
    const client = new WebSocketConnection({ role: 'client', random })
    const keys = new Set<string>()
    for (let i = 0; i < 1000; i++) {
      client.sendBinary(new Uint8Array(0))
      keys.add(written(client).subarray(2).toString())
    }
    expect(keys.size).toBe(1000)
    expect(fetched).toEqual([1024, 1024, 1024, 1024])
  })

  it('keeps no part of a view beyond its own bytes', () => {
    const memory = new Uint8Array(64).fill(0x53)
    memory.set(utf8('public'), 20)
    const server = connection('server')
    server.sendText(memory.subarray(20, 26))
    expect(written(server)).toEqual(frame({ opcode: 1, payload: 'public' }))
  })

  it('coalesces small messages into one chunk and hands a large unmasked one on as it is', () => {
    const server = connection('server')
    for (let i = 0; i < 40; i++) server.sendBinary(new Uint8Array(100))
    expect(server.takeOutput()).toHaveLength(1)
    const large = new Uint8Array(5000)
    server.sendText(utf8('before'))
    server.sendBinary(large)
    server.sendText(utf8('after'))
    const output = server.takeOutput()
    expect(output).toHaveLength(3)
    expect(output[1]).toBe(large)
    expect(server.takeOutput()).toEqual([])
  })

  it('what was taken stays as it is while more is written', () => {
    const client = connection('client')
    client.sendText(utf8('first'))
    const [first] = client.takeOutput()
    const copy = first.slice()
    for (let i = 0; i < 5000; i++) client.sendText(utf8('x'.repeat(40)))
    client.takeOutput()
    client.sendText(utf8('last'))
    expect(first).toEqual(copy)
  })

  it('sockets that write by turns each have their own frames, in order', () => {
    const sockets = Array.from({ length: 5 }, (_, i) => connection(i % 2 === 0 ? 'server' : 'client'))
    const sent: Uint8Array[][] = sockets.map(() => [])
    for (let i = 0; i < 400; i++) {
      const n = (i * 7) % sockets.length
      const payload = new Uint8Array((i * 37) % 500).fill(i)
      sockets[n].sendBinary(payload)
      const role = n % 2 === 0 ? {} : { key: key(sent[n].length) }
      sent[n].push(frame({ opcode: 2, payload, ...role }))
    }
    for (const [n, socket] of sockets.entries()) {
      expect(socket.pendingOutput).toBe(join(...sent[n]).length)
      expect(Buffer.compare(written(socket), join(...sent[n]))).toBe(0)
    }
  })

  it('what waits holds no memory that others have written in', () => {
    const [slow, fast] = [connection('server'), connection('server')]
    for (let i = 0; i < 1000; i++) {
      slow.sendBinary(Uint8Array.of(i))
      fast.sendBinary(new Uint8Array(500))
      fast.takeOutput()
    }
    const output = slow.takeOutput()
    expect(join(...output)).toHaveLength(3000)
    const memory = new Set(output.map((chunk) => chunk.buffer))
    expect([...memory].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThanOrEqual(2 * 3000)
  })

  it('writes large bursts in time proportional to their size', () => {
    const server = connection('server')
    const payload = new Uint8Array(500)
    for (let i = 0; i < 60_000; i++) server.sendBinary(payload)
    const output = server.takeOutput()
    // Full slabs of at least 4 KiB, each with memory of its own: nothing was copied into a larger one.
    expect(output.length).toBeLessThan((60_000 * 504) / 4096)
    expect(Math.max(...output.map((chunk) => chunk.buffer.byteLength))).toBeLessThanOrEqual(65_536)
    expect(output.reduce((sum, chunk) => sum + chunk.length, 0)).toBe(60_000 * 504)
  })

  it('sendTextString takes ASCII of any length and leaves no trace of other text', () => {
    for (const text of ['', 'a', 'x'.repeat(126), 'y'.repeat(70_000)]) {
      const server = connection('server')
      server.sendBinary(new Uint8Array(3000))
      expect(server.sendTextString('ü')).toBe(false)
      expect(server.sendTextString(`${'x'.repeat(66_000)}\u0100`)).toBe(false)
      expect(server.sendTextString(text)).toBe(true)
      const wire = join(frame({ opcode: 2, payload: new Uint8Array(3000) }), frame({ opcode: 1, payload: text }))
      expect(server.pendingOutput).toBe(wire.length)
      expect(Buffer.compare(written(server), wire)).toBe(0)
    }
  })

  it('RFC 6455 §5.6: text encoded in place is the frame of its UTF-8, with the shortest length and its own key', () => {
    const encodeInto = (text: string, bytes: Uint8Array): number => new TextEncoder().encodeInto(text, bytes).written
    const texts = ['', 'a'.repeat(47), 'a'.repeat(48), 'a'.repeat(125), 'ü'.repeat(62), 'ü'.repeat(63)]
    texts.push(`${'a'.repeat(124)}ü`, 'ü'.repeat(125), '€'.repeat(126), '😀'.repeat(256), '\ud800'.repeat(300))
    for (const role of ['server', 'client'] as const) {
      const socket = connection(role)
      const frames = texts.map((payload, n) => frame({ opcode: 1, payload, ...(role === 'client' && { key: key(n) }) }))
      for (const text of texts) expect(socket.sendTextString(text, encodeInto)).toBe(true)
      expect(socket.messagesQueued).toBe(texts.length)
      expect(socket.payloadQueued).toBe(join(...texts.map(utf8)).length)
      expect(socket.pendingOutput).toBe(join(...frames).length)
      expect(Buffer.compare(written(socket), join(...frames))).toBe(0)
      expect(socket.sendTextString('€'.repeat(513), encodeInto)).toBe(false)
      expect(socket.pendingOutput).toBe(0)
      // A short text that turns out not to be ASCII has used a key.
      expect(socket.sendTextString('ü', encodeInto)).toBe(true)
      const last = role === 'client' ? { key: key(texts.length + 2) } : {}
      expect(written(socket)).toEqual(frame({ opcode: 1, payload: 'ü', ...last }))
    }
  })
})

describe('control frames', () => {
  it('RFC 6455 §5.5: Ping and Pong carry up to 125 bytes', () => {
    const server = connection('server')
    server.sendPing()
    server.sendPong(new Uint8Array(125))
    expect(written(server)).toEqual(join(frame({ opcode: 9 }), frame({ opcode: 10, payload: new Uint8Array(125) })))
    expect(() => server.sendPing(new Uint8Array(126))).toThrow(UsageError)
    expect(() => server.sendPong(new Uint8Array(126))).toThrow(UsageError)
    expect(server.pendingOutput).toBe(0)
  })

  it('RFC 6455 §5.5.3: however many Pings come, 16 Pongs wait and the one for the latest', () => {
    const server = connection('server')
    const payload = (i: number): Uint8Array => new Uint8Array(125).fill(i)
    const pong = (i: number): Uint8Array => frame({ opcode: 10, payload: payload(i) })
    for (let i = 0; i < 1000; i++) server.receive(frame({ opcode: 9, payload: payload(i), key: [1, 2, 3, 4] }))
    expect(server.pendingOutput).toBe(17 * 127)
    const first = Array.from({ length: 16 }, (_, i) => pong(i))
    expect(written(server)).toEqual(join(...first, pong(999)))
    expect(drain(server)).toHaveLength(1000)
    // Once these have left, others have their place again.
    for (let i = 0; i < 3; i++) server.receive(frame({ opcode: 9, payload: payload(i), key: [1, 2, 3, 4] }))
    expect(written(server)).toEqual(join(pong(0), pong(1), pong(2)))
  })

  it('RFC 6455 §5.5.2: a Ping between two takings is answered each time, with what came', () => {
    const server = connection('server')
    const payload = utf8('mine')
    server.receive(frame({ opcode: 9, payload, key: [0, 0, 0, 0] }))
    const [event] = drain(server)
    if (event.type === 'PingReceived') event.data.fill(0)
    expect(written(server)).toEqual(frame({ opcode: 10, payload }))
    server.receive(frame({ opcode: 9, key: [0, 0, 0, 0] }))
    expect(written(server)).toEqual(frame({ opcode: 10 }))
  })
})

describe('options', () => {
  it('RFC 6455 §5.3: a client needs a random source', () => {
    expect(() => new WebSocketConnection({ role: 'client' })).toThrow(UsageError)
    const server = new WebSocketConnection({ role: 'server', random: neverCalled })
    server.sendText(utf8('x'))
    expect(written(server)).toEqual(frame({ opcode: 1, payload: 'x' }))
  })

  it('RFC 6455 §10.4: limits are whole numbers', () => {
    for (const maxMessageSize of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
      expect(() => connection('server', { maxMessageSize })).toThrow(UsageError)
    }
    expect(() => connection('server', { maxEmptyFragments: -1 })).toThrow(UsageError)
    expect(connection('server', { maxMessageSize: 0, maxEmptyFragments: 0 }).state).toBe('open')
    expect(new WebSocketConnection({ role: 'client', random: countingRandom() }).state).toBe('open')
  })
})

function neverCalled(): never {
  throw new Error('a server has no use for random bytes')
}

function countingKeys(bytes: Uint8Array, round: number): void {
  for (let i = 0; i < bytes.length; i += 4) bytes.set([round, i >> 8, i, 0x5a], i)
}
