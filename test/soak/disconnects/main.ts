/**
 * Connections that are cut off at work: `npm run soak:disconnects`. Each carries requests, downloads, uploads and a WebSocket,
 * and ends by FIN, RST or destruction at a random octet, three of ten within a HEADERS frame. Afterwards nothing may be
 * left: memory, sockets, timers, operations that never end, promises that nobody heard of.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { ConnectionError, StreamError, serve, webSocket } from '../../../src/runtime/node/index.ts'
import { Chance } from '../chance.ts'
import { handles } from '../handles.ts'
import { bytesInUse, mebibytes } from '../heap.ts'
import { Relay } from './relay.ts'
import { workUntilCut } from './work.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    /** Connections at a time. */
    width: { type: 'string', default: '32' },
  },
})
const count = Number(values.count)
console.log(`seed ${values.seed}`)

const faults: string[] = []
for (const name of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(name, (error) => void faults.push(`${name}: ${error instanceof Error ? error.stack : error}`))
}

/** The system's words for a connection that was cut. */
const CUT = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])
const server = await serve({
  host: '127.0.0.1',
  fetch: async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/bytes/')) return new Response(new Uint8Array(Number(pathname.slice(7))))
    return new Response(String((await request.arrayBuffer()).byteLength))
  },
  connect: {
    websocket: webSocket({
      message: (socket, data) => void socket.send(data),
    }),
  },
  onError: (error) => {
    if (error instanceof ConnectionError || error instanceof StreamError) return
    if (error instanceof Error && 'code' in error && CUT.has(String(error.code))) return
    // Reading a body that was cut fails in the handler, and what failed is its cause.
    if (error instanceof Error && (error.cause instanceof StreamError || error.cause instanceof ConnectionError)) return
    faults.push(`onError: ${error instanceof Error ? error.stack : error}`)
  },
})
const chance = new Chance()
chance.seed(Number(values.seed), 0, 0)
const relay = await Relay.start(server.address.port, chance)
const totals = { requests: 0, messages: 0, failed: 0 }

async function cut(n: number): Promise<void> {
  let left = n
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const work = await workUntilCut(relay.port)
      totals.requests += work.requests
      totals.messages += work.messages
      totals.failed += work.failed
      if (work.fault !== undefined) faults.push(work.fault)
    }
  }
  await Promise.all(Array.from({ length: Number(values.width) }, worker))
}

/** Connections linger for a moment at their end. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 150 && (server.sessions.size > 0 || handles() !== atFirst); i++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const atFirst = handles()
const heap: number[] = []
const TENTHS = 10
const begun = performance.now()
for (let tenth = 1; tenth <= TENTHS; tenth++) {
  await cut(Math.ceil(count / TENTHS))
  await quiet()
  heap.push(bytesInUse())
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  console.log(`${relay.cuts} cut in ${seconds} s: heap ${mebibytes(heap.at(-1)!)} MiB; ${handles()}`)
  if (server.sessions.size > 0) faults.push(`${server.sessions.size} sessions are left`)
  if (handles() !== atFirst) faults.push(`handles: ${atFirst} at first, ${handles()} now`)
  if (faults.length > 5) break
}
// Compiled code comes in the beginning: what grows after that is a leak.
const grown = Math.min(...heap.slice(-3)) - Math.min(...heap.slice(1, 4))
if (grown > 2 ** 20) faults.push(`the heap grew by ${mebibytes(grown)} MiB`)

const answer = await fetchDirectly()
if (answer !== '0') faults.push(`afterwards the server answers ${answer}`)

/** Without the relay. */
async function fetchDirectly(): Promise<string> {
  const { connect } = await import('node:http2')
  const session = connect(server.url)
  const stream = session.request({ ':path': '/hello' })
  let text = ''
  for await (const chunk of stream) text += chunk
  session.close()
  return text
}
await relay.stop()
await server.close({ drain: 1000 })
const kinds = [...relay.kinds].sort().map(([kind, n]) => `${n} ${kind}`)
console.log(`${relay.inHeaders} within HEADERS; ${kinds.join(', ')}`)
console.log(
  `before they were cut: ${totals.requests} requests, ${totals.messages} messages; ${totals.failed} operations failed`,
)
console.log(`heap ${grown < 0 ? '' : '+'}${mebibytes(grown)} MiB; ${faults.length} faults`)
for (const fault of new Set(faults)) console.error(fault)
process.exit(faults.length === 0 ? 0 : 1)
