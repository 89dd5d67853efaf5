import { describe, expect, it } from 'vitest'
import { openWebSocket, WebSocket, webSocket } from '../../src/api/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import { connect, record } from './class-socket.ts'
import { pair, rawPair } from './closed-pair.ts'
import { gate, origin, settle, until, utf8 } from './pair.ts'
import { acceptRaw, rawSocket } from './raw-socket.ts'

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

  it('answers of a client leave when they are thirty-two, but for a few that follow', async () => {
    const { socket, peer } = await connect()
    const queued: number[] = []
    socket.onmessage = () => {
      queued.push(socket.bufferedAmount)
      socket.send('a')
    }
    for (let i = 0; i < 32 + 32 + 16; i++) peer.core.sendBinary(Uint8Array.of(i))
    peer.flush()
    await until(() => peer.of('MessageReceived').length === 80)
    expect(Math.max(...queued)).toBe(47)
    expect(queued.filter((bytes) => bytes === 0)).toHaveLength(2)
  })
})
