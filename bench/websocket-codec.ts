/** WebSocket framing against that of `ws`, on the same bytes. */
import { randomFillSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { concat } from '../src/bytes/index.ts'
import { WebSocketConnection } from '../src/websocket/index.ts'
import { cut } from './corpus/frames.ts'
import type { Entry } from './measure.ts'

interface WsReceiver {
  on(event: string, listener: (data: Uint8Array) => void): void
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
interface Ws {
  Receiver: new (options: object) => WsReceiver
  Sender: new (socket: WsSocket, extensions: object, generateMask?: (mask: Uint8Array) => void) => WsSender
}
/** What `ws` does not export as types. */
const loadWs = (): Ws => createRequire(import.meta.url)('ws')

type Role = 'client' | 'server'

const random = (bytes: Uint8Array): void => {
  randomFillSync(bytes)
}

/** Chunks of 64 KiB, as a socket gives them, with `count` messages of `size` bytes in them. */
function wire(role: Role, text: boolean, size: number, count: number): Uint8Array[] {
  const socket = new WebSocketConnection({ role, random })
  const payload = new Uint8Array(size).fill(0x61)
  for (let i = 0; i < count; i++) {
    if (text) socket.sendText(payload)
    else socket.sendBinary(payload)
  }
  return cut(concat(socket.takeOutput()), 65_536)
}

/** Reads copies of the chunks, since reading unmasks them in place; the copies are part of both sides' time. */
function receiveOurs(role: Role, chunks: readonly Uint8Array[]): number {
  const socket = new WebSocketConnection({ role, random })
  let sum = 0
  for (const chunk of chunks) {
    socket.receive(new Uint8Array(chunk))
    for (let event = socket.nextEvent(); event !== undefined; event = socket.nextEvent()) {
      if (event.type === 'MessageReceived') sum = (sum + event.data.length + event.data[event.data.length - 1]!) | 0
    }
  }
  return sum
}

function receiveWs(ws: Ws, role: Role, chunks: readonly Uint8Array[]): number {
  // Messages are told as they are found, as ours are, and not each on a turn of its own.
  const receiver = new ws.Receiver({ isServer: role === 'server', allowSynchronousEvents: true })
  let sum = 0
  receiver.on('message', (data) => {
    sum = (sum + data.length + data[data.length - 1]!) | 0
  })
  for (const chunk of chunks) receiver._write(Buffer.from(chunk), 'buffer', () => {})
  return sum
}

/** Sends in bursts of 64 messages for each taking. */
function sendOurs(role: Role, payload: Uint8Array, count: number): number {
  const socket = new WebSocketConnection({ role, random })
  let bytes = 0
  for (let i = 1; i <= count; i++) {
    socket.sendBinary(payload)
    if (i % 64 === 0 || i === count) for (const chunk of socket.takeOutput()) bytes += chunk.length
  }
  return bytes
}

function sendWs(ws: Ws, role: Role, payload: Uint8Array, count: number): number {
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

function receiveEntry(from: Role, text: boolean, size: number, count: number): Entry {
  const to = from === 'client' ? 'server' : 'client'
  return {
    name: `websocket receive ${text ? 'text' : 'binary'} ${size} B by ${to}`,
    unit: 'messages',
    prepare() {
      const ws = loadWs()
      const chunks = wire(from, text, size, count)
      const sides = { ours: () => receiveOurs(to, chunks), ws: () => receiveWs(ws, to, chunks) }
      return { operations: count, sides, sameChecksum: true }
    },
  }
}

function sendEntry(from: Role, size: number, count: number): Entry {
  return {
    name: `websocket send binary ${size} B by ${from}`,
    unit: 'messages',
    prepare() {
      const ws = loadWs()
      const payload = new Uint8Array(size).fill(0x61)
      const sides = { ours: () => sendOurs(from, payload, count), ws: () => sendWs(ws, from, payload, count) }
      return { operations: count, sides, sameChecksum: true }
    },
  }
}

export const entries: readonly Entry[] = [16, 125, 1024, 16_384, 1_048_576].flatMap((size) => {
  const count = Math.max(10, Math.min(20_000, Math.floor(1e7 / (size + 200))))
  return (['client', 'server'] as const).flatMap((from) => [
    receiveEntry(from, false, size, count),
    receiveEntry(from, true, size, count),
    // A server does not copy what is large: there is next to nothing to measure in a few of them.
    sendEntry(from, size, from === 'server' ? 20_000 : count),
  ])
})
