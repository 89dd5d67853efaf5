import { describe, expect, it } from 'vitest'
import {
  type AcceptOptions,
  type Admission,
  type ConnectHandler,
  type HandledWebSocket,
  openWebSocket,
  type WebSocket,
  type WebSocketEnd,
  webSocket,
  webSocketStream,
} from '../../src/api/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import type { FieldInput } from '../../src/hpack/index.ts'
import { nodePlatform } from '../../src/runtime/node/index.ts'
import { pair, rawPair } from './closed-pair.ts'
import { gate, origin, type Pair, realPlatform, settle, until, utf8 } from './pair.ts'
import { acceptRaw, handshakeFields, type RawSocket, rawSocket } from './raw-socket.ts'

const compressing = { ...realPlatform, deflate: nodePlatform.deflate! }

/** A server with `options`, whose handler is an object or a function. */
function serve(options: AcceptOptions, shape: 'handler' | 'function' = 'handler', platform = realPlatform) {
  const sockets: (HandledWebSocket | WebSocket)[] = []
  const take = (socket: HandledWebSocket | WebSocket): void => void sockets.push(socket)
  const websocket = shape === 'function' ? webSocket(take, options) : webSocket({ ...options, open: take })
  const both = pair({ connect: { websocket } }, { platform })
  return { ...both, sockets }
}

const statusOf = async (client: Pair['client'], fields?: FieldInput[]): Promise<string> =>
  (await rawSocket(client, fields)).answer[0].value

describe.each(['handler', 'function'] as const)('who may connect, decided by the options of a %s', (shape) => {
  it.each<[Admission, string]>([
    [true, '200'],
    [undefined, '200'],
    [false, '403'],
    [401, '401'],
    [302, '302'],
  ])('RFC 6455 §4.2.2: the verdict %s is %s, at once and later', async (verdict, status) => {
    for (const accept of [() => verdict, async () => verdict]) {
      const { client, sockets, errors } = serve({ accept }, shape)
      expect(await statusOf(client)).toBe(status)
      expect(sockets).toHaveLength(status === '200' ? 1 : 0)
      expect(errors).toEqual([])
    }
  })

  it('RFC 6455 §10.2: an origin can be looked at, before anything is accepted', async () => {
    const accept = ({ headers }: { headers: Headers }) => headers.get('origin') === 'https://good.test'
    const { client } = serve({ accept }, shape)
    expect(await statusOf(client, handshakeFields([{ name: 'origin', value: 'https://good.test' }]))).toBe('200')
    expect(await statusOf(client, handshakeFields([{ name: 'origin', value: 'https://evil.test' }]))).toBe('403')
    expect(await statusOf(client)).toBe('403')
  })

  it.each([200, 101, 600, 403.5, Number.NaN])('a verdict of %s is a mistake: 500', async (verdict) => {
    const { client, errors } = serve({ accept: async () => verdict }, shape)
    expect(await statusOf(client)).toBe('500')
    expect(errors).toEqual([expect.any(UsageError)])
  })

  it('a verdict that throws or rejects is a 500, and onError hears', async () => {
    const failure = new Error('no database')
    const throwing = (): never => {
      throw failure
    }
    for (const accept of [throwing, async () => throwing()]) {
      const { client, errors } = serve({ accept }, shape)
      expect(await statusOf(client)).toBe('500')
      expect(errors).toEqual([failure])
    }
  })

  it('no socket is made for a client that has gone before the verdict', async () => {
    const verdict = gate<boolean>()
    const { client, server, sockets, errors } = serve({ accept: () => verdict.promise }, shape)
    await client.ready()
    const stream = await client.request(handshakeFields())
    await until(() => server.streamCount === 1)
    stream.reset()
    await until(() => server.streamCount === 0)
    verdict.open(true)
    await settle()
    expect([sockets, errors]).toEqual([[], []])
  })

  it('messages sent before the verdict wait for it', async () => {
    const verdict = gate<boolean>()
    const { client, sockets } = serve({ accept: () => verdict.promise }, shape)
    await client.ready()
    const stream = await client.request(handshakeFields())
    stream.write(Uint8Array.of(0x88, 0x80, 0, 0, 0, 0))
    await settle()
    verdict.open(true)
    await until(() => sockets[0]?.readyState === 3)
    expect((await stream.response())[0].value).toBe('200')
  })

  it('RFC 6455 §4.2.2: a function chooses among the subprotocols offered', async () => {
    const seen: unknown[] = []
    const { client, sockets } = serve(
      {
        protocols(offered, request) {
          seen.push([...offered], request.url.pathname)
          return offered.at(-1)
        },
      },
      shape,
    )
    const { answer } = await rawSocket(client, handshakeFields([], ['a', 'b']))
    expect(answer).toContainEqual(expect.objectContaining({ name: 'sec-websocket-protocol', value: 'b' }))
    expect(seen).toEqual([['a', 'b'], '/chat'])
    expect(sockets[0].protocol).toBe('b')
    expect((await rawSocket(client)).answer.map(({ name }) => name)).not.toContain('sec-websocket-protocol')
  })

  it('RFC 6455 §4.2.2: a subprotocol that was not offered is a mistake of the server: 500', async () => {
    const { client, errors } = serve({ protocols: () => 'other' }, shape)
    expect(await statusOf(client, handshakeFields([], ['a']))).toBe('500')
    expect(errors).toEqual([expect.any(UsageError)])
  })

  it('the answer has the fields of the options', async () => {
    const given = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x-path', 'fixed'],
    ])
    const { client } = serve({ headers: given }, shape)
    const fields = (await rawSocket(client)).answer.map(({ name, value }) => [name, value])
    expect(fields).toEqual(expect.arrayContaining([...given]))
    const made = serve({ headers: (request) => ({ 'x-path': request.url.pathname }) }, shape)
    expect((await rawSocket(made.client)).answer).toContainEqual(
      expect.objectContaining({ name: 'x-path', value: '/chat' }),
    )
  })

  it('RFC 6455 §11.3: fields of the handshake itself are not the program’s to set: 500', async () => {
    const { client, errors } = serve({ headers: { 'sec-websocket-protocol': 'x' } }, shape)
    expect(await statusOf(client)).toBe('500')
    expect(errors).toEqual([expect.any(UsageError)])
  })
})

describe('a client that goes in the moment it is accepted', () => {
  it.each<[string, (ended: () => void) => ConnectHandler]>([
    ['handler', (ended) => webSocket({ close: ended })],
    ['function', (ended) => webSocket((socket) => socket.addEventListener('close', ended))],
    [
      'function, after a verdict',
      (ended) => webSocket((socket) => socket.addEventListener('close', ended), { accept: async () => true }),
    ],
    ['stream', (ended) => webSocketStream(({ closed }) => closed.then(ended, ended))],
  ])('RFC 6455 §7.1.5: is told to a %s as an end', async (_, websocket) => {
    let ends = 0
    const both = pair({ connect: { websocket: websocket(() => ends++) } })
    await both.client.ready()
    const stream = await both.client.request(handshakeFields())
    stream.onResponse = () => stream.reset()
    await until(() => ends === 1)
    expect(both.server.streamCount).toBe(0)
  })
})

describe('permessage-deflate', () => {
  const offered = [...handshakeFields(), { name: 'sec-websocket-extensions', value: 'permessage-deflate' }]

  it('RFC 7692 §5: is agreed on when both sides have it on, and messages go both ways', async () => {
    const told: unknown[] = []
    const websocket = webSocket({
      perMessageDeflate: { serverMaxWindowBits: 10 },
      message(socket, data) {
        told.push(socket.extensions)
        socket.send(data)
      },
    })
    const both = pair({ connect: { websocket } }, { platform: compressing })
    const socket = await openWebSocket(both.client, origin, '/', { perMessageDeflate: true })
    socket.binaryType = 'arraybuffer'
    expect(socket.extensions).toBe('permessage-deflate; server_max_window_bits=10')
    const got: unknown[] = []
    socket.onmessage = ({ data }) => got.push(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer))
    const texts = ['short', 'a long one '.repeat(1000), 'ü'.repeat(5000)]
    for (const one of texts) socket.send(one)
    const noise = Uint8Array.from(compressing.sha1(utf8('seed')))
    socket.send(noise)
    await until(() => got.length === 4)
    expect(got).toEqual([...texts, noise])
    expect(told[0]).toBe('permessage-deflate; server_max_window_bits=10')
  })

  it.each([
    ['the server has it off', {}, compressing],
    ['the runtime has no deflate', { perMessageDeflate: true }, realPlatform],
    ['a window is insisted on that was not offered', { perMessageDeflate: { clientMaxWindowBits: 10 } }, compressing],
  ] as const)('RFC 7692 §5.1: is declined when %s', async (_, options, platform) => {
    const { client, sockets } = serve(options, 'handler', platform)
    const { answer } = await rawSocket(client, offered)
    expect(answer.map(({ name }) => name)).not.toContain('sec-websocket-extensions')
    expect(sockets[0].extensions).toBe('')
  })

  it('RFC 7692 §5.1: a client without it sends no offer, and neither does one whose runtime has none', async () => {
    for (const [platform, perMessageDeflate] of [
      [compressing, false],
      [realPlatform, true],
    ] as const) {
      const seen: string[] = []
      const both = rawPair(
        (stream) => {
          for (const { name } of stream.fields) seen.push(name)
          acceptRaw(stream)
        },
        [],
        { platform },
      )
      await openWebSocket(both.client, origin, '/', { perMessageDeflate })
      expect(seen).toContain('sec-websocket-version')
      expect(seen).not.toContain('sec-websocket-extensions')
    }
  })

  it.each(['handler', 'function'] as const)(
    'RFC 7692 §6: a %s can leave compression out, message by message',
    async (shape) => {
      const { client, sockets } = serve({ perMessageDeflate: { threshold: 100 } }, shape, compressing)
      await client.ready()
      const stream = await client.request(offered)
      await stream.response()
      const firsts: number[] = []
      stream.onData = (data) => void firsts.push(data[0])
      await until(() => sockets.length === 1)
      const [socket] = sockets
      const say = async (
        message: string | Uint8Array<ArrayBuffer> | Blob,
        options?: { compress?: boolean },
      ): Promise<void> => {
        const before = firsts.length
        socket.send(message as string, options)
        await until(() => firsts.length > before)
      }
      await say('x'.repeat(99))
      await say('x'.repeat(100))
      await say('x'.repeat(100), { compress: false })
      await say(new Uint8Array(400))
      await say(new Uint8Array(400), { compress: false })
      expect(firsts).toEqual([0x81, 0xc1, 0x81, 0xc2, 0x82])
      if (shape === 'handler') return
      await say(new Blob([new Uint8Array(500)]))
      await say(new Blob([new Uint8Array(500)]), { compress: false })
      expect(firsts.slice(5)).toEqual([0xc2, 0x82])
    },
  )

  it('RFC 7692 §7.1: an option out of range is refused when the handler is registered, or before a request', async () => {
    for (const bits of [8, 16, 9.5]) {
      const perMessageDeflate = { serverMaxWindowBits: bits }
      const { client } = serve({}, 'handler', compressing)
      await expect(openWebSocket(client, origin, '/', { perMessageDeflate })).rejects.toThrow(UsageError)
      expect(() => webSocket({ perMessageDeflate })).toThrow(UsageError)
    }
  })
})

describe('a peer that is slow', () => {
  /** A server whose client reads nothing once it is open. */
  async function stalled(options: AcceptOptions) {
    const ends: WebSocketEnd[] = []
    const errors: unknown[] = []
    let socket!: HandledWebSocket
    const websocket = webSocket({
      ...options,
      open: (one) => {
        socket = one
      },
      close: (_socket, _code, _reason, end) => void ends.push(end),
      error: (_socket, error) => void errors.push(error),
    })
    const both = pair({ connect: { websocket } })
    const peer: RawSocket = await rawSocket(both.client)
    peer.stream.pause()
    return { socket, peer, ends, errors }
  }

  it('WebSockets Standard §3.1: who sends on while more than sendLimit waits loses the socket', async () => {
    const { socket, peer, ends, errors } = await stalled({ sendLimit: 500_000 })
    const message = new Uint8Array(100_000)
    const waited: number[] = []
    while (socket.readyState === 1) {
      waited.push(socket.bufferedAmount)
      socket.send(message)
      await settle(1)
    }
    // One message more than the limit is taken, the next one is too much.
    expect(waited.pop()).toBeGreaterThan(500_000)
    expect(Math.max(...waited)).toBeLessThanOrEqual(500_000)
    expect(socket.send(message)).toBe(false)
    await until(() => ends.length === 1)
    expect(ends[0]).toMatchObject({ code: 1006, wasClean: false, error: { name: 'WebSocketError', code: 1013 } })
    expect(errors).toEqual([ends[0].error])
    // Of those that wait, the last one too, whose sending was too much.
    expect(ends[0].unsentMessages).toBeGreaterThanOrEqual(5)
    expect(ends[0].unsentMessages).toBeLessThanOrEqual(waited.length + 1)
    peer.stream.resume()
    await until(() => peer.resetCode !== undefined)
    expect(peer.resetCode).toBe(8)
    expect(socket.readyState).toBe(3)
  })

  it('one message of any size may be sent while nothing waits', async () => {
    const { socket, peer, ends } = await stalled({ sendLimit: 1000 })
    socket.send(new Uint8Array(300_000))
    await settle()
    expect(socket.readyState).toBe(1)
    peer.stream.resume()
    await until(() => peer.of('MessageReceived').length === 1)
    expect(ends).toEqual([])
  })

  it.each([{ sendLimit: -1 }, { closeTimeout: 0 }, { endTimeout: Number.NaN }, { closeTimeout: 2 ** 31 }])(
    'an option out of range is refused: %j',
    (options) => {
      expect(() => webSocket(options)).toThrow(UsageError)
    },
  )
})
