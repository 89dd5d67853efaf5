import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket as WsSocket } from 'ws'
import { connect, type OriginSession } from '../../src/runtime/node/index.ts'
import { Program } from './program.ts'

let program: Program
let session: OriginSession
let url: string

beforeAll(async () => {
  program = new Program('--h2c', '--port', '0')
  url = await program.url()
  session = await connect(url)
})

afterAll(async () => {
  await session.close({ drain: 1000 })
  program.signal('SIGKILL')
  const { stderr } = await program.ended
  // No request here is a fault of the demo's own handlers.
  expect(stderr).toBe('')
})

/** The message a socket gets next. */
function next(socket: Awaited<ReturnType<OriginSession['webSocket']>>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.onmessage = (event) => resolve(event.data)
    socket.onclose = (event) => reject(new Error(`closed with ${event.code}`))
  })
}

/** A socket on `/chat` whose greeting has come: without somebody listening it would be lost. */
async function greetedSocket() {
  const socket = await session.webSocket('/chat')
  await next(socket)
  return socket
}

describe('demo: requests', () => {
  test.each(['/hello', '/hello/', '/hello/you/there', '/hello?a=b', '/hello-fetch'])('GET %s', async (path) => {
    const response = await session.fetch(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/plain')
    expect(response.headers.get('content-length')).toBe('11')
    expect(await response.text()).toBe('hello world')
  })

  test.each(['/hello', '/bytes/5', '/', '/nothing'])('RFC 9110 §9.3.2: HEAD %s has no body', async (path) => {
    const response = await session.fetch(path, { method: 'HEAD' })
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0)
    expect((await response.arrayBuffer()).byteLength).toBe(0)
  })

  test.each([0, 1, 5, 64_256, 64_257, 100_000, 1_048_576])(
    'GET /bytes/%i: each byte is in its place',
    async (count) => {
      const response = await session.fetch(`/bytes/${count}`)
      expect(response.headers.get('content-length')).toBe(String(count))
      const bytes = new Uint8Array(await response.arrayBuffer())
      expect(bytes.length).toBe(count)
      expect(bytes.every((byte, i) => byte === i % 251)).toBe(true)
    },
  )

  test('GET /bytes/1000000000000 begins at once and can be left', async () => {
    const response = await session.fetch('/bytes/1000000000000')
    const reader = response.body?.getReader()
    expect((await reader?.read())?.value?.length).toBeGreaterThan(0)
    await reader?.cancel()
    expect((await session.fetch('/hello')).status).toBe(200)
  })

  test.each([0, 5, 100_000, 3_000_000])('POST /echo gives %i bytes back', async (count) => {
    const sent = Uint8Array.from({ length: count }, (_, i) => (i * 7) % 256)
    const response = await session.fetch('/echo', { method: 'POST', body: sent })
    expect(response.status).toBe(200)
    expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), Buffer.from(sent))).toBe(0)
  })

  test('POST /echo answers while the request still goes on', async () => {
    let send: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        send = controller
      },
    })
    const response = await session.fetch('/echo', { method: 'POST', body, duplex: 'half' })
    const reader = response.body?.getReader()
    for (const text of ['one', 'two']) {
      send?.enqueue(new TextEncoder().encode(text))
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(text)
    }
    send?.close()
    expect((await reader?.read())?.done).toBe(true)
  })

  test('RFC 9110 §15.5.6: GET /echo is told what is allowed', async () => {
    const response = await session.fetch('/echo')
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST, PUT')
  })

  test.each([
    '/nothing',
    '/hellos',
    '/bytes/',
    '/bytes/x',
    '/bytes/-1',
    '/bytes/1e3',
    '/bytes/9999999999999999',
    '/chat',
  ])('GET %s is not found', async (path) => expect((await session.fetch(path)).status).toBe(404))

  test.each(['/__proto__', '/constructor', '/../package.json', '/%2e%2e/package.json', '/page/index.html'])(
    'GET %s finds no file either',
    async (path) => {
      const stream = await session.session.request(
        [
          { name: ':method', value: 'GET' },
          { name: ':scheme', value: 'http' },
          { name: ':authority', value: 'localhost' },
          { name: ':path', value: path },
        ],
        { endStream: true },
      )
      expect((await stream.response())[0]).toMatchObject({ name: ':status', value: '404' })
    },
  )

  test('a POST where nothing is posted is not found, and its body holds nobody up', async () => {
    for (let i = 0; i < 8; i++) {
      const response = await session
        .fetch('/nothing', { method: 'POST', body: new Uint8Array(400_000) })
        .catch(() => undefined)
      expect(response?.status ?? 404).toBe(404)
    }
    const response = await session.fetch('/echo', { method: 'POST', body: 'still here' })
    expect(await response.text()).toBe('still here')
  })
})

describe('demo: the page', () => {
  test.each([
    ['/', 'text/html; charset=utf-8', '<!doctype html>'],
    ['/page.css', 'text/css; charset=utf-8', 'color-scheme'],
    ['/page.js', 'text/javascript; charset=utf-8', 'WebSocket'],
  ])('GET %s', async (path, type, content) => {
    const response = await session.fetch(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('server-timing')).toMatch(/^stream;desc="\d+", connection;desc="1"$/)
    expect(await response.text()).toContain(content)
  })

  test('it needs nothing from elsewhere', async () => {
    const page = await (await session.fetch('/')).text()
    const loads = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1])
    expect(loads.length).toBeGreaterThan(1)
    for (const load of loads) expect(load).toMatch(/^(\/[a-z.]+$|data:image\/svg)/)
  })
})

describe('demo: WebSockets', () => {
  test.each(['/echo', '/echo-whatwg', '/echo?x=1'])('RFC 8441 §5: %s gives text and bytes back', async (path) => {
    const socket = await session.webSocket(path)
    socket.binaryType = 'arraybuffer'
    for (const text of ['', 'hello', 'žluťoučký 🐎', 'x'.repeat(1_000_000)]) {
      const answer = next(socket)
      socket.send(text)
      expect(await answer).toBe(text)
    }
    for (const size of [0, 5, 100_000]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => i % 256)
      const answer = next(socket)
      socket.send(bytes)
      expect(Buffer.compare(Buffer.from((await answer) as ArrayBuffer), Buffer.from(bytes))).toBe(0)
    }
    const closed = new Promise<unknown>((done) => {
      socket.onclose = ({ code, reason, wasClean }) => done({ code, reason, wasClean })
    })
    socket.close(3001, 'done')
    expect(await closed).toEqual({ code: 3001, reason: 'done', wasClean: true })
  })

  test('RFC 9113 §5.1.1: /chat tells each socket its stream, all on one connection', async () => {
    const greetings: { type: string; stream: number; connection: number; protocol: string }[] = []
    const sockets = []
    for (let i = 0; i < 3; i++) {
      const socket = await session.webSocket('/chat')
      sockets.push(socket)
      greetings.push(JSON.parse(String(await next(socket))))
    }
    for (const { type, connection, protocol } of greetings) {
      expect({ type, connection, protocol }).toEqual({ type: 'welcome', connection: 1, protocol: 'websocket' })
    }
    const streams = greetings.map(({ stream }) => stream)
    expect(streams).toEqual([...streams].sort((a, b) => a - b))
    expect(new Set(streams).size).toBe(3)
    for (const stream of streams) expect(stream % 2).toBe(1)
    for (const socket of sockets) socket.close()
  })

  test('/chat carries what one says to another', async () => {
    const [ada, grace] = [await greetedSocket(), await greetedSocket()]
    for (const [socket, name] of [
      [ada, 'Ada'],
      [grace, 'Grace'],
    ] as const) {
      const joined = next(socket)
      socket.send(JSON.stringify({ type: 'join', name }))
      expect(JSON.parse(String(await joined))).toMatchObject({ type: 'joined', name })
    }
    const heard = next(grace)
    ada.send(JSON.stringify({ type: 'say', text: 'hello, Grace' }))
    expect(JSON.parse(String(await heard))).toEqual({ type: 'said', name: 'Ada', text: 'hello, Grace', own: false })
    ada.close()
    grace.close()
  })

  test('RFC 6455 §7.4.1: /chat closes with 1009 after a message that is too big', async () => {
    const socket = await session.webSocket('/chat')
    await next(socket)
    const closed = new Promise<number>((done) => {
      socket.onclose = (event) => done(event.code)
    })
    socket.send(new Uint8Array(65_537))
    expect(await closed).toBe(1009)
  })

  test.each(['/', '/hello', '/nothing', '/__proto__'])('a WebSocket on %s is not found', async (path) => {
    await expect(session.webSocket(path)).rejects.toMatchObject({ reason: 'status', status: 404 })
  })

  test('RFC 8441 §4: another :protocol is not implemented', async () => {
    await expect(session.connect({ protocol: 'connect-udp', path: '/echo' })).rejects.toMatchObject({ status: 501 })
  })
})

describe('demo: the same over HTTP/1.1', () => {
  test('RFC 9110 §2.5: the routes answer the same', async () => {
    for (const path of ['hello', 'hello-fetch', 'bytes/100000', 'nothing']) {
      const [one, two] = [await fetch(url + path), await session.fetch(`/${path}`)]
      expect(one.status).toBe(two.status)
      expect(one.headers.get('content-length')).toBe(two.headers.get('content-length'))
      expect(Buffer.compare(Buffer.from(await one.arrayBuffer()), Buffer.from(await two.arrayBuffer()))).toBe(0)
    }
    const body = 'x'.repeat(300_000)
    expect(await (await fetch(`${url}echo`, { method: 'POST', body })).text()).toBe(body)
    const refused = await fetch(`${url}hello`, { method: 'POST', body })
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('the page comes with its connection, and may open WebSockets in clear', async () => {
    const response = await fetch(url)
    expect(await response.text()).toMatch(/^<!doctype html>/)
    expect(response.headers.get('server-timing')).toMatch(/^connection;desc="\d+"$/)
    expect(response.headers.get('content-security-policy')).toMatch(/connect-src 'self' ws:;/)
  })

  test('RFC 6455 §4.2.2: WebSockets open by Upgrade', async () => {
    const open = (path: string) => new WsSocket(url.replace('http', 'ws') + path, { maxPayload: 2 ** 25 })
    const chat = open('chat')
    const welcome = JSON.parse(String(await new Promise((resolve) => chat.on('message', resolve))))
    expect(welcome).toEqual({ type: 'welcome', version: '1.1', connection: expect.any(Number), protocol: 'websocket' })
    chat.close()
    for (const path of ['echo', 'echo-whatwg']) {
      const socket = open(path)
      await new Promise((resolve) => socket.on('open', resolve))
      expect(socket.extensions).toMatch(/^permessage-deflate/)
      const largest = Buffer.alloc(2 ** 24, 'abc')
      socket.send(largest)
      expect(Buffer.compare((await new Promise((resolve) => socket.once('message', resolve))) as Buffer, largest)).toBe(
        0,
      )
      socket.close(3002)
      expect(await new Promise((resolve) => socket.on('close', resolve))).toBe(3002)
    }
    const lost = open('nothing')
    expect(await new Promise((resolve) => lost.on('error', ({ message }) => resolve(message)))).toMatch('404')
  })
})
