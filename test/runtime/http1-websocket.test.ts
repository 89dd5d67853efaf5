import { describe, expect, it } from 'vitest'
import { WebSocket as WsSocket } from 'ws'
import { type Exchange, type ServeOptions, type Server, webSocket } from '../../src/runtime/node/index.ts'
import { exchangeRaw, later, rawClient, start, statuses } from './support/http1.ts'

const echo = webSocket({ protocols: ['chat'], message: (socket, data) => void socket.send(data) })
const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

function startSockets(options: ServeOptions = {}): Promise<Server> {
  return start({ connect: { websocket: echo }, fetch: () => new Response('page'), ...options })
}

/** The lines of a good handshake, with some of them changed, or left out when undefined. */
function handshake(changes: Record<string, string | undefined> = {}, line = 'GET /chat HTTP/1.1'): string {
  const fields = {
    Host: 'a.test',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...changes,
  }
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return [line, ...lines, '', ''].join('\r\n')
}

/** A client that stands. */
async function open(server: Server, protocols?: string[]): Promise<WsSocket> {
  const socket = new WsSocket(`${server.url.replace('http', 'ws')}chat`, protocols, { perMessageDeflate: false })
  later(() => socket.terminate())
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  return socket
}

const next = (socket: WsSocket) =>
  new Promise<string | Buffer>((resolve) => {
    socket.once('message', (data, isBinary) => resolve(isBinary ? (data as Buffer) : String(data)))
  })

describe('a WebSocket over HTTP/1.1 has the handler of RFC 8441', () => {
  it('RFC 6455 §4.2.2: text, binary and a megabyte go both ways, with a subprotocol', async () => {
    const socket = await open(await startSockets(), ['other', 'chat'])
    expect(socket.protocol).toBe('chat')
    socket.send('grüße')
    expect(await next(socket)).toBe('grüße')
    const large = Buffer.alloc(1_048_576, 'x')
    socket.send(large)
    expect(Buffer.compare((await next(socket)) as Buffer, large)).toBe(0)
  })

  it('RFC 6455 §7.1.1: after the closing handshake the server ends TCP first, both ways with the code', async () => {
    const told: unknown[] = []
    const server = await startSockets({
      connect: { websocket: webSocket({ close: (_socket, code, reason) => void told.push([code, reason]) }) },
    })
    const socket = await open(server)
    socket.close(4001, 'bye')
    expect(await new Promise((resolve) => socket.on('close', (code) => resolve(code)))).toBe(4001)
    while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(told).toEqual([[4001, 'bye']])

    const raw = await rawClient(server, handshake())
    await raw.until('\r\n\r\n')
    raw.socket.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]))
    expect((await raw.ended).slice(-4)).toBe('\x88\x02\x03\xe8')
  })

  it('RFC 8441 §4: the handler sees the fields of an extended CONNECT, and the key', async () => {
    let seen: Exchange | undefined
    const server = await start({
      connect: {
        websocket: ({ stream, url, headers }) => {
          seen = stream
          expect([url.href, headers.get('origin')]).toEqual(['http://a.test/chat', 'https://a.test'])
          stream.respond([{ name: ':status', value: '200' }])
        },
      },
    })
    const client = await rawClient(server, handshake({ Origin: 'https://a.test' }))
    await client.until('\r\n\r\n')
    expect(seen!.httpVersion).toBe('1.1')
    expect(seen!.fields.map(({ name, value }) => `${name} ${value}`)).toEqual([
      ':method CONNECT',
      ':protocol websocket',
      ':scheme http',
      ':authority a.test',
      ':path /chat',
      `sec-websocket-key ${KEY}`,
      'sec-websocket-version 13',
      'origin https://a.test',
    ])
    // A bare 200 becomes all that RFC 6455 §4.2.2 asks for.
    expect(client.text).toBe(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ${ACCEPT}\r\n\r\n`,
    )
  })

  it('octets that came with the handshake are delivered, and only once it was accepted', async () => {
    const told: string[] = []
    const server = await start({
      connect: {
        websocket: async ({ stream }) => {
          stream.onData = (data) => void told.push(Buffer.from(data).toString())
          await new Promise((resolve) => setTimeout(resolve, 20))
          expect(told).toEqual([])
          stream.respond([{ name: ':status', value: '200' }])
        },
      },
    })
    const client = await rawClient(server, `${handshake()}early`)
    await client.until('\r\n\r\n')
    while (told.join('') !== 'early') await new Promise((resolve) => setTimeout(resolve, 1))
  })

  it('each side ends its direction by itself', async () => {
    const server = await start({
      connect: {
        websocket: ({ stream }) => {
          stream.respond([{ name: ':status', value: '200' }])
          stream.onData = (data, endStream) =>
            endStream ? stream.end(Buffer.from('after')) : void stream.write(data.slice())
        },
      },
    })
    const client = await rawClient(server, handshake())
    await client.until('\r\n\r\n')
    client.socket.end('before')
    expect((await client.ended).endsWith('\r\n\r\nbeforeafter')).toBe(true)
  })

  it('any other protocol with a handler can be upgraded to, RFC 9298 §3.2 for one', async () => {
    const server = await start({
      connect: {
        'connect-udp': ({ stream }) => stream.respond([{ name: ':status', value: '200' }], { endStream: true }),
      },
    })
    const answer = await exchangeRaw(
      server,
      'GET /masque HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1\r\n\r\n',
    )
    expect(answer).toBe('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: connect-udp\r\n\r\n')
  })

  it('RFC 9110 §9.3.6: a stream handler may accept a CONNECT', async () => {
    const server = await start({
      onStream(stream) {
        expect(stream.fields.map(({ value }) => value)).toEqual(['CONNECT', 'a.test:80'])
        stream.respond([{ name: ':status', value: '200' }])
        stream.onData = (data, endStream) => (endStream ? stream.end() : void stream.write(data.slice()))
      },
    })
    const client = await rawClient(server, 'CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n\r\n')
    await client.until('HTTP/1.1 200 OK\r\n\r\n')
    client.socket.end('through')
    expect(await client.ended).toBe('HTTP/1.1 200 OK\r\n\r\nthrough')
  })
})

describe('an Upgrade that is refused', () => {
  it.each([403, 404, 302])('%i ends the connection, and what the client sent on is no request', async (status) => {
    let requests = 0
    const server = await start({
      fetch: () => new Response(String(++requests)),
      connect: {
        websocket: ({ stream }) => {
          stream.onData = () => requests++
          stream.respond([{ name: ':status', value: String(status) }])
          stream.end(Buffer.from('why'))
        },
      },
    })
    const client = await rawClient(server, `${handshake()}GET / HTTP/1.1\r\nHost: a\r\n\r\n`)
    const answer = await client.ended
    expect(statuses(answer)).toEqual([String(status)])
    expect(answer).toMatch(/\r\nconnection: close\r\n/)
    expect(answer.endsWith('\r\n\r\nwhy')).toBe(true)
    expect(requests).toBe(0)
  })

  it('ws learns the status, and a client that never closes is let go', async () => {
    let closed = false
    const server = await start({
      connect: {
        websocket: ({ stream }) => {
          stream.onReset = () => expect.unreachable('it has its answer')
          stream.onClose = () => {
            closed = true
          }
          expect(() => stream.write(new Uint8Array(1))).toThrow('before the header section')
          expect(() => stream.sendTrailers([])).toThrow('in a tunnel')
          stream.respond([{ name: ':status', value: '403' }], { endStream: true })
          expect(() => stream.respond([{ name: ':status', value: '200' }])).toThrow('already')
        },
      },
    })
    const socket = new WsSocket(server.url.replace('http', 'ws'))
    expect(await new Promise((resolve) => socket.on('error', (error) => resolve(error.message)))).toContain('403')
    const client = await rawClient(server, handshake())
    await client.ended
    closed = false
    while (!closed) await new Promise((resolve) => setTimeout(resolve, 20))
  })

  it('a handler that throws is a 500', async () => {
    const errors: unknown[] = []
    const server = await start({
      onError: (error) => errors.push((error as Error).message),
      connect: {
        websocket: () => {
          throw new Error('a mistake')
        },
      },
    })
    expect(statuses(await exchangeRaw(server, handshake()))).toEqual(['500'])
    expect(errors).toEqual(['a mistake'])
  })

  it.each([
    ['no key', '400', handshake({ 'Sec-WebSocket-Key': undefined })],
    ['a key of other length', '400', handshake({ 'Sec-WebSocket-Key': 'c2hvcnQ=' })],
    ['two keys', '400', handshake({ 'sec-websocket-key': KEY })],
    ['no version', '400', handshake({ 'Sec-WebSocket-Version': undefined })],
    ['a malformed version', '400', handshake({ 'Sec-WebSocket-Version': '013' })],
    ['a version that nobody knows', '426', handshake({ 'Sec-WebSocket-Version': '8' })],
    ['another method', '405', handshake({}, 'HEAD /chat HTTP/1.1')],
    ['a body', '400', `${handshake({ 'Content-Length': '5' })}hello`],
    ['a body in chunks', '400', `${handshake({ 'Transfer-Encoding': 'chunked' })}0\r\n\r\n`],
    ['two hosts', '400', handshake({ host: 'b.test' })],
    ['a malformed list of subprotocols', '400', handshake({ 'Sec-WebSocket-Protocol': 'a b' })],
  ])('RFC 6455 §4.2.1: with %s gets %s', async (_name, status, text) => {
    const answer = await exchangeRaw(await startSockets(), text)
    expect(statuses(answer)).toEqual([status])
    expect(answer).toMatch(/\r\nconnection: close/i)
    if (status === '426') expect(answer).toMatch(/\r\nsec-websocket-version: 13\r\n/)
    if (status === '426') expect(answer).toMatch(/\r\nupgrade: websocket\r\n/)
    if (status === '405') expect(answer).toMatch(/\r\nallow: GET\r\n/)
  })

  it.each([
    ['h2c', { Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQAAP__' }, undefined],
    ['a protocol that nobody speaks', { Upgrade: 'irc' }, undefined],
    ['websocket from a client of HTTP/1.0', {}, 'GET /chat HTTP/1.0'],
    ['websocket without the connection option', { Connection: 'close' }, undefined],
  ])('RFC 9110 §7.8: an offer of %s is an ordinary request', async (_name, changes, line) => {
    const server = await startSockets()
    const client = await rawClient(server, handshake(changes, line))
    await client.until('page')
    expect(statuses(client.text)).toEqual(['200'])
  })

  it('RFC 9110 §7.8: and keeps its body, its connection and what comes behind', async () => {
    const server = await startSockets({ fetch: async (request) => new Response(`<${await request.text()}>`) })
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbody'
    const client = await rawClient(server, `${post}GET / HTTP/1.1\r\nHost: a\r\n\r\n`)
    await client.until('<>')
    client.socket.write(post.replace('body', 'next'))
    await client.until('<next>')
    client.socket.write(handshake())
    await client.until('101 Switching')
    expect(client.text.match(/<.*?>/g)).toEqual(['<body>', '<>', '<next>'])
  })

  it('without a handler for sockets, or with the policy off, an offer is an ordinary request', async () => {
    for (const options of [{ connect: {} }, { extendedConnect: 'off' as const }]) {
      const client = await rawClient(await startSockets(options), handshake())
      await client.until('page')
      expect(statuses(client.text)).toEqual(['200'])
    }
  })

  it('an Upgrade behind a request that waits for its answer ends the connection', async () => {
    const server = await startSockets({ fetch: () => new Promise<Response>(() => {}) })
    expect(await exchangeRaw(server, `GET / HTTP/1.1\r\nHost: a\r\n\r\n${handshake()}`)).toBe('')
  })
})

describe('a tunnel of HTTP/1.1', () => {
  it('is told when the client goes away', async () => {
    const told: unknown[] = []
    const server = await start({
      connect: {
        websocket: ({ stream, signal }) => {
          stream.onReset = (error) => told.push(error.initiator)
          stream.onClose = () => told.push(signal.aborted)
          stream.respond([{ name: ':status', value: '200' }])
          stream.onData = () => {}
        },
      },
    })
    const client = await rawClient(server, handshake())
    await client.until('\r\n\r\n')
    client.socket.resetAndDestroy()
    while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(told).toEqual(['transport', true])
  })

  it('is cut off when its client takes nothing, not when it is silent', async () => {
    const told: unknown[] = []
    const server = await start({
      limits: { writeStallTimeout: 60 },
      connect: {
        websocket: ({ stream }) => {
          stream.onReset = () => told.push('reset')
          stream.respond([{ name: ':status', value: '200' }])
          stream.onData = () =>
            told.push(stream.write(new Uint8Array(20_000_000)), stream.queuedBytes > 0, stream.writable)
        },
      },
    })
    const client = await rawClient(server, handshake())
    await client.until('\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 150))
    client.socket.pause()
    client.socket.write('more')
    while (told.length < 4) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(told).toEqual([false, true, false, 'reset'])
  })
})
