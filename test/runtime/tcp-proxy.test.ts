import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  connect,
  ErrorCode,
  type OriginSession,
  type ProxyHandler,
  type ServeOptions,
  serve,
  tcpProxy,
  tunnelStreams,
} from '../../src/runtime/node/index.ts'

const cleanup: (() => unknown)[] = []
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end()
})

/** A TCP server; its port. */
async function target(accept: (socket: Socket) => void): Promise<number> {
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    cleanup.push(() => socket.destroy())
    socket.on('error', () => undefined)
    accept(socket)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  cleanup.push(() => listener.close())
  return (listener.address() as AddressInfo).port
}

async function through(proxy: ProxyHandler, options?: ServeOptions): Promise<OriginSession> {
  const server = await serve({ host: '127.0.0.1', proxy, ...options })
  cleanup.push(() => server.close({ drain: 0 }))
  const session = await connect(server.url)
  cleanup.push(() => session.close({ drain: 0 }))
  return session
}

const echo = (socket: Socket): void => void socket.pipe(socket)

describe('tcpProxy', () => {
  it('RFC 9113 §8.5: joins the client to a TCP server, as Web Streams too', async () => {
    const port = await target(echo)
    const seen: unknown[] = []
    const session = await through(
      tcpProxy({
        allow({ host, port, authority, headers }) {
          seen.push(host, port, authority, headers.get('proxy-authorization'))
          return true
        },
      }),
    )
    const authority = `127.0.0.1:${port}`
    const tunnel = await session.connect({ authority, headers: { 'proxy-authorization': 'Basic eA==' } })
    expect(seen).toEqual(['127.0.0.1', port, authority, 'Basic eA=='])
    const { readable, writable } = tunnelStreams(tunnel)
    const writer = writable.getWriter()
    const sent = new Uint8Array(3_000_000).map((_, i) => i * 7)
    const writing = (async () => {
      for (let i = 0; i < sent.length; i += 50_000) await writer.write(sent.subarray(i, i + 50_000))
      await writer.close()
    })()
    const got: Uint8Array[] = []
    for await (const chunk of readable) got.push(chunk)
    await writing
    expect(Buffer.compare(Buffer.concat(got), sent)).toBe(0)
  })

  it('RFC 9113 §5.2: a client that does not read stops the TCP server, and one that writes is stopped by it', async () => {
    let socket!: Socket
    const port = await target((one) => {
      socket = one
      one.pause()
    })
    const session = await through(tcpProxy({ allow: () => true }))
    const tunnel = await session.connect({ authority: `127.0.0.1:${port}` })
    // Upwards: the target reads nothing, so the tunnel has no room after some megabytes of the system's buffers.
    const piece = new Uint8Array(1_000_000)
    let written = 0
    const settled = async (): Promise<void> => {
      for (let seen = -1; seen !== written; ) {
        seen = written
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
    }
    const writing = (async () => {
      for (; written < 60; written++) {
        tunnel.write(piece)
        await tunnel.drained()
      }
    })()
    await settled()
    expect(written).toBeLessThan(40)
    socket.resume()
    await writing
    // Downwards: nobody reads the tunnel.
    let room = true
    let sent = 0
    for (; sent < 60 && room; sent++) {
      room = socket.write(piece)
      if (!room) room = await Promise.race([once(socket, 'drain').then(() => true), wait(300).then(() => false)])
    }
    expect(sent).toBeLessThan(40)
    let received = 0
    tunnel.onData = (data) => {
      received += data.length
    }
    while (received < sent * piece.length) await wait(5)
  })

  it.each<[string, number, (port: number) => ProxyHandler, string?]>([
    ['is not allowed', 403, () => tcpProxy({ allow: async () => false })],
    ['does not listen', 502, () => tcpProxy({ allow: () => true }), '127.0.0.1:1'],
    ['has no name that anybody knows', 502, () => tcpProxy({ allow: () => true }), 'nowhere.invalid:80'],
    ['does not answer in time', 504, () => tcpProxy({ allow: () => true, connectTimeout: 50 }), '192.0.2.1:80'],
  ])('RFC 9110 §9.3.6: a target that %s is %i', async (_, status, proxy, authority) => {
    const port = await target(echo)
    const session = await through(proxy(port))
    const tunnel = session.connect({ authority: authority ?? `127.0.0.1:${port}` })
    const failure = await tunnel.catch((error: unknown) => error)
    // Without any network the last address is refused at once instead of being waited for.
    const allowed = status === 504 ? [504, 502] : [status]
    expect(failure).toMatchObject({ name: 'HandshakeError', reason: 'status' })
    expect(allowed).toContain((failure as { status: number }).status)
    expect(session.state).toBe('open')
  })

  it.each(['localhost', 'localhost:', 'localhost:0', 'localhost:65536', 'a:b:1', '[::1]', 'user@host:1', 'host:1/x'])(
    'RFC 9110 §9.3.6: the authority %s is refused with 400, and not sent by ours',
    async (authority) => {
      const asked: unknown[] = []
      const session = await through((request) => void asked.push(request))
      await expect(session.connect({ authority })).rejects.toMatchObject({ name: 'UsageError' })
      const fields = [
        { name: ':method', value: 'CONNECT' },
        { name: ':authority', value: authority },
      ]
      const outcome = await session.session.request(fields).then(
        async (stream) => (await stream.response())[0]!.value,
        (error: Error) => error.name,
      )
      // An authority that can't be one is malformed before a handler could be asked. RFC 9113 §8.3.1
      expect(['400', 'StreamError', 'UsageError']).toContain(outcome)
      expect(asked).toEqual([])
    },
  )

  it('RFC 9110 §9.3.6: an IPv6 address comes without its brackets', async () => {
    const hosts: unknown[] = []
    const session = await through(({ host, port, stream }) => {
      hosts.push(host, port)
      stream.respond([{ name: ':status', value: '403' }], { endStream: true })
    })
    await expect(session.connect({ authority: '[2001:db8::1]:443' })).rejects.toMatchObject({ status: 403 })
    expect(hosts).toEqual(['2001:db8::1', 443])
  })

  it('a handler that throws is a 500, and onError hears', async () => {
    const errors: unknown[] = []
    const failure = new Error('of the handler')
    const session = await through(
      tcpProxy({
        allow() {
          throw failure
        },
      }),
      { onError: (error) => errors.push(error) },
    )
    await expect(session.connect({ authority: 'host:1' })).rejects.toMatchObject({ status: 500 })
    expect(errors).toEqual([failure])
  })

  it('RFC 9113 §8.5: without a handler a plain CONNECT is 501, and needs no setting of RFC 8441', async () => {
    const server = await serve({ host: '127.0.0.1', fetch: () => new Response('x') })
    cleanup.push(() => server.close({ drain: 0 }))
    const session = await connect(server.url)
    cleanup.push(() => session.close({ drain: 0 }))
    await expect(session.connect({ authority: 'host:1' })).rejects.toMatchObject({ reason: 'status', status: 501 })
    expect(session.peerSettings.enableConnectProtocol).toBe(false)
  })

  it('a client that gives up while the target is slow leaves nothing behind', async () => {
    const session = await through(tcpProxy({ allow: () => wait(60).then(() => true) }))
    let accepted = 0
    const port = await target((socket) => {
      accepted++
      socket.on('close', () => accepted--)
    })
    const signal = AbortSignal.timeout(20)
    await expect(session.connect({ authority: `127.0.0.1:${port}`, signal })).rejects.toMatchObject({
      reason: 'aborted',
    })
    await wait(150)
    expect([accepted, session.session.streamCount]).toEqual([0, 0])
  })

  it('RFC 9113 §8.5: a tunnel on which nothing passes is broken off after idleTimeout, on both sides', async () => {
    const codes: unknown[] = []
    const port = await target((socket) => {
      socket.on('data', () => undefined)
      socket.on('error', (error: NodeJS.ErrnoException) => codes.push(error.code))
    })
    const session = await through(tcpProxy({ allow: () => true, idleTimeout: 200 }))
    const tunnel = await session.connect({ authority: `127.0.0.1:${port}` })
    tunnel.onReset = ({ code }) => codes.push(code)
    await wait(50)
    expect(codes).toEqual([])
    while (codes.length < 2) await wait(10)
    expect(codes).toEqual(expect.arrayContaining(['ECONNRESET', ErrorCode.CONNECT_ERROR]))
  })

  it('RFC 9110 §9.3.6: a client of HTTP/1.1 is joined too', async () => {
    const port = await target(echo)
    const server = await serve({ host: '127.0.0.1', proxy: tcpProxy({ allow: () => true }) })
    cleanup.push(() => server.close({ drain: 0 }))
    const request = httpRequest({
      host: '127.0.0.1',
      port: server.address.port,
      method: 'CONNECT',
      path: `127.0.0.1:${port}`,
    })
    request.end()
    const [response, socket] = (await once(request, 'connect')) as [{ statusCode: number }, Socket]
    expect(response.statusCode).toBe(200)
    socket.end('hello')
    let got = ''
    for await (const chunk of socket) got += chunk
    expect(got).toBe('hello')
  })
})

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
