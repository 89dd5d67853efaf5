/**
 * How long one small WebSocket message takes there and back, one at a time: first alone, then while a download fills the
 * same connection. Prints the 99th percentile of both, in milliseconds.
 */
import { parseArgs } from 'node:util'
import { MessageCount, maskedMessage } from '../messages.ts'
import { fail, plainFields, RawHttp2 } from '../raw-http2.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    /** How many while nothing else happens. */
    messages: { type: 'string', default: '3000' },
    /** Of the download. */
    bytes: { type: 'string', default: String(2 ** 30) },
  },
})
const messages = Number(values.messages)
const bytes = Number(values.bytes)
const common = { ':scheme': 'http', ':authority': 'localhost' }
const extended = { ...common, ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/ws' }
const socket = { ...extended, 'sec-websocket-version': '13' }
const message = maskedMessage(Buffer.alloc(125, 'a'), {})
const count = new MessageCount()
const idle: number[] = []
const busy: number[] = []
/** Warm code first: as many again as are measured. */
let warming = messages
let id = 0
let download = 0
let received = 0
let sentAt = 0

const raw: RawHttp2 = new RawHttp2(Number(values.port), {
  ready: () => {
    id = raw.open(plainFields(socket), false)
  },
  answered: (stream) => {
    if (stream === id) send()
  },
  data: (stream, chunk, start, end) => {
    if (stream !== id) received += end - start
    else if (count.count(chunk, start, end) > 0) came(performance.now() - sentAt)
  },
  ended: (stream) => {
    if (stream !== download || received !== bytes) fail(`stream ${stream} ended after ${received} bytes`)
    console.log(JSON.stringify({ idle: p99(idle), busy: p99(busy), idleCount: idle.length, busyCount: busy.length }))
    process.exit(0)
  },
  turn: () => {},
})

function send(): void {
  sentAt = performance.now()
  raw.send(id, message)
  raw.flush()
}

function came(milliseconds: number): void {
  if (warming > 0) warming--
  else if (download === 0) {
    idle.push(milliseconds)
    if (idle.length === messages) {
      download = raw.open(plainFields({ ...common, ':method': 'GET', ':path': `/download/${bytes}` }), true)
    }
  } else busy.push(milliseconds)
  send()
}

function p99(times: number[]): number {
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN
}
