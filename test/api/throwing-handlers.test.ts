import { runInNewContext } from 'node:vm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Exchange } from '../../src/api/index.ts'
import { openWebSocket, router, type WebSocket, type WebSocketHandler, webSocket } from '../../src/api/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import { pair, rawPair } from './closed-pair.ts'
import { gate, origin, type Pair, settle, until, utf8 } from './pair.ts'
import { acceptRaw, type RawSocket, rawSocket } from './raw-socket.ts'

/** What would have ended the process. */
const uncaught: unknown[] = []
const note = (error: unknown) => void uncaught.push(error)

beforeAll(() => {
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  await settle()
  expect(uncaught.splice(0)).toEqual([])
})
afterAll(() => {
  process.off('uncaughtException', note)
  process.off('unhandledRejection', note)
})

/** The ways in which a callback fails. The types of callbacks take an `async` function for one that returns nothing. */
const boom = (): never => {
  throw new Error('boom')
}
const failing: [string, () => void][] = [
  ['throws', boom],
  ['is async and throws', async () => boom()],
  [
    'rejects later',
    async () => {
      await settle(2)
      boom()
    },
  ],
  ['returns a rejected promise of another realm', () => runInNewContext('Promise.reject(new Error("boom"))')],
]
const heard = [{ message: 'boom' }]

/** Opens a socket by hand, and leads it to the moment at which `callback` is called. */
async function leadTo(callback: string, both: Pair): Promise<RawSocket> {
  const peer = await rawSocket(both.client)
  if (callback === 'message') peer.core.sendText(utf8('one'))
  if (callback === 'close') peer.core.close(1000)
  peer.flush()
  if (callback === 'error') peer.stream.reset()
  return peer
}

describe.each(failing)('a WebSocketHandler whose callback %s', (_, fail) => {
  it.each(['open', 'message', 'drain'] as const)(
    'RFC 6455 §7.4.1: in %s closes with 1011, and onError hears',
    async (callback) => {
      const handler: WebSocketHandler = {
        message(socket) {
          while (socket.send(new Uint8Array(65_536))) {}
        },
        [callback]: fail,
      }
      const both = pair({ connect: { websocket: webSocket(handler) } })
      const peer = await leadTo(callback === 'drain' ? 'message' : callback, both)
      await until(() => peer.of('CloseReceived').length === 1)
      expect(peer.of('CloseReceived')).toMatchObject([{ code: 1011 }])
      expect(both.errors).toMatchObject(heard)
    },
  )

  it('RFC 6455 §7.4.1: the error callback hears in place of onError', async () => {
    const told: unknown[] = []
    const handler: WebSocketHandler = { message: fail, error: (_socket, error) => void told.push(error) }
    const both = pair({ connect: { websocket: webSocket(handler) } })
    const peer = await leadTo('message', both)
    await until(() => peer.of('CloseReceived').length === 1)
    expect(told).toMatchObject(heard)
    expect(both.errors).toEqual([])
  })

  it.each(['close', 'error'] as const)('in %s, with the socket over, is told to onError', async (callback) => {
    const both = pair({ connect: { websocket: webSocket({ [callback]: fail }) } })
    await leadTo(callback, both)
    await until(() => both.errors.length > 0)
    expect(both.errors).toMatchObject(heard)
  })
})

describe.each(failing)('a listener of the WHATWG WebSocket that %s', (_, fail) => {
  const kinds: [string, (socket: WebSocket, type: string) => void][] = [
    ['property', (socket, type) => Object.assign(socket, { [`on${type}`]: fail })],
    ['function', (socket, type) => socket.addEventListener(type, fail)],
    ['object', (socket, type) => socket.addEventListener(type, { handleEvent: fail })],
  ]

  describe.each(kinds)('as a %s', (_kind, listen) => {
    it.each(['open', 'message'])('RFC 6455 §7.4.1: for %s closes with 1011, and onError hears', async (type) => {
      const both = pair({ connect: { websocket: webSocket((socket) => listen(socket, type)) } })
      const peer = await leadTo(type, both)
      await until(() => peer.of('CloseReceived').length === 1)
      expect(peer.of('CloseReceived')).toMatchObject([{ code: 1011 }])
      expect(both.errors).toMatchObject(heard)
    })

    it.each(['error', 'close'])('for %s is told to onError', async (type) => {
      const both = pair({ connect: { websocket: webSocket((socket) => listen(socket, type)) } })
      await leadTo('error', both)
      await until(() => both.errors.length > 0)
      expect(both.errors).toMatchObject(heard)
    })

    it("RFC 6455 §7.4.1: on a client closes with 1011, and the session's onError hears", async () => {
      const errors: unknown[] = []
      const accepted = gate<RawSocket>()
      const both = rawPair((stream) => accepted.open(acceptRaw(stream)), errors)
      const socket = await openWebSocket(both.client, origin, '/')
      listen(socket, 'message')
      const peer = await accepted.promise
      peer.core.sendText(utf8('one'))
      peer.flush()
      await until(() => peer.of('CloseReceived').length === 1)
      expect(peer.of('CloseReceived')).toMatchObject([{ code: 1011 }])
      expect(socket.readyState).toBe(2)
      expect(errors).toMatchObject(heard)
    })
  })
})

describe('listeners of the WHATWG WebSocket', () => {
  /** A socket of the server's, and the peer it hears. */
  async function accepted(): Promise<{ socket: WebSocket; say: (...texts: string[]) => Promise<void>; both: Pair }> {
    const given = gate<WebSocket>()
    const both = pair({ connect: { websocket: webSocket((socket) => given.open(socket)) } })
    const peer = await rawSocket(both.client)
    const say = async (...texts: string[]) => {
      for (const text of texts) peer.core.sendText(utf8(text))
      peer.flush()
      await settle()
    }
    const socket = await given.promise
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
    return { socket, say, both }
  }

  it('WebSockets Standard §6: a throw of one leaves the others theirs; there is no message after it', async () => {
    const { socket, say, both } = await accepted()
    const told: unknown[] = []
    socket.onmessage = boom
    socket.addEventListener('message', (event) => told.push((event as MessageEvent).data))
    await say('one', 'two')
    expect(told).toEqual(['one'])
    expect(both.errors).toMatchObject(heard)
  })

  it('DOM Standard §2.7: are called once if added twice, with their socket as this, and can be removed', async () => {
    const { socket, say } = await accepted()
    const told: unknown[] = []
    const listener = function (this: unknown) {
      told.push(this === socket)
    }
    const object = { handleEvent: () => void told.push('object') }
    for (let i = 0; i < 2; i++) {
      socket.addEventListener('message', listener)
      socket.addEventListener('message', object)
    }
    socket.addEventListener('message', () => told.push('once'), { once: true })
    await say('one')
    socket.removeEventListener('message', object)
    socket.removeEventListener('message', null)
    await say('two')
    socket.removeEventListener('message', listener)
    await say('three')
    expect(told).toEqual([true, 'object', 'once', true])
  })

  it('WebIDL §3.11: handleEvent is looked up at each event', async () => {
    const { socket, say } = await accepted()
    const told: string[] = []
    const listener = { handleEvent: () => void told.push('first') }
    socket.addEventListener('message', listener)
    await say('one')
    listener.handleEvent = () => void told.push('second')
    await say('two')
    expect(told).toEqual(['first', 'second'])
  })
})

describe.each(failing)('a handler of streams that %s', (_, fail) => {
  const request = [
    { name: ':method', value: 'POST' },
    { name: ':scheme', value: 'https' },
    { name: ':authority', value: 'example.test' },
    { name: ':path', value: '/' },
  ]

  it('gives 500 as onStream of the router, and onError hears', async () => {
    const both = pair({ onStream: fail, fetch: () => new Response('not routed on') })
    const stream = await both.client.request(request)
    const fields = await stream.response()
    expect(fields[0].value).toBe('500')
    expect(both.errors).toMatchObject(heard)
  })

  it('gives 500 as a connect handler, and a reset once the response has begun', async () => {
    const begun = (stream: Exchange) => stream.respond([{ name: ':status', value: '200' }])
    const both = pair({
      connect: {
        early: () => fail(),
        late: ({ stream }) => {
          begun(stream)
          return fail()
        },
      },
    })
    await both.client.ready()
    const connect = (protocol: string) =>
      both.client.request([
        { name: ':method', value: 'CONNECT' },
        { name: ':protocol', value: protocol },
        ...request.slice(1),
      ])
    const early = await connect('early')
    expect((await early.response())[0].value).toBe('500')
    const late = await connect('late')
    const codes: number[] = []
    late.onReset = ({ code }) => codes.push(code)
    await until(() => codes.length === 1)
    expect(codes).toEqual([ErrorCode.INTERNAL_ERROR])
    expect(both.errors).toMatchObject([...heard, ...heard])
  })
})

describe('onError', () => {
  it.each(failing)('that %s itself is dropped, on both sides', async (_, fail) => {
    let calls = 0
    const onError = () => {
      calls++
      return fail()
    }
    const both = rawPair(router({ onStream: boom, onError }))
    const other = rawPair(router({ connect: { websocket: webSocket({ open: boom }) }, onError }))
    const peer = await rawSocket(other.client)
    await until(() => peer.of('CloseReceived').length === 1)
    await rawSocket(both.client)
    await settle()
    expect(calls).toBe(2)
  })
})

describe('onStream of the router', () => {
  it('as an async function has taken the stream if its promise brings true', async () => {
    const decided = gate<boolean>()
    const both = pair({ onStream: () => decided.promise, fetch: () => new Response('routed on') })
    const session = await openedStream(both)
    await settle()
    expect(session.responded).toBe(false)
    decided.open(false)
    await until(() => session.responded)
    expect(session.fields[0].value).toBe('200')

    const taking = pair({
      fetch: () => new Response('not routed on'),
      onStream: async (stream) => {
        await settle(1)
        stream.respond([{ name: ':status', value: '204' }], { endStream: true })
        return true
      },
    })
    const taken = await openedStream(taking)
    expect((await taken.response())[0].value).toBe('204')
    expect([...both.errors, ...taking.errors]).toEqual([])
  })

  async function openedStream({ client }: Pair) {
    const fields = { ':method': 'GET', ':scheme': 'https', ':authority': 'example.test', ':path': '/' }
    return client.request(
      Object.entries(fields).map(([name, value]) => ({ name, value })),
      { endStream: true },
    )
  }
})
