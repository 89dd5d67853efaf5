import { connect as connectTcp, type Socket } from 'node:net'
import { afterEach } from 'vitest'
import { type ServeOptions, type Server, serve } from '../../../src/runtime/node/index.ts'

const cleanup: (() => unknown)[] = []

afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo()
})

/** Undone after the test, the last first. */
export function later(undo: () => unknown): void {
  cleanup.push(undo)
}

/** A server in clear on a free port, closed after the test. */
export async function start(options: ServeOptions): Promise<Server> {
  const server = await serve({ host: '127.0.0.1', ...options })
  cleanup.push(() => server.close({ drain: 0 }))
  return server
}

export interface RawClient {
  readonly socket: Socket
  /** What came so far, one character per octet. */
  readonly text: string
  /** Resolves when `text` contains `part`. */
  until(part: string): Promise<void>
  /** Resolves with all that came when the server has closed. */
  readonly ended: Promise<string>
}

/** A client that sends octets as they stand, and keeps its side open. */
export async function rawClient(server: Server, ...lines: string[]): Promise<RawClient> {
  const socket = connectTcp({ port: server.address.port, host: '127.0.0.1', allowHalfOpen: true })
  cleanup.push(() => socket.destroy())
  let text = ''
  const waiting: { part: string; tell: () => void }[] = []
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    for (const { part, tell } of waiting) if (text.includes(part)) tell()
  })
  socket.on('error', () => {})
  const ended = new Promise<string>((resolve) => {
    socket.on('end', () => resolve(text))
    socket.on('close', () => resolve(text))
  })
  await new Promise((resolve) => socket.once('connect', resolve))
  if (lines.length > 0) socket.write(lines.join('\r\n'), 'latin1')
  return {
    socket,
    get text() {
      return text
    },
    until: (part) => new Promise((tell) => (text.includes(part) ? tell() : waiting.push({ part, tell }))),
    ended,
  }
}

/** Sends `lines` and waits for the server to close. */
export async function exchangeRaw(server: Server, ...lines: string[]): Promise<string> {
  const client = await rawClient(server, ...lines)
  const answer = await client.ended
  client.socket.destroy()
  return answer
}

/** The status codes of the responses in `text`, in order. */
export function statuses(text: string): string[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status!)
}
