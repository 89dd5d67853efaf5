import fc from 'fast-check'
import { concat } from '../../src/bytes/index.ts'
import { Connection, type ConnectionEvent, type ConnectionOptions } from '../../src/connection/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import { drain, fields, GET, merged, OK, POST, webSocket, word } from './support.ts'

/** A command of either side; `nth` picks one of the streams opened so far. */
export type Command =
  | { readonly op: 'open'; readonly kind: number; readonly size: number; readonly end: boolean }
  | { readonly op: 'respond'; readonly nth: number; readonly size: number; readonly end: boolean }
  | { readonly op: 'data'; readonly side: Side; readonly nth: number; readonly size: number; readonly end: boolean }
  | { readonly op: 'trailers' | 'reset'; readonly side: Side; readonly nth: number }
  | { readonly op: 'ping' | 'shutdown'; readonly side: Side }

export type Side = 'client' | 'server'
const side = fc.constantFrom<Side>('client', 'server')
const nth = fc.nat(3)
const size = fc.oneof(
  { weight: 40, arbitrary: fc.nat(300) },
  { weight: 1, arbitrary: fc.constantFrom(16_384, 16_385, 70_000) },
)
const end = fc.boolean()

/** Commands that open, answer and end streams in a lawful way, or do nothing where they would not be lawful. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('open' as const), kind: fc.nat(2), size, end }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('respond' as const), nth, size, end }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('data' as const), side, nth, size, end }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('trailers' as const), side, nth }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('reset' as const), side, nth }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('ping' as const), side }) },
)

const requests = [GET, POST, webSocket]
const trailers = fields({ 'x-trailer': 'end' })
const pattern: Uint8Array = Uint8Array.from({ length: 70_000 }, (_, i) => i * 7)

const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

/** An event with all that it says, as text to compare. */
export function told(event: ConnectionEvent): string {
  switch (event.type) {
    case 'HeadersReceived':
      return `${word(event)} ${event.fields.map(({ name, value }) => `${name}=${value}`).join(' ')}`
    case 'DataReceived':
      return `${word(event)} ${text(event.data)}`
    case 'StreamReset':
    case 'RequestRefused':
      return `${word(event)} ${event.error.message} ${event.error.retryable}`
    case 'ConnectionClosed':
      return `${word(event)} ${event.error?.message}`
    default:
      return JSON.stringify(event)
  }
}

/** A client and a server with the wire between them, and what each was told and sent. */
export class Pair {
  readonly client: Connection
  readonly server: Connection
  readonly events: Record<Side, ConnectionEvent[]> = { client: [], server: [] }
  readonly sent: Record<Side, Uint8Array[]> = { client: [], server: [] }
  readonly ids: number[] = []
  readonly #owed: Record<Side, Map<number, number>> = { client: new Map(), server: new Map() }
  #pings = 0

  constructor(client: Partial<ConnectionOptions> = {}, server: Partial<ConnectionOptions> = {}) {
    this.client = new Connection({ ...client, role: 'client' })
    this.server = new Connection({ extendedConnect: 'advertise', ...server, role: 'server' })
  }

  apply(command: Command): void {
    if (this.ids.length === 0 && 'nth' in command) return
    try {
      this.#apply(command)
    } catch (error) {
      // Not lawful at this point: a command of the script that does nothing.
      if (!(error instanceof UsageError)) throw error
    }
  }

  #apply(command: Command): void {
    switch (command.op) {
      case 'open': {
        const id = this.client.openStream(requests[command.kind]!, command.end)
        this.ids.push(id)
        if (!command.end) this.client.sendData(id, pattern.subarray(0, command.size), false)
        return
      }
      case 'respond': {
        const id = this.#id(command.nth)
        this.server.sendHeaders(id, OK, false)
        this.server.sendData(id, pattern.subarray(0, command.size), command.end)
        return
      }
      case 'data':
        this[command.side].sendData(this.#id(command.nth), pattern.subarray(0, command.size), command.end)
        return
      case 'trailers':
        this[command.side].sendTrailers(this.#id(command.nth), trailers)
        return
      case 'reset':
        this[command.side].reset(this.#id(command.nth))
        return
      case 'ping':
        this[command.side].ping(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, this.#pings++), 1)
        return
      case 'shutdown':
        this[command.side].shutdown(1)
    }
  }

  #id(nth: number): number {
    return this.ids[nth % this.ids.length]!
  }

  /** Carries everything both ways; each write is cut at `cuts` in turn. What came is consumed write by write. */
  exchange(cuts: readonly number[]): void {
    let turn = 0
    for (let rounds = 0; rounds < 1000 && (this.client.hasOutput || this.server.hasOutput); rounds++) {
      for (const [from, to] of [
        ['client', 'server'],
        ['server', 'client'],
      ] as const) {
        const bytes = concat(this[from].takeOutput(100_000))
        this.sent[from].push(bytes)
        for (let at = 0; at < bytes.length; ) {
          const length = cuts.length === 0 ? bytes.length : cuts[turn++ % cuts.length]!
          this[to].receive(bytes.subarray(at, at + length), 1)
          this.#listen(to)
          at += length
        }
        this.#listen(from)
        this.#consume(to)
      }
    }
    this.#listen('client')
    this.#listen('server')
  }

  #listen(who: Side): void {
    for (const event of drain(this[who])) {
      if (event.type === 'DataReceived') {
        const owed = this.#owed[who]
        owed.set(event.streamId, (owed.get(event.streamId) ?? 0) + event.data.length)
        this.events[who].push({ ...event, data: event.data.slice() })
      } else this.events[who].push(event)
    }
  }

  #consume(who: Side): void {
    for (const [id, n] of this.#owed[who]) this[who].consumed(id, n)
    this.#owed[who].clear()
  }

  /** All that can be seen from outside. */
  get record(): string {
    const one = (who: Side): string =>
      `${merged(this.events[who]).map(told).join('\n')}\n${text(concat(this.sent[who]))}`
    return `${one('client')}\n=====\n${one('server')}`
  }
}
