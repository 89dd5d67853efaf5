/**
 * What the layers above the connection cost, without sockets: a server session in this process is fed with bytes and
 * its answers are read back.
 *
 * - echo: messages of 125 bytes, 100 in a chunk, through a WebSocket handler object; only the server's time counts.
 * - requests: 50 at once, answered by a stream handler and by fetch handlers; the client's part is in the time, the same
 *   for all, so that the ratios are on the low side.
 */
import { type RouterOptions, webSocket } from '../src/api/index.ts'
import { WebSocketConnection, webSocketRequestFields } from '../src/websocket/index.ts'
import { Bed, platform } from './bed.ts'
import type { Entry, Pass } from './measure.ts'

const encoder = new TextEncoder()
const MESSAGES = 100
const CHUNKS = 200

/** Bytes of a client's socket on an open stream; the same stream and socket serve all passes. */
async function echo(data: Uint8Array, text: boolean): Promise<Pass> {
  const bed = new Bed({
    connect: { websocket: webSocket({ message: (socket, message) => void socket.send(message) }) },
  })
  for (let i = 0; i < 3; i++) await bed.settle()
  const id = bed.client.openStream(webSocketRequestFields({ authority: 'a', scheme: 'https', path: '/' }), false)
  await bed.settle()
  const socket = new WebSocketConnection({ role: 'client', random: platform.fillRandom })
  return () => {
    let micros = 0
    const before = bed.receivedBytes
    for (let n = 0; n < CHUNKS; n++) {
      for (let i = 0; i < MESSAGES; i++) text ? socket.sendText(data) : socket.sendBinary(data)
      for (const chunk of socket.takeOutput()) bed.client.sendData(id, chunk, false)
      const chunk = bed.output()
      const start = process.cpuUsage()
      bed.feed(chunk)
      const { user, system } = process.cpuUsage(start)
      micros += user + system
      bed.read()
    }
    const checksum = bed.receivedBytes - before
    if (checksum !== CHUNKS * MESSAGES * (data.length + 2)) throw new Error('not every message came back')
    return { checksum, seconds: micros / 1e6, passes: 1 }
  }
}

const AT_ONCE = 50
const TURNS = 20

async function requests(handlers: Omit<RouterOptions, 'onError'>): Promise<Pass> {
  const bed = new Bed(handlers)
  for (let i = 0; i < 3; i++) await bed.settle()
  const names = { ':method': 'GET', ':scheme': 'https', ':authority': 'localhost', ':path': '/hello', accept: '*/*' }
  const fields = Object.entries(names).map(([name, value]) => ({ name, value }))
  return async () => {
    const before = bed.closedStreams
    for (let turn = 0; turn < TURNS; turn++) {
      const until = bed.closedStreams + AT_ONCE
      for (let i = 0; i < AT_ONCE; i++) bed.client.openStream(fields, true)
      while (bed.closedStreams < until) await bed.settle()
    }
    return bed.closedStreams - before
  }
}

const hello = encoder.encode('hello')

export const entries: readonly Entry[] = [
  {
    name: 'api echo 125 B',
    unit: 'messages',
    prepare: async () => ({
      operations: MESSAGES * CHUNKS,
      sides: {
        text: await echo(encoder.encode('x'.repeat(125)), true),
        binary: await echo(new Uint8Array(125).fill(200), false),
      },
    }),
  },
  {
    name: 'api requests',
    unit: 'requests',
    prepare: async () => ({
      operations: AT_ONCE * TURNS,
      sides: {
        'stream handler': await requests({
          onStream(stream) {
            stream.respond([{ name: ':status', value: '200' }])
            stream.end(hello.slice())
            return true
          },
        }),
        'fetch without body': await requests({ fetch: () => new Response(null) }),
        'fetch with a string': await requests({ fetch: () => new Response('hello') }),
      },
    }),
  },
]
