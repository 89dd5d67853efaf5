import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../src/api/index.ts'
import { openWebSocket, type WebSocket, type WebSocketFunction, webSocket } from '../../src/api/index.ts'
import { record } from './class-socket.ts'
import { pair } from './closed-pair.ts'
import { gate, origin, type Pair, until, utf8 } from './pair.ts'
import { handshakeFields, rawSocket } from './raw-socket.ts'

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
