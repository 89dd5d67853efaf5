/**
 * What the layers above the connection cost, without sockets: a server session in this process is fed with bytes and
 * its answers are read back. `node scripts/run.js bench/api.ts`
 *
 * - echo: messages of 125 bytes, 100 in a chunk, through a WebSocket handler object; only the server's time counts.
 * - requests: 50 at once, answered by a stream handler and by fetch handlers; the client's part is in the time, the same
 *   for all, so that the ratios are on the low side.
 */
import { createHash, randomFillSync } from 'node:crypto'
import { type RouterOptions, router, webSocket } from '../src/api/index.ts'
import { Connection } from '../src/connection/index.ts'
import type { Platform } from '../src/platform/index.ts'
import { ServerSession } from '../src/session/index.ts'
import type { ByteTransport, TransportReceiver } from '../src/transport/index.ts'
import { WebSocketConnection, webSocketRequestFields } from '../src/websocket/index.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const platform: Platform = {
  now: () => performance.now(),
  setTimer: (callback, milliseconds) => setTimeout(callback, milliseconds).unref(),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  fillRandom: (bytes) => void randomFillSync(bytes),
  encodeText: (text) => encoder.encode(text),
  decodeText: (utf8) => decoder.decode(utf8),
  sha1: (bytes) => createHash('sha1').update(bytes).digest(),
}

/** A server session whose transport is an array, and the client's connection that talks to it. */
class Bed {
  readonly client = new Connection({ role: 'client', streamWindow: 2 ** 30, connectionWindow: 2 ** 30 })
  readonly written: Uint8Array[] = []
  closedStreams = 0
  #receiver: TransportReceiver | undefined

  constructor(handlers: Omit<RouterOptions, 'onError'>) {
    const transport: ByteTransport = {
      start: (receiver) => {
        this.#receiver = receiver
      },
      write: (chunks) => {
        for (const chunk of chunks) this.written.push(chunk.slice())
        return true
      },
      end() {},
      abort() {},
      pause() {},
      resume() {},
    }
    const onStream = router({ ...handlers, onError: console.error })
    const limits = { maxConcurrentStreams: 1000 }
    const windows = { streamWindow: 2 ** 22, connectionWindow: 2 ** 24 }
    new ServerSession(transport, { platform, extendedConnect: 'advertise', onStream, limits, ...windows })
  }

  /** The client's output, as one chunk to be fed. */
  output(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.client.takeOutput(Number.MAX_SAFE_INTEGER)))
  }

  feed(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#receiver?.data(chunk)
  }

  /** Reads what the server wrote. */
  read(): void {
    const { client } = this
    for (const chunk of this.written.splice(0)) client.receive(chunk, performance.now())
    for (let event = client.nextEvent(); event !== undefined; event = client.nextEvent()) {
      if (event.type === 'DataReceived') client.consumed(event.streamId, event.data.length)
      else if (event.type === 'StreamClosed') this.closedStreams++
    }
  }

  async settle(): Promise<void> {
    this.feed(this.output())
    await new Promise((resolve) => setImmediate(resolve))
    this.read()
  }
}

/** Millions of messages a second, in the server. */
async function echo(data: Uint8Array, text: boolean): Promise<number> {
  const bed = new Bed({
    connect: { websocket: webSocket({ message: (socket, message) => void socket.send(message) }) },
  })
  for (let i = 0; i < 3; i++) await bed.settle()
  const id = bed.client.openStream(webSocketRequestFields({ authority: 'a', scheme: 'https', path: '/' }), false)
  await bed.settle()
  const socket = new WebSocketConnection({ role: 'client', random: platform.fillRandom })
  const rounds = 3000
  let time = 0
  for (let round = -rounds; round < rounds; round++) {
    for (let i = 0; i < 100; i++) text ? socket.sendText(data) : socket.sendBinary(data)
    for (const chunk of socket.takeOutput()) bed.client.sendData(id, chunk, false)
    const chunk = bed.output()
    const start = performance.now()
    bed.feed(chunk)
    if (round >= 0) time += performance.now() - start
    bed.read()
  }
  return (rounds * 100) / time / 1000
}

/** Thousands of requests a second, client and server. */
async function requests(handlers: Omit<RouterOptions, 'onError'>): Promise<number> {
  const bed = new Bed(handlers)
  for (let i = 0; i < 3; i++) await bed.settle()
  const names = { ':method': 'GET', ':scheme': 'https', ':authority': 'localhost', ':path': '/hello', accept: '*/*' }
  const fields = Object.entries(names).map(([name, value]) => ({ name, value }))
  const rounds = 400
  let start = 0
  for (let round = -100; round < rounds; round++) {
    if (round === 0) start = performance.now()
    const until = bed.closedStreams + 50
    for (let i = 0; i < 50; i++) bed.client.openStream(fields, true)
    while (bed.closedStreams < until) await bed.settle()
  }
  return (rounds * 50) / (performance.now() - start)
}

const hello = encoder.encode('hello')
const programs: Record<string, () => Promise<number>> = {
  'echo of text, M/s': () => echo(encoder.encode('x'.repeat(125)), true),
  'echo of bytes, M/s': () => echo(new Uint8Array(125).fill(200), false),
  'stream handler, k/s': () =>
    requests({
      onStream(stream) {
        stream.respond([{ name: ':status', value: '200' }])
        stream.end(hello.slice())
        return true
      },
    }),
  'fetch handler without body, k/s': () => requests({ fetch: () => new Response(null) }),
  'fetch handler with a string, k/s': () => requests({ fetch: () => new Response('hello') }),
}

for (const [name, run] of Object.entries(programs)) {
  const results: number[] = []
  for (let i = 0; i < 3; i++) results.push(await run())
  const [low, middle, high] = results.sort((a, b) => a - b)
  console.log(`${name.padEnd(34)} ${middle.toFixed(2).padStart(8)}   (${low.toFixed(2)}-${high.toFixed(2)})`)
}
