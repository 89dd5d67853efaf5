/**
 * WebSocket framing against that of `ws`, on the same bytes, in turn, in one process: only the ratios mean anything
 * on a machine that others use too.
 *
 *     npx esbuild bench/websocket-codec.ts --bundle --format=esm --platform=node --external:ws --outfile=dist/bench/websocket-codec.js
 *     node dist/bench/websocket-codec.js
 */
import { randomFillSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { WebSocketConnection } from '../src/websocket/index.ts'

interface WsReceiver {
  on(event: string, listener: () => void): void
  _write(chunk: Buffer, encoding: string, done: () => void): void
}
interface WsSocket {
  cork(): void
  uncork(): void
  write(chunk: Uint8Array, done?: () => void): boolean
}
interface WsSender {
  send(data: Uint8Array, options: object, done?: () => void): void
}
const ws: {
  Receiver: new (options: object) => WsReceiver
  Sender: new (socket: WsSocket, extensions: object, generateMask?: (mask: Uint8Array) => void) => WsSender
} = createRequire(import.meta.url)('ws')

const random = (bytes: Uint8Array): void => {
  randomFillSync(bytes)
}
const CHUNK = 65_536

/** Chunks of 64 KiB, as a socket gives them, with `count` messages of `size` bytes in them. */
function wire(role: 'client' | 'server', text: boolean, size: number, count: number): Uint8Array[] {
  const socket = new WebSocketConnection({ role, random })
  const payload = new Uint8Array(size).fill(0x61)
  for (let i = 0; i < count; i++) {
    if (text) socket.sendText(payload)
    else socket.sendBinary(payload)
  }
  const whole = Buffer.concat(socket.takeOutput())
  const chunks: Uint8Array[] = []
  for (let at = 0; at < whole.length; at += CHUNK) chunks.push(whole.subarray(at, at + CHUNK))
  return chunks
}

/** Reads copies of the chunks, since reading unmasks them in place; the copies are part of both sides' time. */
function receiveOurs(role: 'client' | 'server', chunks: readonly Uint8Array[]): number {
  const socket = new WebSocketConnection({ role, random })
  let messages = 0
  for (const chunk of chunks) {
    socket.receive(new Uint8Array(chunk))
    while (socket.nextEvent() !== undefined) messages++
  }
  return messages
}

function receiveWs(role: 'client' | 'server', chunks: readonly Uint8Array[]): number {
  const receiver = new ws.Receiver({ isServer: role === 'server' })
  let messages = 0
  receiver.on('message', () => {
    messages++
  })
  for (const chunk of chunks) receiver._write(Buffer.from(chunk), 'buffer', () => {})
  return messages
}

/** Sends in bursts of 64 messages for each taking or uncorking. */
function sendOurs(role: 'client' | 'server', payload: Uint8Array, count: number): number {
  const socket = new WebSocketConnection({ role, random })
  let bytes = 0
  for (let i = 1; i <= count; i++) {
    socket.sendBinary(payload)
    if (i % 64 === 0 || i === count) for (const chunk of socket.takeOutput()) bytes += chunk.length
  }
  return bytes
}

function sendWs(role: 'client' | 'server', payload: Uint8Array, count: number): number {
  let bytes = 0
  const socket: WsSocket = {
    cork: () => {},
    uncork: () => {},
    write: (chunk, done) => {
      bytes += chunk.length
      done?.()
      return true
    },
  }
  const sender = new ws.Sender(socket, {})
  const options = { binary: true, compress: false, fin: true, mask: role === 'client' }
  for (let i = 0; i < count; i++) sender.send(payload, options)
  return bytes
}

/** Runs both in turn, `rounds` times, and reports each one's best. */
function compare(title: string, count: number, ours: () => number, theirs: () => number): void {
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < 9; round++) {
    for (const [side, run] of [ours, theirs].entries()) {
      const start = process.hrtime.bigint()
      const result = run()
      best[side] = Math.min(best[side], Number(process.hrtime.bigint() - start))
      if (result === 0) throw new Error(`${title}: nothing came out`)
    }
  }
  const [our, their] = best.map((ns) => Math.round((count / ns) * 1e9).toLocaleString('en'))
  console.log(
    `${title.padEnd(44)} ${our.padStart(12)}/s  ws ${their.padStart(12)}/s  ratio ${(best[1] / best[0]).toFixed(2)}`,
  )
}

for (const size of [16, 125, 1024, 16_384, 1_048_576]) {
  const count = Math.max(20, Math.min(100_000, Math.floor(5e7 / (size + 200))))
  for (const role of ['client', 'server'] as const) {
    const to = role === 'client' ? 'server' : 'client'
    const kind = `${size} B, ${role} to ${to}`
    for (const text of [false, true]) {
      const chunks = wire(role, text, size, count)
      const title = `receive ${text ? 'text  ' : 'binary'} ${kind}`
      compare(
        title,
        count,
        () => receiveOurs(to, chunks),
        () => receiveWs(to, chunks),
      )
    }
    const payload = new Uint8Array(size).fill(0x61)
    compare(
      `send    binary ${kind}`,
      count,
      () => sendOurs(role, payload, count),
      () => sendWs(role, payload, count),
    )
  }
}
