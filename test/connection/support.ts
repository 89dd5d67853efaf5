import { concat } from '../../src/bytes/index.ts'
import { Connection, type ConnectionEvent, type ConnectionOptions } from '../../src/connection/index.ts'
import { errorCodeName } from '../../src/errors/index.ts'
import { CONNECTION_PREFACE, Flag, type SettingEntry } from '../../src/frames/index.ts'
import type { FieldInput } from '../../src/hpack/index.ts'
import { Listener, line, type SentFrame, Wire } from './wire.ts'

/** Field lines from name and value pairs, in their order. */
export function fields(lines: Readonly<Record<string, string>>): FieldInput[] {
  return Object.entries(lines).map(([name, value]) => ({ name, value }))
}

export const request = (method: string, path = '/'): FieldInput[] =>
  fields({ ':method': method, ':scheme': 'http', ':path': path, ':authority': 'localhost' })
export const GET: FieldInput[] = request('GET')
export const POST: FieldInput[] = request('POST')
export const OK: FieldInput[] = fields({ ':status': '200' })
export const webSocket: FieldInput[] = fields({
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'https',
  ':path': '/chat',
  ':authority': 'localhost',
})

/** All events that wait. */
export function drain(connection: Connection): ConnectionEvent[] {
  const events: ConnectionEvent[] = []
  for (let event = connection.nextEvent(); event !== undefined; event = connection.nextEvent()) events.push(event)
  return events
}

/** Carries everything both ways until nothing moves; answers what each side was told. */
export function exchange(
  client: Connection,
  server: Connection,
  now = 1,
): { client: ConnectionEvent[]; server: ConnectionEvent[] } {
  const told = { client: drain(client), server: drain(server) }
  while (client.hasOutput || server.hasOutput) {
    const toServer = concat(client.takeOutput(65_536))
    const toClient = concat(server.takeOutput(65_536))
    server.receive(toServer, now)
    client.receive(toClient, now)
    told.client.push(...drain(client))
    told.server.push(...drain(server))
  }
  return told
}

/** An event in one line; data in full, so that adjacent pieces can be joined. */
export function word(event: ConnectionEvent): string {
  switch (event.type) {
    case 'HeadersReceived':
      return `HeadersReceived ${event.streamId} ${event.kind}${event.endStream ? ' END_STREAM' : ''}`
    case 'DataReceived':
      return `DataReceived ${event.streamId} ${event.data.length}${event.endStream ? ' END_STREAM' : ''}`
    case 'StreamReset':
      return `StreamReset ${event.streamId} ${event.initiator} ${errorCodeName(event.error.code)}`
    case 'RequestRefused':
      return `RequestRefused ${event.streamId} ${errorCodeName(event.error.code)}`
    case 'LimitExceeded':
      return `LimitExceeded ${event.streamId} ${event.limit}`
    case 'ConnectionClosed':
      return `ConnectionClosed ${event.initiator} ${event.error === undefined ? 'clean' : errorCodeName(event.error.code)}`
    case 'GoAwayReceived':
      return `GoAwayReceived ${event.lastStreamId} ${errorCodeName(event.code)}`
    case 'StreamClosed':
    case 'StreamWritable':
      return `${event.type} ${event.streamId}`
    default:
      return event.type
  }
}

/** Joins DataReceived events of one stream that follow each other: how data is cut depends on the chunks. */
export function merged(events: readonly ConnectionEvent[]): ConnectionEvent[] {
  const out: ConnectionEvent[] = []
  let pieces: Uint8Array[] = []
  for (const [i, event] of events.entries()) {
    if (event.type !== 'DataReceived') {
      out.push(event)
      continue
    }
    pieces.push(event.data)
    const next = events[i + 1]
    if (next?.type === 'DataReceived' && next.streamId === event.streamId) continue
    out.push({ ...event, data: pieces.length === 1 ? event.data : concat(pieces) })
    pieces = []
  }
  return out
}

/**
 * Of more than 1000 octets nearly all are payload, where one cut is as good as another. What is left out lies there:
 * the first header is cut at each place by the small sizes, the last frame by those just below the whole.
 */
const selected = (length: number): number[] =>
  [...Array(32).keys(), 255, 1021, 16_384, 16_393, ...Array.from({ length: 32 }, (_, i) => length - 32 + i)].filter(
    (size) => size > 0 && size < length,
  )

/** Cuts `bytes` at every chunk size from one octet to whole (of more than 1000 octets a selection) and runs each replay. */
export function atEveryChunking(bytes: Uint8Array, run: (chunks: Uint8Array[], size: number) => void): void {
  const { length } = bytes
  const sizes = length > 1000 ? selected(length) : Array.from({ length: length - 1 }, (_, i) => i + 1)
  for (const size of [...sizes, length]) {
    const chunks: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size))
    run(chunks, size)
  }
}

/** One endpoint under test, and the peer made by hand at its other end. */
export class Bench {
  readonly connection: Connection
  readonly wire: Wire = new Wire()
  readonly #listener: Listener
  now = 1

  constructor(options: ConnectionOptions, settings: readonly SettingEntry[] = []) {
    this.connection = new Connection(options)
    this.#listener = new Listener(options.role)
    if (options.role === 'server') this.wire.bytes(CONNECTION_PREFACE)
    this.wire.settings(settings).acknowledge()
    this.deliver()
    this.answers()
  }

  /** Gives the endpoint what was written on the wire, and answers what it was told, one word each. */
  deliver(): string[] {
    return this.events().map(word)
  }

  events(): ConnectionEvent[] {
    this.connection.receive(this.wire.take(), this.now)
    return drain(this.connection)
  }

  /** What the endpoint sends now, one line for each frame. */
  answers(maxBytes: number = 1 << 20): string[] {
    return this.frames(maxBytes).map(line)
  }

  frames(maxBytes: number = 1 << 20): SentFrame[] {
    return this.#listener.read(concat(this.connection.takeOutput(maxBytes)))
  }
}

/** Closes stream `id` regularly at a server, and so many after it that only the highest id seen tells of it. */
export function closedLongAgo(bench: Bench, id: number): void {
  for (let later = id; later < id + 100; later += 2) {
    bench.wire.headers(later, GET, Flag.END_STREAM)
    bench.deliver()
    bench.connection.sendHeaders(later, OK, true)
  }
  bench.answers()
}
