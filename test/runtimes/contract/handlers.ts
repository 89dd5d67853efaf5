import {
  type ConnectHandler,
  type ConnectRequest,
  type Exchange,
  type FetchInfo,
  type Tunnel,
  tunnelStreams,
  webSocket,
  webSocketStream,
} from '../../../src/api/index.ts'
import { ErrorCode } from '../../../src/errors/index.ts'
import { joined, pattern, sleep, text, utf8 } from './check.ts'
import { honoApp } from './hono-app.ts'

/** What the server has seen of some request, by the `id` in its query: asked for over the same connection. */
const seen = new Map<string, unknown>()

const pathOf = (stream: Exchange): string => stream.fields.find(({ name }) => name === ':path')?.value ?? ''

/** Answers field by field what a `Response` can't say. */
async function onStream(stream: Exchange): Promise<boolean> {
  const path = pathOf(stream)
  if (path === '/trailers') {
    const body = await joined(stream)
    const received = stream.trailers?.find(({ name }) => name === 'x-sum')?.value ?? 'none'
    stream.respond([{ name: ':status', value: '200' }])
    stream.write(utf8(`${body.length} bytes`))
    stream.sendTrailers([{ name: 'x-sum', value: received }])
  } else if (path === '/hints') {
    stream.respond([
      { name: ':status', value: '103' },
      { name: 'link', value: '</style.css>; rel=preload' },
    ])
    stream.respond([{ name: ':status', value: '200' }])
    stream.end(utf8('hinted'))
  } else if (path === '/cookies') {
    // A browser takes `set-cookie` out of every `Response`. Fetch Standard §2.2.2.
    stream.respond(
      [
        { name: ':status', value: '204' },
        { name: 'set-cookie', value: 'a=1' },
        { name: 'set-cookie', value: 'b=2' },
      ],
      { endStream: true },
    )
  } else if (path === '/reset') {
    stream.respond([{ name: ':status', value: '200' }])
    stream.write(utf8('beginning'))
    await sleep(20)
    stream.reset(ErrorCode.INTERNAL_ERROR)
  } else return false
  return true
}

/** A body that is made as fast as it is taken, and notes how much that was. */
function counted(id: string, length: number): ReadableStream<Uint8Array> {
  let made = 0
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = pattern(Math.min(16_384, length - made), made)
        made += chunk.length
        seen.set(id, made)
        if (chunk.length > 0) controller.enqueue(chunk)
        if (made === length) controller.close()
      },
      cancel: () => void seen.set(`${id}-cancelled`, true),
    },
    { highWaterMark: 0 },
  )
}

/** Tells the code of the reset; it may have come before the handler was called. */
function onAbort(signal: AbortSignal, tell: (code: number | undefined) => void): void {
  const aborted = (): void => tell((signal.reason as { code?: number }).code)
  if (signal.aborted) aborted()
  else signal.addEventListener('abort', aborted)
}

async function fetch(request: Request, { stream }: FetchInfo): Promise<Response> {
  const url = new URL(request.url)
  const id = url.searchParams.get('id') ?? ''
  if (url.pathname.startsWith('/hono/')) return honoApp.fetch(request)
  switch (url.pathname) {
    case '/hello':
      return new Response('hello', { headers: { 'content-length': '5', 'x-method': request.method } })
    case '/echo':
      return new Response(request.body, { headers: { 'content-type': request.headers.get('content-type') ?? '' } })
    case '/status':
      return new Response(null, { status: Number(id) })
    case '/headers':
      // by way of what only a `Request` of the runtime's own can be used for
      return new Response(JSON.stringify([...new Request(request.clone()).headers]), {
        headers: [
          ['x-two', 'a'],
          ['x-two', 'b'],
        ],
      })
    case '/redirect':
      return new Response(null, { status: 302, headers: { location: '/hello' } })
    case '/count':
      return new Response(counted(id, Number(url.searchParams.get('length'))))
    case '/take': {
      await sleep(150)
      return new Response(String((await joined(request.body!)).length))
    }
    case '/hang':
      onAbort(request.signal, (code) => seen.set(id, code))
      return await new Promise<Response>(() => {})
    case '/seen':
      for (let i = 0; i < 200 && !seen.has(id); i++) await sleep(10)
      return Response.json(seen.get(id) ?? null)
    case '/throw':
      throw new Error('a mistake in the handler')
    case '/go-away':
      void stream.session?.close({ drain: 5000 })
      await sleep(20)
      return new Response('last words')
    default:
      return new Response('no such page', { status: 404 })
  }
}

/** One handler for `:protocol` websocket, by path: each shape that a WebSocket has on the server. */
const sockets: Readonly<Record<string, ConnectHandler>> = {
  '/ws/handler': webSocket({ protocols: ['echo'], message: (socket, data) => void socket.send(data) }),
  '/ws/deflate': webSocket({ perMessageDeflate: true, message: (socket, data) => void socket.send(data) }),
  '/ws/function': webSocket((socket) => {
    socket.binaryType = 'arraybuffer'
    socket.onmessage = ({ data }) => socket.send(data as string | ArrayBuffer)
  }),
  '/ws/streams': webSocketStream(async (socket) => {
    const { readable, writable } = await socket.opened
    await readable.pipeTo(writable)
  }),
  '/ws/closes': webSocket({ open: (socket) => socket.close(3333, 'enough'), message() {} }),
  '/ws/refused': webSocket({ accept: () => false, message() {} }),
}

function routeWebSocket(request: ConnectRequest): void | Promise<void> {
  const handler = sockets[request.url.pathname]
  if (handler !== undefined) return handler(request)
  request.stream.respond([{ name: ':status', value: '404' }], { endStream: true })
}

/** Sends everything back as it comes, and ends when the other side has. */
async function echo({ stream }: ConnectRequest): Promise<void> {
  stream.respond([{ name: ':status', value: '200' }])
  const { readable, writable } = tunnelStreams(stream as Tunnel)
  await readable.pipeTo(writable)
}

/** Answers only once the other side has ended: a tunnel with half-close. */
async function size({ stream }: ConnectRequest): Promise<void> {
  stream.respond([{ name: ':status', value: '200' }])
  const received = await joined(stream)
  stream.end(utf8(`${received.length} ${text(received.subarray(0, 5))}`))
}

/** Waits for the tunnel's reset, and notes its code. */
function hold({ stream, url }: ConnectRequest): void {
  stream.respond([{ name: ':status', value: '200' }])
  onAbort(stream.signal, (code) => seen.set(url.searchParams.get('id') ?? '', code))
}

/** What every server of the contract has, whatever runtime it runs in. */
export const handlers = {
  fetch,
  onStream,
  connect: { websocket: routeWebSocket, 'x-echo': echo, 'x-size': size, 'x-hold': hold },
}
