import { type HandledWebSocket, HandshakeError, type OriginSession, type WebSocket } from '../../../src/api/index.ts'
import type { Case } from './case.ts'
import { equal, isPattern, ok, pattern, rejection } from './check.ts'

const group = 'WebSocket'

/** The next event of a kind; a loss of the socket is a rejection. */
function next(socket: WebSocket, type: 'open' | 'message'): Promise<{ readonly data?: unknown }> {
  return new Promise((resolve, reject) => {
    socket.addEventListener(type, resolve as never, { once: true })
    socket.addEventListener('close', () => reject(new Error(`closed before ${type}`)), { once: true })
  })
}

function closed(socket: WebSocket): Promise<{ code: number; reason: string; wasClean: boolean }> {
  return new Promise((resolve) => socket.addEventListener('close', resolve as never, { once: true }))
}

async function opened(session: OriginSession, path: string, deflate = false): Promise<WebSocket> {
  const socket = await session.webSocket(path, { perMessageDeflate: deflate })
  socket.binaryType = 'arraybuffer'
  return socket
}

/** Sends and waits for the echo. */
async function echoed(socket: WebSocket, data: string | Uint8Array<ArrayBuffer>): Promise<unknown> {
  const answer = next(socket, 'message')
  socket.send(data)
  const event = await answer
  ok(event instanceof Event && (typeof MessageEvent === 'undefined' || event instanceof MessageEvent), 'its class')
  // None of its members may be one of the runtime's, which would not know this event.
  for (const name in event) void event[name as 'data']
  return event.data
}

async function close(socket: WebSocket): Promise<void> {
  const end = closed(socket)
  socket.close(3001, 'done')
  const { code, reason, wasClean } = await end
  equal([code, reason, wasClean], [3001, 'done', true], 'close')
}

/** Text, binary, a message of 1 MB either way, then a clean close with a code of the program's. */
const echo = (name: string, path: string, deflate = false): Case => ({
  group: deflate ? 'permessage-deflate' : group,
  name,
  async run(session) {
    const socket = await opened(session, path, deflate)
    ok(socket.extensions.includes('permessage-deflate') === deflate, `extensions: ${socket.extensions}`)
    equal(await echoed(socket, 'Grüße, 世界'), 'Grüße, 世界')
    isPattern(new Uint8Array((await echoed(socket, pattern(100_000))) as ArrayBuffer), 100_000)
    const long = 'ab€ '.repeat(200_000)
    ok((await echoed(socket, long)) === long, 'a text of 1 MB came back changed')
    isPattern(new Uint8Array((await echoed(socket, pattern(1_000_000))) as ArrayBuffer), 1_000_000)
    await close(socket)
  },
})

export const webSocketCases: readonly Case[] = [
  echo('text, binary, 1 MB and a close code: a handler object', '/ws/handler'),
  echo('text, binary, 1 MB and a close code: a function with the class', '/ws/function'),
  echo('text, binary, 1 MB and a close code: a pair of streams', '/ws/streams'),
  echo('compressed text, binary, 1 MB and a close code', '/ws/deflate', true),
  {
    group,
    name: 'the client as a pair of streams',
    async run(session) {
      const socket = await session.webSocketStream('/ws/handler', { protocols: ['echo'] })
      const { readable, writable, protocol } = await socket.opened
      equal(protocol, 'echo')
      const [reader, writer] = [readable.getReader(), writable.getWriter()]
      await writer.write('hello')
      equal((await reader.read()).value, 'hello')
      await writer.write(pattern(300_000))
      isPattern((await reader.read()).value as Uint8Array, 300_000)
      socket.close({ closeCode: 3002, reason: 'bye' })
      for (let more = await reader.read(); !more.done; more = await reader.read());
      equal(await socket.closed, { closeCode: 3002, reason: 'bye' })
    },
  },
  {
    group,
    name: 'the client with a handler object',
    async run(session) {
      const messages: (string | Uint8Array)[] = []
      const end = new Promise<[number, string]>((resolve, reject) => {
        const close = (_: unknown, code: number, reason: string): void => resolve([code, reason])
        const message = (socket: HandledWebSocket, data: string | Uint8Array): void => {
          if (messages.push(data) === 2) socket.close(3003, 'bye')
        }
        session.handleWebSocket('/ws/handler', { message, close }).then((socket) => {
          socket.send('Grüße')
          socket.send(pattern(300_000))
        }, reject)
      })
      equal(await end, [3003, 'bye'])
      equal(messages[0], 'Grüße')
      isPattern(messages[1] as Uint8Array, 300_000)
    },
  },
  {
    group,
    name: 'the server closes with a code and a reason',
    async run(session) {
      const { code, reason, wasClean } = await closed(await opened(session, '/ws/closes'))
      equal([code, reason, wasClean], [3333, 'enough', true])
    },
  },
  {
    group,
    name: 'many messages keep their order, and bufferedAmount goes down',
    async run(session) {
      const socket = await opened(session, '/ws/handler')
      const received: string[] = []
      const all = new Promise<void>((resolve) => {
        socket.onmessage = ({ data }) => {
          if (received.push(data as string) === 2000) resolve()
        }
      })
      const sent = Array.from({ length: 2000 }, (_, i) => `message ${i}`)
      for (const message of sent) socket.send(message)
      await all
      equal(received.filter((message, i) => message !== sent[i]).slice(0, 3), [], 'messages out of order')
      equal(socket.bufferedAmount, 0)
      await close(socket)
    },
  },
  {
    group,
    name: 'on-properties and listeners are called once each, in the order in which they were set',
    async run(session) {
      const socket = await opened(session, '/ws/handler')
      const calls: string[] = []
      const own = (): void => void calls.push('property')
      socket.addEventListener('message', () => calls.push('first'))
      socket.onmessage = own
      socket.addEventListener('message', () => {
        calls.push('last')
        ok(socket.onmessage === own, 'the property is another one within a listener')
      })
      await echoed(socket, 'one')
      await echoed(socket, 'two')
      equal(calls, ['first', 'property', 'last', 'first', 'property', 'last'])
      await close(socket)
    },
  },
  {
    group,
    name: 'a refused handshake says why',
    async run(session) {
      const error = await rejection(session.webSocket('/ws/refused'))
      equal([error instanceof HandshakeError, error.reason, error.status], [true, 'status', 403])
    },
  },
  {
    group,
    name: 'ten sockets beside requests on one connection',
    async run(session) {
      const sockets = await Promise.all(Array.from({ length: 10 }, () => opened(session, '/ws/handler')))
      const answers = await Promise.all(sockets.map((socket, i) => echoed(socket, `socket ${i}`)))
      equal(
        answers,
        sockets.map((_, i) => `socket ${i}`),
      )
      equal(await (await session.fetch('/hello')).text(), 'hello')
      await Promise.all(sockets.map(close))
    },
  },
]
