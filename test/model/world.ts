import type { ConnectionOptions } from '../../src/connection/index.ts'
import { Endpoint } from './endpoint.ts'
import { Ledger } from './ledger.ts'
import { must } from './must.ts'
import type { Talk } from './user.ts'

export type Side = 'client' | 'server'

/** How the two ends differ from run to run. */
export interface Shape {
  readonly client: SideShape
  readonly server: SideShape
  readonly maxConcurrentStreams: number
  /** Windows may grow with the path. */
  readonly grows: boolean
}

interface SideShape {
  readonly streamWindow: number
  readonly connectionWindow: number
  readonly sendHighWaterMark: number
}

/** Two ends, the wire between them and the time. */
export class World {
  readonly client: Endpoint
  readonly server: Endpoint
  readonly shape: Shape
  now = 1

  constructor(shape: Shape) {
    this.shape = shape
    const up = new Ledger()
    const down = new Ledger()
    this.client = new Endpoint('client', options(shape, shape.client), up, down)
    this.server = new Endpoint('server', options(shape, shape.server), down, up)
    this.client.user.peer = this.server.user
    this.server.user.peer = this.client.user
  }

  other(side: Side): Endpoint {
    return side === 'client' ? this.server : this.client
  }

  /** Carries up to `n` bytes from the other end to this one; after the last there may be an end. */
  deliver(to: Side, n: number): boolean {
    const from = this.other(to)
    const end = this[to]
    let left = n
    for (let chunk = from.wire[0]; chunk !== undefined && left > 0; chunk = from.wire[0]) {
      const piece = chunk.subarray(0, left)
      left -= piece.length
      if (piece.length === chunk.length) from.wire.shift()
      else from.wire[0] = chunk.subarray(piece.length)
      // What is received is lent, so it is no part of what was sent.
      end.receive(piece.slice(), this.now)
    }
    if (left === n && from.isClosed && !from.connection.hasOutput && !end.ended) {
      end.ended = true
      end.connection.receiveEnd(this.now)
      end.drain()
      return true
    }
    return left < n
  }

  advance(milliseconds: number): void {
    this.now += milliseconds
    for (const end of [this.client, this.server]) {
      if (this.now >= end.connection.deadline) end.connection.timeout(this.now)
      end.drain()
    }
  }

  /** What holds at any moment. */
  judge(): void {
    const { client, server } = this
    client.drain()
    server.drain()
    must(client.user.mayOpen === client.connection.canOpenStream, `canOpenStream is ${client.connection.canOpenStream}`)
    // What waits in the queue of control frames is in nobody's books yet.
    if (client.connection.queuedControlBytes + server.connection.queuedControlBytes > 0) return
    client.judge()
    server.judge()
    this.#judgeCredit(0)
  }

  /** On the connection, or on a stream: RFC 9113 §6.9.1 has windows on both levels. */
  #judgeCredit(id: number): void {
    for (const side of ['client', 'server'] as const) {
      const { inward, isClosed, lives, unacknowledged, user } = this[side]
      if (isClosed) continue
      const { connectionWindow, streamWindow } = this.shape[side]
      if (id === 0) inward.judgeCredit(0, connectionWindow, this.shape.grows ? MAX_CONNECTION_WINDOW : connectionWindow)
      else if (user.talks.has(id) && unacknowledged === 0 && stillReceives(lives.state(id)))
        inward.judgeCredit(
          id,
          user.streamWindow,
          this.shape.grows ? MAX_STREAM_WINDOW : Math.max(streamWindow, user.streamWindow),
        )
    }
  }

  /** Everything goes where it belongs until nothing moves: whoever reads must be able to go on. */
  settle(): void {
    for (let moved = true; moved; ) {
      moved = false
      for (const side of ['client', 'server'] as const) {
        const end = this[side]
        if (end.pull(100_000, this.now)) moved = true
        while (this.deliver(side, 100_000)) moved = true
        for (const talk of end.user.order) {
          if (talk.unread === 0 || end.isClosed) continue
          end.user.consume(talk, talk.unread)
          moved = true
        }
      }
      this.judge()
    }
  }

  /** After the last command: all that was begun comes to its end, and nothing is left over. */
  finish(): void {
    this.settle()
    for (const side of ['client', 'server'] as const) for (const talk of this[side].user.order) this.#end(side, talk)
    this.settle()
    const { client, server } = this
    for (const side of ['client', 'server'] as const) {
      const { connection, isClosed, lives, user } = this[side]
      for (const talk of user.order) {
        must(talk.over !== 'not yet', `${side}: stream ${talk.id} never ends`)
        must(connection.queuedBytes(talk.id) === 0, `${side}: stream ${talk.id} is over and holds data`)
      }
      if (isClosed) continue
      must(connection.openStreams === 0 && lives.open === 0, `${side}: ${connection.openStreams} streams left`)
      must(user.pings === user.pongs, `${side}: ${user.pongs} of ${user.pings} PINGs came back`)
    }
    must(client.isClosed === server.isClosed, 'one side is closed and the other is not')
    must(client.isClosed || !(client.draining || server.draining), 'a graceful end that does not come')
  }

  /** Ends one side of a stream that is still open. */
  #end(side: Side, talk: Talk): void {
    const { connection, isClosed, user } = this[side]
    if (talk.over !== 'not yet' || isClosed) return
    // All was read and everything has moved: nothing can be waiting.
    must(connection.queuedBytes(talk.id) === 0, `${side}: stream ${talk.id} stands still with data queued`)
    must(!talk.held || talk.ended, `${side}: stream ${talk.id} is never writable again`)
    this.#judgeCredit(talk.id)
    if (user.mayRespond(talk)) user.respond(talk, 204, true, 0)
    else if (user.mayWrite(talk)) user.write(talk, 0, true)
  }
}

const MAX_STREAM_WINDOW = 200_000
const MAX_CONNECTION_WINDOW = 400_000

function options({ grows, maxConcurrentStreams }: Shape, side: SideShape): Partial<ConnectionOptions> {
  const limits = {
    maxConcurrentStreams,
    maxStreamWindow: grows ? MAX_STREAM_WINDOW : side.streamWindow,
    maxConnectionWindow: grows ? MAX_CONNECTION_WINDOW : side.connectionWindow,
    // Windows of a few octets are not what the budget for credit is made for.
    glitchBurst: 1e6,
  }
  return { ...side, limits }
}

function stillReceives(state: string): boolean {
  return state === 'OPEN' || state === 'HALF_CLOSED_LOCAL'
}
