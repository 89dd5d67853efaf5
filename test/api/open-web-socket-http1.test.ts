import { createHash } from 'node:crypto'
import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { HandshakeError, type OpenWebSocketOptions, openWebSocketHttp1 } from '../../src/api/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import { nodePlatform } from '../../src/runtime/node/index.ts'
import { type ByteTransport, memoryPair } from '../../src/transport/index.ts'
import { FakeTime, settle, text, until, utf8 } from './pair.ts'

/** The far end of a connection, by hand. */
class Far {
  readonly transport: ByteTransport
  received = ''
  ended = false
  closed = false

  constructor(transport: ByteTransport) {
    this.transport = transport
    transport.start({
      data: (chunk) => {
        this.received += Buffer.from(chunk).toString('latin1')
      },
      end: () => {
        this.ended = true
      },
      drained: () => {},
      closed: () => {
        this.closed = true
      },
    })
  }

  /** The request's lines, once all of it is here. */
  async request(): Promise<string[]> {
    await until(() => this.received.includes('\r\n\r\n'))
    return this.received.slice(0, this.received.indexOf('\r\n\r\n')).split('\r\n')
  }

  async key(): Promise<string> {
    const line = (await this.request()).find((line) => line.startsWith('Sec-WebSocket-Key: '))
    return line!.slice('Sec-WebSocket-Key: '.length)
  }

  /** The lines that accept, with others behind them. */
  async acceptance(...more: string[]): Promise<string> {
    const accept = createHash('sha1')
      .update(`${await this.key()}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    return `${[...lines, `Sec-WebSocket-Accept: ${accept}`, ...more].join('\r\n')}\r\n\r\n`
  }

  write(data: string | Uint8Array): void {
    this.transport.write([typeof data === 'string' ? utf8(data) : data])
  }
}

function start(options: OpenWebSocketOptions = {}, path = '/chat', platform = nodePlatform) {
  const [near, farTransport] = memoryPair()
  const far = new Far(farTransport)
  const connection = { transport: near, platform, report: () => {} }
  const opening = openWebSocketHttp1(connection, 'ws://example.test', path, options)
  const failure = opening.then(
    () => undefined,
    (error) => error,
  )
  return { far, opening, failure }
}

describe('the handshake of openWebSocketHttp1', () => {
  it('RFC 6455 §4.1: asks with a GET, a key of 16 octets, and what it is told to ask for', async () => {
    const { far, opening } = start(
      { protocols: ['a', 'b'], headers: { Origin: 'https://o.test', connection: 'close' }, perMessageDeflate: true },
      '/chat?x#y',
    )
    const lines = await far.request()
    expect(Buffer.from(await far.key(), 'base64')).toHaveLength(16)
    expect(lines.filter((line) => !line.startsWith('Sec-WebSocket-Key'))).toEqual([
      'GET /chat?x HTTP/1.1',
      'Host: example.test',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: a, b',
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
      'origin: https://o.test',
    ])
    far.write(await far.acceptance('Sec-WebSocket-Protocol: b', 'Sec-WebSocket-Extensions: permessage-deflate'))
    const socket = await opening
    expect([socket.url, socket.protocol, socket.extensions, socket.streamId]).toEqual([
      'ws://example.test/chat?x',
      'b',
      'permessage-deflate',
      undefined,
    ])
  })

  it('RFC 6455 §4.1: each request has a key of its own', async () => {
    const keys = await Promise.all([start().far.key(), start().far.key()])
    expect(keys[0]).not.toBe(keys[1])
  })

  it('RFC 6455 §4.1: what comes behind the head are frames already, however the octets are cut', async () => {
    for (const size of [1, 7, 1000]) {
      const { far, opening } = start()
      const octets = Buffer.from(`${await far.acceptance()}\x81\x05hello\x88\x02\x03\xe8`, 'latin1')
      for (let at = 0; at < octets.length; at += size) far.write(new Uint8Array(octets.subarray(at, at + size)))
      far.transport.end()
      const socket = await opening
      const heard: unknown[] = []
      socket.onmessage = ({ data }) => heard.push(data)
      const close = await new Promise<{ code: number; wasClean: boolean }>((resolve) => {
        socket.onclose = resolve
      })
      expect([heard, close.code, close.wasClean]).toEqual([['hello'], 1000, true])
    }
  })

  it('RFC 6455 §5.3: what it sends is masked, and a message makes the way both ways', async () => {
    const { far, opening } = start()
    far.write(await far.acceptance())
    const socket = await opening
    far.received = ''
    socket.send('hi')
    await until(() => far.received.length === 8)
    const octets = Buffer.from(far.received, 'latin1')
    expect([octets[0], octets[1]]).toEqual([0x81, 0x82])
    const unmasked = octets.subarray(6).map((octet, i) => octet ^ octets[2 + (i % 4)]!)
    expect(text(unmasked)).toBe('hi')
  })

  it.each([200, 204, 301, 401, 403, 404, 426, 501])(
    'RFC 6455 §4.1: status %i is no upgrade, and nothing of its content is taken for frames',
    async (status) => {
      const { far, failure } = start()
      await far.request()
      far.write(`HTTP/1.1 ${status} Whatever\r\nContent-Length: 7\r\n\r\n\x81\x05hello`)
      expect(await failure).toMatchObject({ name: 'HandshakeError', reason: 'status', status })
      await until(() => far.closed)
    },
  )

  it('RFC 9110 §15.2: an interim response is passed over', async () => {
    const { far, opening } = start()
    far.write(`HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n${await far.acceptance()}`)
    expect((await opening).readyState).toBe(1)
  })

  it.each([
    ['a wrong accept', (head: string) => head.replace(/Accept: ..../, 'Accept: AAAA')],
    ['no accept', (head: string) => head.replace(/Sec-WebSocket-Accept: .*\r\n/, '')],
    ['no Upgrade', (head: string) => head.replace('Upgrade: websocket\r\n', '')],
    ['no Connection', (head: string) => head.replace('Connection: Upgrade\r\n', '')],
    ['an extension not offered', (head: string) => head.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: x\r\n\r\n')],
    ['a subprotocol not offered', (head: string) => head.replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: x\r\n\r\n')],
  ])('RFC 6455 §4.1: a 101 with %s fails', async (_, spoil) => {
    const { far, failure } = start()
    far.write(spoil(await far.acceptance()))
    expect(await failure).toMatchObject({ reason: 'protocol', status: 101 })
    await until(() => far.closed)
  })

  it('RFC 6455 §4.1: none of the subprotocols fails', async () => {
    const { far, failure } = start({ protocols: 'a' })
    far.write(await far.acceptance())
    expect(await failure).toMatchObject({ reason: 'protocol', status: 101 })
  })

  it.each([
    ['is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['is HTTP/2', '\x00\x00\x00\x04\x00\x00\x00\x00\x00\n'],
    ['is too large', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(20_000)}`],
  ])('RFC 9112 §2.5: an answer that %s is refused', async (_, answer) => {
    const { far, failure } = start()
    await far.request()
    far.write(answer)
    expect(await failure).toMatchObject({ reason: 'protocol', status: undefined })
    await until(() => far.closed)
  })

  it('a connection that ends or is lost before the answer', async () => {
    const ended = start()
    await ended.far.request()
    ended.far.write('HTTP/1.1 101 Switching')
    ended.far.transport.end()
    expect(await ended.failure).toMatchObject({ reason: 'connection' })
    const lost = start()
    await lost.far.request()
    lost.far.transport.abort()
    expect(await lost.failure).toMatchObject({ reason: 'connection' })
  })

  it('a server that does not answer in time is given up', async () => {
    const time = new FakeTime()
    const { far, failure } = start({ timeout: 500 }, '/', time.platform)
    await far.request()
    time.advance(499)
    await settle()
    expect(far.closed).toBe(false)
    time.advance(1)
    expect(await failure).toMatchObject({ reason: 'timeout' })
    await until(() => far.closed)
    expect(time.pending).toBe(0)
  })

  it('an abort before or during the handshake ends the connection; after it, it means nothing', async () => {
    const reason = new Error('changed my mind')
    const before = start({ signal: AbortSignal.abort(reason) })
    expect(await before.failure).toMatchObject({ reason: 'aborted', cause: reason })
    await until(() => before.far.closed)
    expect(before.far.received).toBe('')

    const aborter = new AbortController()
    const during = start({ signal: aborter.signal })
    await during.far.request()
    aborter.abort(reason)
    expect(await during.failure).toMatchObject({ reason: 'aborted', cause: reason })
    await until(() => during.far.closed)

    const late = new AbortController()
    const after = start({ signal: late.signal })
    after.far.write(await after.far.acceptance())
    const socket = await after.opening
    expect(getEventListeners(late.signal, 'abort')).toHaveLength(0)
    late.abort()
    await settle()
    expect([socket.readyState, after.far.closed]).toEqual([1, false])
  })

  it.each([
    ['a subprotocol that is no token', { protocols: ['a b'] }, '/'],
    ['a header of the handshake itself', { headers: { 'sec-websocket-key': 'x' } }, '/'],
    ['a limit out of range', { maxMessageSize: -1 }, '/'],
    ['a path to elsewhere', {}, 'https://elsewhere.test/'],
  ])('RFC 6455 §4.1: %s is the caller’s mistake, and nothing is sent', async (_, options, path) => {
    const { far, failure } = start(options, path)
    expect(await failure).toBeInstanceOf(UsageError)
    await until(() => far.closed)
    expect(far.received).toBe('')
  })

  it('its error has no attempts, and its code is that of the cause', async () => {
    const { far, failure } = start()
    await far.request()
    far.transport.abort()
    const error: HandshakeError = await failure
    expect(error).toBeInstanceOf(HandshakeError)
    expect([error.attempts, typeof error.code]).toEqual([[], 'number'])
  })
})

describe('a socket over HTTP/1.1 whose connection ends', () => {
  it('RFC 6455 §7.1.5: is told why: there was no Close', async () => {
    const { far, opening } = start()
    far.write(await far.acceptance())
    const socket = await opening
    far.transport.end()
    const error = await new Promise((resolve) => {
      socket.onerror = (event) => resolve(event.error)
    })
    expect(error).toMatchObject({ code: 1006, reason: 'the connection ended without a Close' })
  })
})

describe('a socket over HTTP/1.1 that is given up', () => {
  it('ends with the reason why, not with the reset of its connection that follows from it', async () => {
    const { far, opening } = start({ keepAlive: { interval: 5, timeout: 5 } })
    far.write(await far.acceptance())
    const socket = await opening
    const error = await new Promise((resolve) => {
      socket.onerror = (event) => resolve(event.error)
    })
    expect(error).toMatchObject({ code: 1006, reason: 'no Pong and no other sign of life for 5 ms' })
    await until(() => far.closed)
  })

  it('RFC 6455 §7.1.7: says that the peer does not take what is sent, and counts what never left', async () => {
    const { far, opening } = start({ sendLimit: 100_000 })
    far.write(await far.acceptance())
    const socket = await opening
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    far.transport.pause()
    const error = new Promise((resolve) => {
      socket.onerror = (event) => resolve(event.error)
    })
    for (let i = 0; i < 20; i++) socket.send(new Uint8Array(70_000))
    expect(await error).toMatchObject({ code: 1013 })
    expect(socket.unsentMessages).toBeGreaterThan(0)
  })
})
