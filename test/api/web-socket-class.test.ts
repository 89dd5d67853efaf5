import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../src/api/index.ts'
import {
  type OpenWebSocketOptions,
  openWebSocket,
  WebSocket,
  type WebSocketFunction,
  webSocket,
} from '../../src/api/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import { pair, rawPair } from './closed-pair.ts'
import { FakeTime, gate, origin, type Pair, type PairOptions, settle, until, utf8 } from './pair.ts'
import { acceptRaw, handshakeFields, type RawSocket, rawSocket } from './raw-socket.ts'

interface Opened {
  socket: WebSocket
  /** The server's end, by hand. */
  peer: RawSocket
  both: Omit<Pair, 'errors'>
  errors: unknown[]
}

/** A WHATWG client against a server driven by hand. */
async function connect(options: OpenWebSocketOptions = {}, pairOptions?: PairOptions): Promise<Opened> {
  const errors: unknown[] = []
  const accepted = gate<RawSocket>()
  const both = rawPair((stream) => accepted.open(acceptRaw(stream)), errors, pairOptions)
  const socket = await openWebSocket(both.client, origin, '/chat?a=b#c', options)
  return { socket, peer: await accepted.promise, both, errors }
}

type Told = [type: string, ...details: unknown[]]

/** Writes down every event of `socket`, with the readyState at that time. */
function record(socket: WebSocket): Told[] {
  const told: Told[] = []
  socket.addEventListener('open', () => told.push(['open', socket.readyState]))
  socket.addEventListener('message', (event) => told.push(['message', (event as MessageEvent).data]))
  socket.addEventListener('error', () => told.push(['error', socket.readyState]))
  socket.addEventListener('close', (event) => {
    const { code, reason, wasClean } = event as CloseEvent
    told.push(['close', code, reason, wasClean, socket.readyState])
  })
  return told
}

describe('the WHATWG WebSocket', () => {
  it('WebSockets Standard §3.1: has its attributes and constants', async () => {
    const { socket } = await connect()
    expect([WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED]).toEqual([0, 1, 2, 3])
    expect([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED]).toEqual([0, 1, 2, 3])
    expect(socket).toBeInstanceOf(EventTarget)
    expect(socket.url).toBe('wss://example.test/chat?a=b')
    expect([socket.protocol, socket.extensions, socket.binaryType, socket.bufferedAmount]).toEqual(['', '', 'blob', 0])
    expect(socket.readyState).toBe(WebSocket.OPEN)
    socket.binaryType = 'nonsense' as 'blob'
    expect(socket.binaryType).toBe('blob')
    socket.binaryType = 'arraybuffer'
    expect(socket.binaryType).toBe('arraybuffer')
  })

  it('dispatches open first, and no message before it, though they came together', async () => {
    const errors: unknown[] = []
    const both = rawPair((stream) => {
      const peer = acceptRaw(stream)
      peer.core.sendText(utf8('one'))
      peer.core.sendText(utf8('two'))
      peer.core.close(1000, utf8('that was all'))
      peer.flush()
    }, errors)
    const socket = await openWebSocket(both.client, origin, '/')
    const told = record(socket)
    await until(() => told.length === 4)
    expect(told).toEqual([
      ['open', 1],
      ['message', 'one'],
      ['message', 'two'],
      ['close', 1000, 'that was all', true, 3],
    ])
  })

  it('WebSockets Standard §6: binary messages are Blobs or ArrayBuffers, of exactly their bytes', async () => {
    const { socket, peer } = await connect()
    const told = record(socket)
    peer.core.sendBinary(Uint8Array.of(1, 2, 3))
    peer.flush()
    await until(() => told.some(([type]) => type === 'message'))
    const blob = told[1][1] as Blob
    expect(blob).toBeInstanceOf(Blob)
    expect([...new Uint8Array(await blob.arrayBuffer())]).toEqual([1, 2, 3])
    socket.binaryType = 'arraybuffer'
    peer.core.sendBinary(Uint8Array.of(4, 5))
    peer.flush()
    await until(() => told.length === 3)
    expect(told[2][1]).toBeInstanceOf(ArrayBuffer)
    expect([...new Uint8Array(told[2][1] as ArrayBuffer)]).toEqual([4, 5])
  })

  it('WebSockets Standard §6: an ArrayBuffer is the program has for itself, whatever it does with it', async () => {
    const { socket, peer } = await connect()
    socket.binaryType = 'arraybuffer'
    const told = record(socket)
    const sent = [100_000, 3, 100_000, 20_000].map((size, n) => new Uint8Array(size).map((_, i) => i + n))
    for (const data of sent) peer.core.sendBinary(data.slice())
    peer.flush()
    const seen: number[] = []
    socket.addEventListener('message', ({ data }: Event & { data?: unknown }) => {
      const buffer = data as ArrayBuffer
      seen.push(Buffer.compare(new Uint8Array(buffer), sent[seen.length]))
      // Detached, it can be nobody else's.
      structuredClone(buffer, { transfer: [buffer] })
    })
    await until(() => told.filter(([type]) => type === 'message').length === sent.length)
    expect(seen).toEqual([0, 0, 0, 0])
  })

  it('message events have the origin of the URL, all events their own class', async () => {
    const { socket, peer } = await connect()
    const events: Event[] = []
    for (const type of ['message', 'error', 'close']) socket.addEventListener(type, (event) => events.push(event))
    peer.core.sendText(utf8('x'))
    peer.flush()
    await until(() => events.length === 1)
    peer.stream.reset(ErrorCode.INTERNAL_ERROR)
    await until(() => events.length === 3)
    expect(events[0]).toMatchObject({ data: 'x', origin: 'wss://example.test', target: socket })
    expect(events[1]).toMatchObject({ type: 'error', error: { name: 'StreamError', code: ErrorCode.INTERNAL_ERROR } })
    expect((events[1] as unknown as ErrorEvent).message).toContain('INTERNAL_ERROR')
    expect(events[2]).toMatchObject({ type: 'close', code: 1006, reason: '', wasClean: false })
    expect(events[0]).toBeInstanceOf(MessageEvent)
    for (const event of events) expect(event).toBeInstanceOf(Event)
  })

  it('HTML Standard §8.1.8.1: an on… property keeps its place among the listeners', async () => {
    const { socket, peer } = await connect()
    const order: string[] = []
    socket.onmessage = () => order.push('replaced')
    socket.addEventListener('message', () => order.push('listener'))
    const handler = function (this: unknown) {
      order.push(this === socket ? 'handler' : 'not this')
    }
    socket.onmessage = handler
    expect(socket.onmessage).toBe(handler)
    peer.core.sendText(utf8('1'))
    peer.flush()
    await until(() => order.length === 2)
    socket.onmessage = null
    expect(socket.onmessage).toBeNull()
    socket.onmessage = handler
    peer.core.sendText(utf8('2'))
    peer.flush()
    await until(() => order.length === 4)
    expect(order).toEqual(['handler', 'listener', 'listener', 'handler'])
  })

  it('onopen, onerror and onclose are called too', async () => {
    const { socket, peer } = await connect()
    const order: string[] = []
    socket.onopen = (event) => order.push(event.type)
    socket.onerror = (event) => order.push(`${event.type} ${event.message.length > 0}`)
    socket.onclose = (event) => order.push(`${event.type} ${event.code}`)
    await until(() => order.length === 1)
    peer.stream.reset()
    await until(() => order.length === 3)
    expect(order).toEqual(['open', 'error true', 'close 1006'])
    expect([typeof socket.onopen, typeof socket.onerror, typeof socket.onclose]).toEqual(Array(3).fill('function'))
  })
})

describe('sending', () => {
  it('WebSockets Standard §3.1: keeps the order of all kinds of data across a Blob', async () => {
    const { socket, peer } = await connect()
    socket.send(new Blob(['blob 1']))
    socket.send('text 2')
    socket.send(utf8('view 3'))
    socket.send(new Blob(['blob ', '4']))
    socket.send(utf8('buffer 5').buffer as ArrayBuffer)
    socket.send(6 as unknown as string)
    socket.close(1000, 'after all of it')
    expect(socket.bufferedAmount).toBe('blob 1text 2view 3blob 4buffer 56'.length)
    expect(socket.readyState).toBe(2)
    await until(() => peer.of('CloseReceived').length === 1)
    const messages = peer.of('MessageReceived') as unknown as { text: boolean; data: Uint8Array }[]
    expect(messages.map(({ text, data }) => [text, Buffer.from(data).toString()])).toEqual([
      [false, 'blob 1'],
      [true, 'text 2'],
      [false, 'view 3'],
      [false, 'blob 4'],
      [false, 'buffer 5'],
      [true, '6'],
    ])
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1000, reason: utf8('after all of it') }])
  })

  it('buffers are copied, also behind a Blob and when large', async () => {
    const accepted = gate<WebSocket>()
    const both = pair({ connect: { websocket: webSocket((socket) => accepted.open(socket)) } })
    const peer = await rawSocket(both.client)
    const socket = await accepted.promise
    for (const size of [10, 512, 513, 4096, 10_000]) {
      const bytes = new Uint8Array(size).fill(7)
      socket.send(bytes)
      bytes.fill(0)
      socket.send(new Blob(['x']))
      const waiting = new Uint8Array(size).fill(8)
      socket.send(waiting)
      waiting.fill(0)
      await until(() => peer.of('MessageReceived').length === 3)
      const [first, , third] = peer.events.splice(0) as unknown as { data: Uint8Array }[]
      expect(first.data.every((byte) => byte === 7)).toBe(true)
      expect(third.data.every((byte) => byte === 8)).toBe(true)
    }
  })

  it('bufferedAmount counts payload in UTF-8, falls to 0, and only rises after close', async () => {
    const { socket, both } = await connect()
    socket.send('grün')
    socket.send(new Uint8Array(1000))
    expect(socket.bufferedAmount).toBe(1005)
    await until(() => socket.bufferedAmount === 0)
    socket.close()
    socket.send('four')
    socket.send(new Blob(['12345']))
    socket.send(new Uint8Array(6))
    expect(socket.bufferedAmount).toBe(15)
    await settle()
    expect(socket.bufferedAmount).toBe(15)
    both.client.abort()
  })

  it.each(['text', Uint8Array.of(1, 2, 3, 4)])(
    'bufferedAmount counts no payload that has left: %o',
    async (message) => {
      const { socket, peer } = await connect()
      socket.send(message)
      await until(() => peer.of('MessageReceived').length === 1)
      socket.send('ü')
      socket.send('b')
      expect(socket.bufferedAmount).toBe(3)
    },
  )

  it('lone surrogates become U+FFFD', async () => {
    const { socket, peer } = await connect()
    socket.send('a\ud800b')
    await until(() => peer.of('MessageReceived').length === 1)
    expect(peer.of('MessageReceived')).toMatchObject([{ data: utf8('a\ufffdb') }])
  })

  it('RFC 6455 §7.4.1: a Blob that cannot be read closes with 1011, and nothing is sent in its place', async () => {
    class Lost extends Blob {
      override arrayBuffer(): Promise<never> {
        return Promise.reject(new Error('the file is gone'))
      }
    }
    const { socket, peer } = await connect()
    socket.send('before')
    socket.send(new Lost(['x']))
    socket.send('after')
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1011 }])
    expect(peer.of('MessageReceived')).toMatchObject([{ data: utf8('before') }])
  })

  it('after the peer has closed does nothing but count', async () => {
    const { socket, peer } = await connect()
    const told = record(socket)
    peer.core.close(1000)
    peer.flush()
    await until(() => told.length === 2)
    socket.send('late')
    expect(socket.bufferedAmount).toBe(4)
  })
})

describe('closing', () => {
  it.each([0, 999, 1001, 1005, 1006, 2999, 5000, Number.NaN])(
    'WebSockets Standard §3.1: close(%d) is an InvalidAccessError',
    async (code) => {
      const { socket } = await connect()
      expect(() => socket.close(code)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
      expect(socket.readyState).toBe(1)
    },
  )

  it('WebSockets Standard §3.1: a reason of more than 123 bytes is a SyntaxError', async () => {
    const { socket } = await connect()
    expect(() => socket.close(1000, 'ü'.repeat(62))).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    socket.close(3000, `${'ü'.repeat(61)}x`)
    expect(socket.readyState).toBe(2)
  })

  it.each([
    [undefined, undefined, 1005, ''],
    [1000, undefined, 1000, ''],
    [4999, 'so', 4999, 'so'],
    [undefined, 'why', 1000, 'why'],
  ])('RFC 6455 §7.1.2: close(%s, %s) is seen as %i', async (code, reason, seen, words) => {
    const { socket, peer, both } = await connect()
    const told = record(socket)
    await until(() => told.length === 1)
    socket.close(code, reason)
    socket.close(1000)
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: seen, reason: utf8(words) }])
    expect(told).toHaveLength(1)
    peer.flush()
    await until(() => told.length === 2)
    // The peer's Close echoes both; RFC 6455 §7.1.5 takes code and reason from there.
    expect(told[1]).toEqual(['close', seen, words, true, 3])
    await until(() => peer.ended)
    peer.stream.end()
    await until(() => both.client.streamCount === 0)
    expect(peer.resetCode).toBeUndefined()
  })

  it('WebSockets Standard §6: a message that comes after close() is not dispatched', async () => {
    const { socket, peer } = await connect()
    const told = record(socket)
    await until(() => told.length === 1)
    socket.close()
    peer.core.sendText(utf8('crossed'))
    await until(() => peer.of('CloseReceived').length === 1)
    peer.stream.write(Uint8Array.of(0x81, 0x01, 0x78))
    peer.flush()
    await until(() => told.length === 2)
    expect(told[1][0]).toBe('close')
  })

  it('RFC 8441 §5: END_STREAM without a Close: error, then close with 1006', async () => {
    const { socket, peer, both } = await connect()
    const told = record(socket)
    peer.stream.end()
    await until(() => told.length === 3)
    expect(told).toEqual([
      ['open', 1],
      ['error', 3],
      ['close', 1006, '', false, 3],
    ])
    await until(() => both.client.streamCount === 0)
    expect(peer.resetCode).toBeUndefined()
  })

  it('RFC 6455 §7.1.7: a fault of the server: Close 1002 to it, error with the fault, close with 1006', async () => {
    const { socket, peer } = await connect()
    const faults: unknown[] = []
    socket.onerror = ({ error }) => faults.push(error)
    const told = record(socket)
    peer.stream.write(Uint8Array.of(0x83, 0x00))
    await until(() => told.length === 3)
    expect(told.slice(1)).toEqual([
      ['error', 3],
      ['close', 1006, '', false, 3],
    ])
    expect(faults).toMatchObject([{ name: 'WebSocketError', code: 1002 }])
    await until(() => peer.ended)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1002 }])
  })

  it('RFC 6455 §7.4.1: a message over maxMessageSize fails with 1009', async () => {
    const { socket, peer } = await connect({ maxMessageSize: 10 })
    const told = record(socket)
    peer.core.sendText(utf8('01234567890'))
    peer.flush()
    await until(() => told.length === 3)
    await until(() => peer.ended)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1009 }])
  })

  it('a lost connection: error and close with 1006, also before open was dispatched', async () => {
    for (const early of [true, false]) {
      const { socket, both } = await connect()
      const told = record(socket)
      if (!early) await until(() => told.length === 1)
      both.client.abort()
      await until(() => told.length === 3)
      expect(told).toEqual([
        ['open', 1],
        ['error', 3],
        ['close', 1006, '', false, 3],
      ])
    }
  })

  it('a server that does not end its side is cancelled after two seconds, without another event', async () => {
    const time = new FakeTime()
    const { socket, peer, errors } = await connect({}, { platform: time.platform })
    const told = record(socket)
    await until(() => told.length === 1)
    socket.close(1000)
    await until(() => peer.of('CloseReceived').length === 1)
    peer.flush()
    await until(() => told.length === 2)
    time.advance(1999)
    await settle()
    expect(peer.resetCode).toBeUndefined()
    time.advance(1)
    await until(() => peer.resetCode === ErrorCode.CANCEL)
    expect(told).toHaveLength(2)
    expect(errors).toEqual([])
  })
})

describe('the server side of the WHATWG WebSocket', () => {
  function serve(handler: WebSocketFunction): Pair {
    return pair({ connect: { websocket: webSocket(handler) } })
  }

  it('can be used at once, and has the same events', async () => {
    const accepted = gate<WebSocket>()
    const both = serve((socket, request) => {
      expect(request.url.pathname).toBe('/chat')
      socket.send('welcome')
      accepted.open(socket)
    })
    const peer = await rawSocket(both.client)
    const socket = await accepted.promise
    const told = record(socket)
    expect(socket.url).toBe('wss://example.test/chat?a=b')
    await until(() => peer.of('MessageReceived').length === 1)
    peer.core.sendText(utf8('thanks'))
    peer.core.close(1000, utf8('bye'))
    peer.flush()
    await until(() => told.length === 3)
    expect(told).toEqual([
      ['open', 1],
      ['message', 'thanks'],
      ['close', 1000, 'bye', true, 3],
    ])
    expect(both.errors).toEqual([])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('boom')
      },
    ],
  ])('RFC 6455 §7.4.1: a function that %s closes with 1011, and onError hears of it', async (_, handler) => {
    const both = serve(handler)
    const peer = await rawSocket(both.client)
    expect(peer.answer[0].value).toBe('200')
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1011 }])
    expect(both.errors).toMatchObject([{ message: 'boom' }])
  })

  it.each([
    [['b', 'a'], 'b'],
    [['x', 'a'], 'a'],
    [['x'], undefined],
    [[], undefined],
  ])("RFC 6455 §4.2.2: of %j, the client's first that is among the options is chosen: %s", async (offered, chosen) => {
    const accepted = gate<WebSocket>()
    const options = { protocols: ['a', 'b'] }
    const both = pair({ connect: { websocket: webSocket((socket) => accepted.open(socket), options) } })
    const { answer } = await rawSocket(both.client, handshakeFields([], offered))
    expect(answer.find(({ name }) => name === 'sec-websocket-protocol')?.value).toBe(chosen)
    expect((await accepted.promise).protocol).toBe(chosen ?? '')
  })

  it('RFC 6455 §7.4.1: a message over the maxMessageSize of the options closes with 1009', async () => {
    const both = pair({ connect: { websocket: webSocket(() => {}, { maxMessageSize: 10 }) } })
    const peer = await rawSocket(both.client)
    peer.core.sendText(utf8('01234567890'))
    peer.flush()
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1009 }])
  })

  it('limits out of range are refused when the function is registered', () => {
    expect(() => webSocket(() => {}, { maxMessageSize: -1 })).toThrow(expect.objectContaining({ name: 'UsageError' }))
  })

  it('both ends ours: a Blob there, an ArrayBuffer back, a clean close without a reset', async () => {
    const resets: unknown[] = []
    const streams: Exchange[] = []
    const both = pair({
      onStream: (stream) => void streams.push(stream),
      connect: {
        websocket: webSocket((socket) => {
          socket.binaryType = 'arraybuffer'
          socket.onmessage = ({ data }) => socket.send(data as ArrayBuffer)
        }),
      },
    })
    const socket = await openWebSocket(both.client, origin, '/')
    streams[0].signal.addEventListener('abort', () => resets.push(1))
    socket.binaryType = 'arraybuffer'
    const told = record(socket)
    socket.send(new Blob(['there and back']))
    await until(() => told.length === 2)
    expect(Buffer.from(told[1][1] as ArrayBuffer).toString()).toBe('there and back')
    socket.close(4000, 'done')
    await until(() => both.client.streamCount + both.server.streamCount === 0)
    expect(told[2]).toEqual(['close', 4000, 'done', true, 3])
    expect([...resets, ...both.errors]).toEqual([])
  })
})
