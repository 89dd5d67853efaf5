import { type AddressInfo, createServer as createTcp } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { makeCertificate } from '../../src/demo/certificate.ts'
import {
  Dialer,
  dial,
  ErrorCode,
  HandshakeError,
  type NodeDialerOptions,
  type NodeDialOptions,
  type ServeOptions,
  type Server,
  serve,
  UsageError,
  WebSocket,
  WebSocketStream,
  webSocket,
} from '../../src/runtime/node/index.ts'
import { DialedServer, type Script } from './support/dialed-server.ts'
import { goAway } from './support/situations.ts'

type Certificate = Awaited<ReturnType<typeof makeCertificate>>
let certificate: Certificate
const cleanup: (() => unknown)[] = []

beforeAll(async () => {
  certificate = await makeCertificate('localhost')
})

afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo()
})

const echo = webSocket({ message: (socket, data) => void socket.send(data) })

/** Our own server, which counts connections by itself. */
async function start(options: Partial<ServeOptions> = {}): Promise<{ server: Server; url: string }> {
  const { key, cert } = certificate
  const server = await serve({ host: '127.0.0.1', tls: { key, cert }, connect: { websocket: echo }, ...options })
  cleanup.push(() => server.close({ drain: 0 }))
  return { server, url: `${server.url.replace('http', 'ws')}echo` }
}

async function scripted(script: Script): Promise<DialedServer> {
  const server = await DialedServer.start(certificate, script)
  cleanup.push(() => server.close())
  return server
}

function dialer(defaults: NodeDialOptions = {}, options: NodeDialerOptions = {}): Dialer {
  const made = new Dialer({ ...options, defaults: { tls: { ca: certificate.ca }, ...defaults } })
  cleanup.push(() => made.close({ drain: 0 }))
  return made
}

async function echoes(socket: WebSocket, message: string): Promise<unknown> {
  const answer = new Promise((resolve) => {
    socket.onmessage = ({ data }) => resolve(data)
  })
  socket.send(message)
  return answer
}

function closed(socket: WebSocket): Promise<{ code: number; wasClean: boolean }> {
  return new Promise((resolve) => {
    socket.addEventListener('close', (event) => resolve(event as unknown as { code: number; wasClean: boolean }))
  })
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; !condition(); ) {
    if (Date.now() > end) throw new Error(`waited in vain for ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

describe('dial', () => {
  it('RFC 9113 §9.1: sockets to one origin share a connection, one after the other and at the same time', async () => {
    const { server, url } = await start()
    const one = dialer()
    const sockets = await Promise.all(['a', 'b', 'c'].map(() => one.dial(url)))
    sockets.push(await one.dial(url.replace('wss', 'https')))
    expect(sockets.map(({ streamId }) => streamId).sort()).toEqual([1, 3, 5, 7])
    expect(server.sessions.size).toBe(1)
    expect(await Promise.all(sockets.map((socket, i) => echoes(socket, `message ${i}`)))).toEqual(
      sockets.map((_, i) => `message ${i}`),
    )
  })

  it('RFC 9113 §9.1.1: what is trusted decides who is at the other end: other TLS options, another connection', async () => {
    const { server, url } = await start()
    const one = dialer()
    const ca = [certificate.ca]
    await one.dial(url)
    await one.dial(url, { tls: { ca } })
    await one.dial(url, { tls: { ca: [certificate.ca] } })
    expect(server.sessions.size).toBe(2)
    await one.dial(url, { tls: { rejectUnauthorized: false } })
    await one.dial(url, { tls: { ca, checkServerIdentity: () => undefined } })
    await one.dial(url, { tls: { ca, checkServerIdentity: () => undefined } })
    expect(server.sessions.size).toBe(5)
    await expect(one.dial(url, { tls: {} })).rejects.toMatchObject({ reason: 'tls' })
    const other = dialer()
    await other.dial(url)
    expect(server.sessions.size).toBe(6)
  })

  it('RFC 9113 §9.1: a connection in clear is never used for wss, nor the other way round', async () => {
    const { url } = await start({ tls: undefined })
    const one = dialer({ http2: 'only', timeout: 1000 })
    expect((await one.dial(url)).streamId).toBe(1)
    await expect(one.dial(url.replace('ws:', 'wss:'))).rejects.toMatchObject({ reason: 'tls' })
  })

  it('RFC 9113 §5.1.2: who finds no room on a connection opens another', async () => {
    const { server, url } = await start({ maxConcurrentStreams: 2 })
    const one = dialer()
    const first = await Promise.all(Array.from({ length: 5 }, () => one.dial(url)))
    expect(server.sessions.size).toBe(3)
    expect(first.map(({ readyState }) => readyState)).toEqual([1, 1, 1, 1, 1])
    // A free place is taken again.
    first[0]!.close()
    await closed(first[0]!)
    await one.dial(url)
    await one.dial(url)
    expect(server.sessions.size).toBe(3)
  })

  it('a connection of its own is nobody else’s, and ends with the socket', async () => {
    const { server, url } = await start()
    const one = dialer()
    await one.dial(url)
    const own = await one.dial(url, { dedicated: true })
    expect([own.streamId, server.sessions.size]).toEqual([1, 2])
    await one.dial(url)
    expect(server.sessions.size).toBe(2)
    own.close()
    await until(() => server.sessions.size === 1)
  })

  it('a connection without sockets is closed after a while, and used again before', async () => {
    const { server, url } = await start()
    const one = dialer({}, { idleTimeout: 100 })
    for (const id of [1, 3]) {
      const socket = await one.dial(url)
      expect(socket.streamId).toBe(id)
      socket.close()
      await closed(socket)
    }
    expect(server.sessions.size).toBe(1)
    await until(() => server.sessions.size === 0)
    expect((await one.dial(url)).streamId).toBe(1)
  })

  it('RFC 9113 §6.8: a connection that is ending takes no new sockets, and keeps those it has', async () => {
    const say = { goAway: () => {} }
    const server = await scripted({
      connect: (_, count, socket) => {
        if (count === 1) say.goAway = () => void socket.write(goAway(ErrorCode.NO_ERROR, 1))
        return false
      },
    })
    const one = dialer()
    const old = await one.dial(server.url)
    say.goAway()
    await echoes(old, 'by now the GOAWAY is here')
    const fresh = await one.dial(server.url)
    expect(fresh.streamId).toBe(1)
    expect(await echoes(old, 'still here')).toBe('still here')
    expect(await echoes(fresh, 'here too')).toBe('here too')
  })

  it('RFC 7301 §3.2: where ALPN chooses HTTP/1.1 several dials at once get a connection each', async () => {
    const server = await scripted({ tlsOptions: { ALPNProtocols: ['http/1.1'] } })
    const one = dialer()
    const sockets = await Promise.all(['a', 'b', 'c'].map(() => one.dial(server.url)))
    expect(server.tried).toEqual(['1.1', '1.1', '1.1'])
    expect(await Promise.all(sockets.map((socket) => echoes(socket, 'x')))).toEqual(['x', 'x', 'x'])
  })

  it('RFC 7692 §7: compression is agreed on over both versions', async () => {
    const { url } = await start({ connect: { websocket: webSocket({ perMessageDeflate: true }) } })
    const http1 = await scripted({ tlsOptions: { ALPNProtocols: ['http/1.1'] } })
    const one = dialer({ perMessageDeflate: true })
    expect((await one.dial(url)).extensions).toMatch(/^permessage-deflate/)
    expect((await one.dial(http1.url)).extensions).toBe('')
  })

  it('may go on for ever, if its caller has the time', async () => {
    const { url } = await start()
    expect((await dialer().dial(url, { timeout: Number.POSITIVE_INFINITY })).readyState).toBe(1)
  })

  it('one who gives up harms none of the others who wait for the same connection', async () => {
    const { server, url } = await start()
    const one = dialer()
    const aborter = new AbortController()
    const [first, second] = [one.dial(url, { signal: aborter.signal }), one.dial(url)]
    aborter.abort(new Error('enough'))
    await expect(first).rejects.toMatchObject({ reason: 'aborted', attempts: [{ cause: { message: 'enough' } }] })
    expect((await second).streamId).toBe(1)
    expect(server.sessions.size).toBe(1)
  })

  it('the last who gives up takes the connection along that was being opened', async () => {
    let ended = 0
    const silent = createTcp(
      (socket) =>
        void socket
          .on('error', () => {})
          .on('close', () => ended++)
          .resume(),
    )
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    cleanup.push(() => silent.close())
    const { port } = silent.address() as AddressInfo
    const one = dialer()
    const dials = [300, 100].map((timeout) => one.dial(`wss://127.0.0.1:${port}`, { timeout }).catch((error) => error))
    expect(await dials[1]).toMatchObject({ reason: 'timeout', message: expect.stringContaining('within 100 ms') })
    expect(ended).toBe(0)
    expect(await dials[0]).toMatchObject({ reason: 'timeout' })
    await until(() => ended === 1)
  })

  it('says what was tried: version, reason, status or code, message, time', async () => {
    const server = await scripted({
      notSupported: true,
      upgrade: (socket) => void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'),
    })
    const error: HandshakeError = await dialer()
      .dial(`${server.url}?token=secret`)
      .catch((error) => error)
    expect(error).toBeInstanceOf(HandshakeError)
    expect(error).toMatchObject({ reason: 'status', status: 403, cause: undefined })
    expect(error.attempts).toEqual([
      {
        version: '2',
        reason: 'not-supported',
        status: undefined,
        code: undefined,
        message: expect.stringContaining('ENABLE_CONNECT_PROTOCOL'),
        cause: undefined,
        milliseconds: expect.any(Number),
      },
      expect.objectContaining({ version: '1.1', reason: 'status', status: 403 }),
    ])
    expect(error.message).toMatch(/^no WebSocket to wss:\/\/localhost:\d+: HTTP\/2: .*; HTTP\/1\.1: .*403$/)
    const refused: HandshakeError = await dialer()
      .dial('ws://127.0.0.1:1')
      .catch((error) => error)
    expect(refused.attempts).toMatchObject([{ version: '1.1', reason: 'unreachable', code: 'ECONNREFUSED' }])
  })

  it('RFC 6455 §4.1: what the caller got wrong is no attempt', async () => {
    const { server, url } = await start()
    const one = dialer()
    await expect(one.dial('ftp://localhost')).rejects.toMatchObject({ name: 'SyntaxError' })
    await expect(one.dial(`${url}#fragment`)).rejects.toMatchObject({ name: 'SyntaxError' })
    await expect(one.dial(url, { protocols: ['a b'] })).rejects.toMatchObject({ name: 'SyntaxError' })
    await expect(one.dial(url, { headers: { 'sec-websocket-key': 'x' } })).rejects.toBeInstanceOf(UsageError)
    await expect(one.dial(url, { headers: { 'bad name': 'x' } })).rejects.toBeInstanceOf(TypeError)
    await expect(one.dial(url, { maxMessageSize: -1 })).rejects.toBeInstanceOf(UsageError)
    expect(server.sessions.size).toBe(0)
    expect((await one.dial(url)).readyState).toBe(1)
    expect(server.sessions.size).toBe(1)
  })

  it('RFC 6455 §7.4.1: close says 1001 on all sockets and ends the connections; the dialer may be used on', async () => {
    const { server, url } = await start()
    const one = dialer()
    const socket = await one.dial(url)
    const over = closed(socket)
    await one.close({ drain: 5000 })
    expect(await over).toMatchObject({ code: 1001, wasClean: true })
    await until(() => server.sessions.size === 0)
    expect((await one.dial(url)).readyState).toBe(1)
  })

  it('what is done by default: the memory and the connections are shared by all', async () => {
    const { server, url } = await start({ tls: undefined })
    const known = await dial(url, { http2: 'prior-knowledge' })
    const socket = new WebSocket(url)
    await new Promise((resolve) => {
      socket.onopen = resolve
    })
    expect([known.streamId, socket.streamId, server.sessions.size]).toEqual([1, 3, 1])
  })
})

describe('new WebSocket', () => {
  it('WebSockets Standard §3.1: is connecting at first, then open; every socket of ours is an instance', async () => {
    const { url } = await start({ connect: { websocket: webSocket({ protocols: ['chat'] }) } })
    const socket = new WebSocket(url, 'chat', { tls: { ca: certificate.ca } })
    expect([socket.readyState, socket.protocol, socket.url]).toEqual([WebSocket.CONNECTING, '', url])
    await new Promise((resolve) => {
      socket.onopen = resolve
    })
    expect([socket.readyState, socket.protocol, socket.streamId]).toEqual([WebSocket.OPEN, 'chat', 1])
    const dialed = await dialer().dial(url)
    expect([socket instanceof WebSocket, dialed instanceof WebSocket]).toEqual([true, true])
    expect([{} instanceof WebSocket, (null as unknown) instanceof WebSocket]).toEqual([false, false])
    expect(WebSocket.name).toBe('WebSocket')
    const over = closed(socket)
    socket.close(1000)
    expect(await over).toMatchObject({ code: 1000, wasClean: true })
  })

  it('WebSockets Standard §3.1: a URL or subprotocol that cannot be is thrown at once', () => {
    expect(() => new WebSocket('nonsense')).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    expect(() => new WebSocket('ws://localhost/', ['a', 'a'])).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
  })

  it('WebSockets Standard §3.1: a failure is an error event with its cause, then close with 1006', async () => {
    const socket = new WebSocket('ws://127.0.0.1:1')
    const error = new Promise<{ error: unknown }>((resolve) => {
      socket.onerror = resolve
    })
    const over = closed(socket)
    expect((await error).error).toMatchObject({ name: 'HandshakeError', reason: 'unreachable' })
    expect(await over).toMatchObject({ code: 1006, wasClean: false })
  })

  it('WebSockets Standard §3.1: close while connecting gives the handshake up', async () => {
    const server = await scripted({ connect: () => true })
    const socket = new WebSocket(server.url, [], { tls: { ca: certificate.ca } })
    await until(() => server.tried.length === 1)
    const over = closed(socket)
    socket.close()
    expect(await over).toMatchObject({ code: 1006, wasClean: false })
  })
})

describe('the signal of a socket that is there before its handshake', () => {
  it.each(['a', 'an aborted'])('gives the handshake up: %s signal', async (kind) => {
    const server = await scripted({ connect: () => true })
    const giveUp = new AbortController()
    const reason = new Error('not any more')
    if (kind !== 'a') giveUp.abort(reason)
    const options = { signal: giveUp.signal, tls: { ca: certificate.ca } }
    const socket = new WebSocket(server.url, [], options)
    const stream = new WebSocketStream(server.url, options)
    const error = new Promise((resolve) => {
      socket.onerror = (event) => resolve(event.error)
    })
    setTimeout(() => giveUp.abort(reason), 20)
    expect(await error).toMatchObject({ reason: 'aborted', cause: reason })
    await expect(stream.opened).rejects.toMatchObject({ reason: 'aborted', cause: reason })
  })

  it('means nothing once the socket is open', async () => {
    const { url } = await start()
    const giveUp = new AbortController()
    const stream = new WebSocketStream(url, { signal: giveUp.signal, tls: { ca: certificate.ca } })
    const { readable, writable } = await stream.opened
    giveUp.abort()
    await writable.getWriter().write('hello')
    expect(await readable.getReader().read()).toEqual({ done: false, value: 'hello' })
    stream.close()
    await stream.closed
  })
})

describe('times', () => {
  it('Infinity is never, wherever a time is taken', async () => {
    const { server, url } = await start()
    const times = { timeout: Infinity, settingsTimeout: Infinity, connectTimeout: Infinity }
    const patient = dialer(times, { idleTimeout: Infinity })
    const first = await patient.dial(url, { http2: 'only' })
    expect(await echoes(first, 'hello')).toBe('hello')
    first.close()
    await new Promise((resolve) => first.addEventListener('close', resolve))
    const second = await patient.dial(url, { http2: 'only' })
    const upgraded = await patient.dial(url, { http2: 'off' })
    expect([second.streamId, await echoes(second, 'again'), await echoes(upgraded, 'too')]).toEqual([3, 'again', 'too'])
    const codes: number[] = []
    for (const socket of [second, upgraded]) socket.onclose = ({ code }) => codes.push(code)
    await server.close({ drain: Infinity })
    expect(codes).toEqual([1001, 1001])
  })

  it('a misspelt version is refused, not taken for one that is there', async () => {
    const misspelt: object = { http2: 'never' }
    await expect(dialer().dial('ws://localhost:1/', misspelt)).rejects.toThrow(/http2 must be .*not never/)
  })

  it.each([{ timeout: Number.NaN }, { timeout: -1 }, { settingsTimeout: Number.NaN }])(
    'what is no time is the mistake of the caller: %o',
    async (options) => {
      await expect(dialer().dial('wss://localhost:1/', options)).rejects.toThrow(UsageError)
    },
  )
})

describe('the words for a failure of TLS', () => {
  it('are of people, not of source files', async () => {
    const { url } = await start({ tls: undefined })
    const failure = dialer().dial(url.replace('ws:', 'wss:'))
    await expect(failure).rejects.toMatchObject({ reason: 'tls', code: 'ERR_SSL_WRONG_VERSION_NUMBER' })
    await expect(failure).rejects.toThrow(/: TLS failed: wrong version number \(ERR_SSL_WRONG_VERSION_NUMBER\)$/)
  })
})
