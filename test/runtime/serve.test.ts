import { type AddressInfo, connect as connectTcp, createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  connect,
  ErrorCode,
  nodePlatform,
  type OriginSession,
  type ServeOptions,
  type Server,
  serve,
} from '../../src/runtime/node/index.ts'
import { bytes, get, OK, readText } from '../session/support/pair.ts'

const cleanup: (() => unknown)[] = []

afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo()
})

async function start(options: ServeOptions): Promise<{ server: Server; session: OriginSession }> {
  const server = await serve({ host: '127.0.0.1', ...options })
  cleanup.push(() => server.close({ drain: 0 }))
  const session = await connect(`http://127.0.0.1:${server.address.port}`)
  cleanup.push(() => session.close({ drain: 0 }))
  return { server, session }
}

/** A TCP server that accepts and does what a test says. */
async function foreign(): Promise<number> {
  const server = createServer((socket) => void socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanup.push(() => server.close())
  return (server.address() as AddressInfo).port
}

describe('serve and connect in clear, by prior knowledge', () => {
  it('RFC 9113 §3.3: a stream handler answers a request', async () => {
    const { session, server } = await start({
      onStream(stream) {
        stream.respond(OK)
        stream.end(bytes('hello'))
      },
    })
    const stream = await session.session.request(get(), { endStream: true })
    expect((await stream.response())[0]!.value).toBe('200')
    expect(await readText(stream)).toBe('hello')
    expect(server.sessions.size).toBe(1)
    expect(await session.ping()).toBeGreaterThanOrEqual(0)
    expect(session.state).toBe('open')
  })

  it('answers fetch with fetch, relative to the origin', async () => {
    const { session, server } = await start({
      fetch: async (request) => new Response(`${request.method} ${request.url} ${await request.text()}`),
    })
    const response = await session.fetch('/a?b', { method: 'POST', body: 'body' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(`POST http://127.0.0.1:${server.address.port}/a?b body`)
  })

  it('a stream handler goes before fetch, and leaves it what it does not take', async () => {
    const { session } = await start({
      onStream(stream) {
        const mine = stream.fields.some(({ name, value }) => name === ':path' && value === '/mine')
        if (mine) stream.respond([{ name: ':status', value: '204' }], { endStream: true })
        return mine
      },
      fetch: () => new Response('fetched'),
    })
    expect((await session.fetch('/mine')).status).toBe(204)
    expect(await (await session.fetch('/other')).text()).toBe('fetched')
  })

  it('RFC 8441 §3: advertises extended CONNECT only with a handler for it', async () => {
    const without = await start({ fetch: () => new Response() })
    expect((await without.session.session.ready()).enableConnectProtocol).toBe(false)
    const tunnel = await start({
      connect: {
        'echo-bytes': ({ stream }) => {
          stream.respond(OK)
          stream.onData = (data, endStream) => (endStream ? stream.end(data.slice()) : void stream.write(data.slice()))
        },
      },
    })
    expect((await tunnel.session.session.ready()).enableConnectProtocol).toBe(true)
    const stream = await tunnel.session.connect({ protocol: 'echo-bytes', path: '/' })
    stream.end(bytes('through'))
    expect(await readText(stream)).toBe('through')
  })

  it('RFC 9113 §5.1.2: advertises the number of streams that was asked for', async () => {
    const { session } = await start({ maxConcurrentStreams: 7, onStream: () => {} })
    expect((await session.session.ready()).maxConcurrentStreams).toBe(7)
  })

  it('RFC 9113 §6.8: close drains, and ends with every connection closed', async () => {
    const { session, server } = await start({
      onStream(stream) {
        stream.respond(OK)
        setTimeout(() => stream.end(bytes('slow')), 50)
      },
    })
    const stream = await session.session.request(get(), { endStream: true })
    await stream.response()
    const closing = server.close({ drain: 5000 })
    expect(await readText(stream)).toBe('slow')
    await closing
    await session.closed
    expect(session.error).toBeUndefined()
    expect(server.sessions.size).toBe(0)
    await expect(connect(`http://127.0.0.1:${server.address.port}`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.close()
  })

  it('close does not wait for a client that hangs', async () => {
    const server = await serve({ host: '127.0.0.1', http1: false, onStream: () => {} })
    const socket = connectTcp({ port: server.address.port, host: '127.0.0.1', allowHalfOpen: true })
    await new Promise<void>((resolve) => socket.on('connect', resolve))
    socket.on('error', () => {})
    while (server.sessions.size === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    const begun = performance.now()
    await server.close({ drain: 20 })
    expect(performance.now() - begun).toBeLessThan(2500)
    socket.destroy()
  })

  it('both can be disposed of', async () => {
    const server = await serve({ host: '127.0.0.1', onStream: () => {} })
    const session = await connect(`http://127.0.0.1:${server.address.port}`)
    await session[Symbol.asyncDispose]()
    expect(session.state).toBe('closed')
    await server[Symbol.asyncDispose]()
    expect(server.sessions.size).toBe(0)
  })

  it('what a handler throws is a warning when nobody listens, and what a peer does is not', async () => {
    const { session, server } = await start({
      onStream() {
        throw new Error('a mistake in the handler')
      },
    })
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    const stream = await session.session.request(get(), { endStream: true })
    expect((await stream.response())[0]!.value).toBe('500')
    expect((await warned).message).toBe('a mistake in the handler')

    const warnings: Error[] = []
    const note = (warning: Error) => void warnings.push(warning)
    process.on('warning', note)
    session.session.abort(ErrorCode.PROTOCOL_ERROR)
    await session.closed
    const socket = connectTcp(server.address.port, '127.0.0.1', () => socket.resetAndDestroy())
    await new Promise((resolve) => socket.on('close', resolve))
    while (server.sessions.size > 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)
    expect(warnings).toEqual([])
  })

  it('RFC 9113 §3.4: with HTTP/1.1 switched off its client gets a GOAWAY, and the server goes on', async () => {
    const errors: unknown[] = []
    const { session, server } = await start({
      http1: false,
      fetch: () => new Response('ok'),
      onError: (error) => errors.push(error),
    })
    const socket = connectTcp(server.address.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'))
    const chunks: Buffer[] = []
    await new Promise((resolve) => socket.on('data', (chunk) => chunks.push(chunk)).on('end', resolve))
    expect(Buffer.concat(chunks).includes(Buffer.from([7, 0, 0, 0, 0, 0]))).toBe(true)
    expect(errors).toMatchObject([{ name: 'ConnectionError' }])
    expect((await session.fetch('/')).status).toBe(200)
  })
})

describe('what can go wrong at the start', () => {
  it('rejects with the system error when the port is in use', async () => {
    const port = await foreign()
    await expect(serve({ host: '127.0.0.1', port, onStream: () => {} })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('rejects with the system error when nobody listens', async () => {
    await expect(connect('http://127.0.0.1:1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('rejects with the reason of the signal, before and during', async () => {
    await expect(connect('http://127.0.0.1:1', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
    const port = await foreign()
    const controller = new AbortController()
    const attempt = connect(`https://127.0.0.1:${port}`, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 20)
    await expect(attempt).rejects.toThrow('enough')
  })

  it('rejects when TLS does not come to stand in time', async () => {
    const port = await foreign()
    await expect(connect(`https://127.0.0.1:${port}`, { connectTimeout: 30 })).rejects.toThrow('within 30 ms')
  })

  it('takes http: and https: only', async () => {
    await expect(connect('ftp://localhost')).rejects.toThrow('not ftp:')
    await expect(connect('nonsense')).rejects.toThrow(/URL/)
  })
})

describe('nodePlatform', () => {
  it('measures time, keeps text and hashes', () => {
    expect(nodePlatform.now()).toBeLessThanOrEqual(nodePlatform.now())
    expect(nodePlatform.decodeText(nodePlatform.encodeText('\ufeffgrün \u{1f600}'))).toBe('\ufeffgrün \u{1f600}')
    // the example of RFC 6455 §1.3
    const input = 'dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
    const accept = Buffer.from(nodePlatform.sha1(nodePlatform.encodeText(input))).toString('base64')
    expect(accept).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    const random = new Uint8Array(64)
    nodePlatform.fillRandom(random)
    expect(new Set(random).size).toBeGreaterThan(16)
  })

  it('has timers that do not keep a process alive', () => {
    const timer = nodePlatform.setTimer(() => {}, 60_000) as NodeJS.Timeout
    expect(timer.hasRef()).toBe(false)
    nodePlatform.clearTimer(timer)
  })
})
