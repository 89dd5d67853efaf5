import fc from 'fast-check'
import { concat } from '../../src/bytes/index.ts'
import { Connection, type ConnectionEvent, type ConnectionOptions } from '../../src/connection/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import { CONNECTION_PREFACE } from '../../src/frames/index.ts'
import type { FieldInput } from '../../src/hpack/index.ts'
import { told } from './pair.ts'
import { drain, fields, GET, OK, POST, webSocket } from './support.ts'
import { Listener, type SentFrame, Wire } from './wire.ts'

/** One frame of a peer that obeys no rule, or one command of ours, told by numbers. */
export type Step = readonly [kind: number, streamId: number, flags: number, n: number]

export const step: fc.Arbitrary<Step> = fc.tuple(
  fc.nat(22),
  fc.constantFrom(1, 1, 1, 3, 3, 5, 7, 2, 0),
  fc.constantFrom(0, 0, 4, 4, 5, 5, 1, 8, 0x2d, 0xff),
  fc.nat(300),
)

const blocks: readonly (readonly FieldInput[])[] = [
  GET,
  POST,
  OK,
  webSocket,
  fields({ ':status': '100' }),
  fields({ ':status': '204' }),
  fields({ 'x-trailer': 'a' }),
  fields({ ':path': '/' }),
  [...POST, { name: 'content-length', value: '10' }],
  [...OK, { name: 'content-length', value: '10' }],
  [...OK, { name: 'connection', value: 'close' }],
]

/** Writes the frame of a step; commands write nothing. */
export function writeStep(wire: Wire, [kind, streamId, flags, n]: Step): void {
  switch (kind) {
    case 0:
    case 1:
    case 2:
    case 3:
      wire.frame({ kind: 'HEADERS', streamId, flags: flags & 5, fragment: wire.block(blocks[n % blocks.length]!) })
      return
    case 4:
    case 5:
    case 6:
      wire.data(streamId, n, flags & 1, flags >= 8 ? n & 0xff : undefined)
      return
    case 7:
      wire.continuation(streamId, new Uint8Array(0), flags & 4)
      return
    case 8:
      wire.reset(streamId, n & 15)
      return
    case 9:
      wire.windowUpdate(streamId, n === 0 ? 2 ** 31 - 1 : n)
      return
    case 10:
      wire.settings([[n & 15, n % 7 === 0 ? 2 ** 31 : n % 3]])
      return
    case 11:
      wire.settings([[4, n * 1000]])
      return
    case 12:
      wire.ping('12345678', flags & 1)
      return
    case 13:
      wire.goAway(streamId, n & 15)
      return
    case 14:
      wire.raw(n & 15, streamId, new Uint8Array(n & 31), flags)
      return
    case 15:
      wire.acknowledge()
      return
    case 21:
    case 22: {
      const fragment = wire.block(n % 8 === 7 ? blocks[n % blocks.length]! : GET)
      wire.frame({ kind: 'PUSH_PROMISE', streamId, flags: flags & 4, promisedStreamId: n % 11, fragment })
    }
  }
}

/** An endpoint under such a peer, and all that it told and sent. */
export class Fuzzed {
  readonly connection: Connection
  readonly events: ConnectionEvent[] = []
  readonly out: Uint8Array[] = []
  readonly #wire = new Wire()
  readonly #unread: [number, number][] = []

  constructor(options: ConnectionOptions) {
    this.connection = new Connection(options)
    if (options.role === 'server') this.receive(CONNECTION_PREFACE, 1e9)
    this.receive(this.#wire.settings([[8, 1]]).take(), 1e9)
    if (options.role === 'client') for (let i = 0; i < 3; i++) this.connection.openStream(webSocket, i === 0)
  }

  receive(bytes: Uint8Array, size: number): void {
    for (let at = 0; at < bytes.length; at += size) {
      this.connection.receive(bytes.slice(at, at + size), 1)
      this.#listen()
    }
  }

  #listen(): void {
    for (const event of drain(this.connection)) {
      this.events.push(event)
      if (event.type === 'DataReceived') this.#unread.push([event.streamId, event.data.length])
    }
  }

  take(step: Step, size: number): void {
    writeStep(this.#wire, step)
    this.receive(this.#wire.take(), size)
    try {
      this.#command(step)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
    }
    this.#listen()
  }

  #command([kind, streamId, flags, n]: Step): void {
    const { connection } = this
    const end = (flags & 1) !== 0
    switch (kind) {
      case 16:
        if (connection.role === 'client') connection.openStream(n % 2 === 0 ? GET : POST, end)
        else connection.sendHeaders(streamId, OK, end)
        return
      case 17:
        connection.sendData(streamId, new Uint8Array(n * 50), end)
        return
      case 18:
        if (n % 20 === 0) connection.shutdown(1)
        else if (end) connection.sendTrailers(streamId, [])
        else connection.reset(streamId, n & 15)
        return
      case 19:
        for (const [id, bytes] of this.#unread.splice(0)) connection.consumed(id, bytes)
        return
      case 20:
        this.out.push(...connection.takeOutput(n * 30))
    }
  }

  finish(): SentFrame[] {
    for (let i = 0; i < 3; i++) this.out.push(...this.connection.takeOutput(1 << 20))
    this.#listen()
    return new Listener(this.connection.role).read(concat(this.out))
  }

  get record(): string {
    return `${this.events.map(told).join('\n')}\n${Buffer.from(concat(this.out)).toString('latin1')}`
  }
}
