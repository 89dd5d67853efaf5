import { get as httpsGet } from 'node:https'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { WebSocket as WsSocket } from 'ws'
import { type DemoCertificate, makeCertificate } from '../../src/demo/certificate.ts'
import { connect, type Server, webSocket } from '../../src/runtime/node/index.ts'
import { later, rawClient, start, statuses } from './support/http1.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'
const echo = webSocket({ message: (socket, data) => void socket.send(data) })
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

let certificate: DemoCertificate
beforeAll(async () => {
  certificate = await makeCertificate('localhost')
})

const fetchVersion = {
  fetch: (_request: Request, info: { stream: { httpVersion: string } }) => new Response(info.stream.httpVersion),
}

describe('one port in clear', () => {
  it('RFC 9113 §3.3: the first octets decide between HTTP/2 and HTTP/1.1', async () => {
    const server = await start(fetchVersion)
    const session = await connect(server.url)
    later(() => session.close({ drain: 0 }))
    expect(await (await session.fetch('/')).text()).toBe('2')
    expect(await (await fetch(server.url)).text()).toBe('1.1')
  })

  it.each([
    ['HTTP/1.1', GET, 'HTTP/1.1 200 OK'],
    ['HTTP/2', PREFACE, '\0\0\0\x04\x01\0\0\0\0'],
    ['a method that begins as the preface', 'PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n', 'HTTP/1.1 200 OK'],
  ])('octet by octet, it finds %s', async (_name, octets, answer) => {
    const client = await rawClient(await start(fetchVersion))
    for (const octet of octets) {
      client.socket.write(octet, 'latin1')
      await new Promise((resolve) => setImmediate(resolve))
    }
    await client.until(answer)
  })

  it('what is neither is refused as HTTP/1.1 is, and the server goes on', async () => {
    const server = await start(fetchVersion)
    for (const text of [
      'PRI * HTTP/1.1\r\nHost: a\r\n\r\n',
      '\x16\x03\x01\0\xee\x01',
      '\r\n\r\nnonsense\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n',
    ]) {
      expect(statuses(await (await rawClient(server, text)).ended)).toEqual(['400'])
    }
    expect(await (await fetch(server.url)).text()).toBe('1.1')
  })

  it.each([
    ['says nothing', '', ''],
    ['stops in the preface', PREFACE.slice(0, 12), ''],
    ['stops in the head of a request', 'GET / HTTP/1.1\r\nHost:', '408'],
  ])('RFC 9113 §10.5: a client that %s is let go in time', async (_name, text, status) => {
    const server = await start({ ...fetchVersion, limits: { prefaceTimeout: 60 } })
    const client = await rawClient(server, text)
    expect(statuses(await client.ended).join()).toBe(status)
  })

  it('a trickle gains no time, and who leaves before he has spoken harms nothing', async () => {
    const server = await start({ ...fetchVersion, limits: { prefaceTimeout: 80 } })
    const begun = performance.now()
    const client = await rawClient(server)
    const trickle = setInterval(() => client.socket.write('P'), 20)
    client.socket.write('')
    client.socket.once('end', () => clearInterval(trickle))
    await client.ended
    clearInterval(trickle)
    expect(performance.now() - begun).toBeLessThan(2000)
    const gone = await rawClient(server, 'PR')
    gone.socket.resetAndDestroy()
    const finished = await rawClient(server, 'PR')
    finished.socket.end()
    expect(await finished.ended).toBe('')
    expect(await (await fetch(server.url)).text()).toBe('1.1')
  })

  it('a connection that is kept and not used is closed in time', async () => {
    const server = await start({ ...fetchVersion, limits: { idleTimeout: 50 } })
    const client = await rawClient(server, GET)
    expect(statuses(await client.ended)).toEqual(['200'])
  })
})

describe('one port over TLS', () => {
  const startTls = (options = {}) =>
    start({
      tls: { key: certificate.key, cert: certificate.cert },
      connect: { websocket: echo },
      ...fetchVersion,
      ...options,
    })

  function handshake(server: Server, ALPNProtocols?: string[]): Promise<TLSSocket | Error> {
    return new Promise((resolve) => {
      const { port } = server.address
      const socket = connectTls({
        port,
        ca: certificate.ca,
        servername: 'localhost',
        ...(ALPNProtocols && { ALPNProtocols }),
      })
      later(() => socket.destroy())
      socket.on('secureConnect', () => resolve(socket)).on('error', resolve)
    })
  }

  it.each([
    ['h2', ['http/1.1', 'h2']],
    ['http/1.1', ['http/1.1']],
    [false, undefined],
  ])('RFC 7301 §3.2: the server prefers h2 and answers %s to %j', async (answer, offer) => {
    const socket = await handshake(await startTls(), offer)
    expect((socket as TLSSocket).alpnProtocol).toBe(answer)
  })

  it('RFC 9113 §3.2: carries both, fetch and WebSockets', async () => {
    const server = await startTls()
    const session = await connect(server.url, { tls: { ca: certificate.ca } })
    later(() => session.close({ drain: 0 }))
    expect(await (await session.fetch('/')).text()).toBe('2')
    const text = await new Promise<string>((resolve, reject) => {
      httpsGet(server.url, { ca: certificate.ca }, async (response) =>
        resolve(String((await response.read()) ?? (await new Promise((r) => response.once('data', r))))),
      ).on('error', reject)
    })
    expect(text).toBe('1.1')
    const socket = new WsSocket(server.url.replace('https', 'wss'), { ca: certificate.ca })
    later(() => socket.terminate())
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
    socket.send('secure')
    expect(String(await new Promise((resolve) => socket.once('message', resolve)))).toBe('secure')
  })

  it('RFC 9113 §10.5: a client that says nothing behind its handshake is let go in time', async () => {
    const socket = await handshake(await startTls({ limits: { prefaceTimeout: 60 } }))
    if (socket instanceof Error) throw socket
    await new Promise((resolve) => socket.resume().on('close', resolve))
  })

  it('RFC 9113 §3.2: with HTTP/1.1 switched off, only h2 gets in', async () => {
    const server = await startTls({ http1: false })
    expect(await handshake(server, ['http/1.1'])).toBeInstanceOf(Error)
    const bare = (await handshake(server)) as TLSSocket
    expect(
      await new Promise((resolve) => bare.on('data', () => resolve('data')).on('close', () => resolve('closed'))),
    ).toBe('closed')
  })
})

describe('closing a server that speaks HTTP/1.1', () => {
  it('RFC 9112 §9.6: idle connections end at once, those at work when their response is out', async () => {
    const finish: (() => void)[] = []
    const server = await start({
      fetch: (request) =>
        request.url.endsWith('/slow')
          ? new Promise((resolve) => finish.push(() => resolve(new Response('done'))))
          : new Response('quick'),
    })
    const idle = await rawClient(server, GET)
    await idle.until('quick')
    const silent = await rawClient(server)
    const slow = await rawClient(server, 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
    while (finish.length === 0) await pause(1)
    const closing = server.close({ drain: 5000 })
    await idle.ended
    finish[0]!()
    const answer = await slow.ended
    expect(answer.endsWith('done')).toBe(true)
    expect(answer).toMatch(/\r\nconnection: close\r\n/i)
    await closing
    await silent.ended
  })

  it('a response that has begun is finished; what is left after the drain is cut off', async () => {
    const write: ((text: string | undefined) => void)[] = []
    let warned = 0
    const server = await start({
      connect: {
        websocket: ({ stream }) => {
          stream.respond([{ name: ':status', value: '200' }])
          const forget = stream.whenDraining?.(() => expect.unreachable('taken back'))
          stream.whenDraining?.(() => warned++)
          forget?.()
        },
      },
      onStream(stream) {
        if (stream.fields[0]!.value === 'CONNECT') return false
        stream.respond([{ name: ':status', value: '200' }])
        write.push((text) => (text === undefined ? stream.end() : void stream.write(Buffer.from(text))))
        return true
      },
    })
    const begun = await rawClient(server, GET)
    await begun.until('200 OK')
    const stuck = await rawClient(server, GET)
    await stuck.until('200 OK')
    const socket = new WsSocket(server.url.replace('http', 'ws'))
    await new Promise((resolve) => socket.on('open', resolve))
    const closed = new Promise((resolve) => socket.on('close', resolve))
    const closing = server.close({ drain: 100 })
    expect(warned).toBe(1)
    write[0]!('rest')
    write[0]!(undefined)
    expect((await begun.ended).endsWith('4\r\nrest\r\n0\r\n\r\n')).toBe(true)
    await closing
    expect(await closed).toBe(1006)
    await stuck.ended
  })
})
