import { Connection, type ConnectionEvent, type ConnectionOptions, type Role } from '../../src/connection/index.ts'
import type { Ledger } from './ledger.ts'
import { must } from './must.ts'
import { StreamLives } from './stream-life.ts'
import { User } from './user.ts'
import { number32, WireTap } from './wire-tap.ts'

const PREFACE_SIZE = 24
const ACK = 1
const INITIAL_WINDOW_SIZE = 4
const MAX_CONCURRENT_STREAMS = 3
const ENABLE_CONNECT_PROTOCOL = 8

/** Deadlines of the peer's are left out: how long things take is up to the model, and is nobody's fault. */
const PATIENT = 1e12
const patience = {
  prefaceTimeout: PATIENT,
  settingsTimeout: PATIENT,
  fieldBlockTimeout: PATIENT,
  writeStallTimeout: PATIENT,
  streamStallTimeout: PATIENT,
  tunnelStallTimeout: PATIENT,
}

/** One end: the library's connection, and what the model makes of the frames that enter and leave it. */
export class Endpoint {
  readonly connection: Connection
  readonly lives: StreamLives
  readonly user: User
  /** What this end sends, and what it receives. */
  readonly outward: Ledger
  readonly inward: Ledger
  /** Bytes that left and have not arrived. */
  readonly wire: Uint8Array[] = []
  /** What the peer announced: as many streams of ours, and RFC 8441. */
  maxStreams: number = Number.POSITIVE_INFINITY
  settingsArrived = false
  extendedConnect = false
  /** No new streams: a GOAWAY was sent or has come. */
  draining = false
  /** A GOAWAY that ended it all. */
  aborted = false
  lastStreamId = 0x7fff_ffff
  isClosed = false
  ended = false

  readonly #out: WireTap
  readonly #in: WireTap
  readonly #states: Map<number, string> = new Map()
  readonly #windows: { readonly send: Map<number, number>; readonly receive: Map<number, number> } = {
    send: new Map(),
    receive: new Map(),
  }
  /** INITIAL_WINDOW_SIZE as the peer knows it, then as in each of our SETTINGS that it has not acknowledged. */
  readonly #announced: number[] = [65_535]
  /** DATA with END_STREAM that is being received. */
  #ending = 0
  #settings: Uint8Array[] = []
  #goAways: number[] = []

  constructor(role: Role, options: Partial<ConnectionOptions>, outward: Ledger, inward: Ledger) {
    this.outward = outward
    this.inward = inward
    this.lives = new StreamLives(role === 'client')
    this.user = new User(this, options.streamWindow ?? 262_144)
    this.#out = new WireTap({ begun: () => {}, ended: this.#left.bind(this) }, role === 'client' ? PREFACE_SIZE : 0)
    this.#in = new WireTap(
      { begun: this.#arriving.bind(this), ended: this.#arrived.bind(this) },
      role === 'server' ? PREFACE_SIZE : 0,
    )
    this.connection = new Connection({
      ...options,
      limits: { ...patience, ...options.limits },
      role,
      ...(role === 'server' ? { extendedConnect: 'advertise' as const } : {}),
      observer: {
        frameSent: (type, flags, id) => this.lives.sent(type, flags, id),
        frameReceived: (type, flags, id) => this.#received(type, flags, id),
        stateChanged: (id, from, to) => {
          must((this.#states.get(id) ?? 'IDLE') === from, `stream ${id} leaves ${from}, where it is not`)
          this.#states.set(id, to)
        },
        windowChanged: (id, direction, size) => void this.#windows[direction].set(id, size),
      },
    })
  }

  /** Puts what is to be sent on the wire: all control frames, and DATA up to `maxBytes`. */
  pull(maxBytes: number, now: number): boolean {
    const chunks = this.connection.takeOutput(maxBytes, now)
    for (const chunk of chunks) {
      this.#out.push(chunk)
      this.wire.push(chunk)
    }
    this.user.pulled()
    this.drain()
    return chunks.length > 0
  }

  receive(chunk: Uint8Array, now: number): void {
    if (this.isClosed) return
    this.#in.push(chunk)
    const { inward } = this
    inward.underWayOn = this.#in.dataUnderWay
    inward.underWay = inward.underWayOn === 0 ? 0 : this.#in.left
    this.connection.receive(chunk, now)
    if (inward.underWayOn === 0) this.#endData()
    this.drain()
  }

  drain(): void {
    for (let event = this.connection.nextEvent(); event !== undefined; event = this.connection.nextEvent()) {
      this.#hear(event)
    }
  }

  #hear(event: ConnectionEvent): void {
    must(!this.isClosed, `${event.type} after ConnectionClosed`)
    if (event.type === 'ConnectionClosed') this.isClosed = true
    this.user.hear(event)
  }

  /** A whole frame left us. */
  #left(type: number, flags: number, id: number, length: number, payload: Uint8Array): void {
    if (type === 0) this.outward.dataSent(id, length)
    else if (type === 8) {
      const increment = number32(payload, 0)
      this.inward.of(id).creditSent += increment
    } else if (type === 4 && (flags & ACK) === 0) {
      this.#announced.push(initialWindow(payload) ?? this.#announced.at(-1)!)
      this.#hold()
    } else if (type === 7) {
      this.draining = true
      const last = number32(payload, 0)
      must(last <= this.lastStreamId, `GOAWAY goes from ${this.lastStreamId} up to ${last}`)
      this.lastStreamId = last
    }
  }

  /** RFC 9113 §6.5.3: the peer goes by a value that it has acknowledged or by a later one, so the largest of them holds. */
  #hold(): void {
    this.inward.receiverWindow = Math.max(...this.#announced)
  }

  /** SETTINGS of ours that are not acknowledged. */
  get unacknowledged(): number {
    return this.#announced.length - 1
  }

  /** A frame header reached us. */
  #arriving(type: number, _flags: number, id: number, length: number): void {
    if (type === 0) this.inward.dataArrived(id, length)
  }

  /** A whole frame reached us; the library has not seen it yet. */
  #arrived(type: number, flags: number, id: number, _length: number, payload: Uint8Array): void {
    if (type === 8) this.outward.of(id).creditArrived += number32(payload, 0)
    else if (type === 7) this.#goAways.push(number32(payload, 0))
    else if (type === 4) {
      if ((flags & ACK) === 0) this.#settings.push(payload)
      else {
        this.#announced.shift()
        this.#hold()
      }
    }
  }

  /** The library has come to this frame: to the whole of it, unless it is DATA. */
  #received(type: number, flags: number, id: number): void {
    this.#endData()
    if (type === 0) this.#ending = (flags & 1) !== 0 ? id : 0
    else if (type === 7) {
      this.draining = true
      this.lives.goAwayReceived(this.#goAways.shift()!)
    } else if (type === 4 && (flags & ACK) === 0) this.#apply(this.#settings.shift()!)
    else this.lives.received(type, flags, id)
  }

  #endData(): void {
    if (this.#ending === 0) return
    this.lives.received(0, 1, this.#ending)
    this.#ending = 0
  }

  /** RFC 9113 §6.5.2. */
  #apply(payload: Uint8Array): void {
    this.settingsArrived = true
    this.outward.senderWindow = initialWindow(payload) ?? this.outward.senderWindow
    for (let at = 0; at < payload.length; at += 6) {
      const id = (payload[at]! << 8) | payload[at + 1]!
      const value = number32(payload, at + 2)
      if (id === MAX_CONCURRENT_STREAMS) this.maxStreams = value
      else if (id === ENABLE_CONNECT_PROTOCOL) this.extendedConnect = value === 1
    }
  }

  /** Holds the states and windows that the library told against those of the model. Nothing may wait to be pulled. */
  judge(): void {
    if (this.isClosed) return
    for (const id of this.lives.touched) {
      const told = this.#states.get(id) ?? 'IDLE'
      const here = told === 'RESET_SENT' || told === 'RESET_RECEIVED' ? 'CLOSED' : told
      const model = this.lives.state(id)
      // Streams behind our GOAWAY, and those refused at once, have no record.
      if (told === 'IDLE' && (id > this.lastStreamId || model === 'CLOSED')) continue
      must(here === model, `stream ${id} is ${told}; by its frames it is ${model}`)
    }
    this.lives.touched.clear()
    this.#judgeWindows(this.#windows.send, (id) => this.outward.sendable(id), 'HALF_CLOSED_LOCAL')
    this.#judgeWindows(this.#windows.receive, (id) => this.inward.receivable(id), 'HALF_CLOSED_REMOTE')
  }

  /** Whose way is `ended` needs no window any more. */
  #judgeWindows(told: Map<number, number>, model: (id: number) => number, ended: string): void {
    for (const [id, size] of told) {
      const state = this.lives.state(id)
      if (id !== 0 && (state === 'CLOSED' || state === ended)) continue
      must(size === model(id), `the window of stream ${id} is ${size}; by its frames it is ${model(id)}`)
    }
    told.clear()
  }
}

/** What SETTINGS say of INITIAL_WINDOW_SIZE, if anything. */
function initialWindow(payload: Uint8Array): number | undefined {
  for (let at = 0; at < payload.length; at += 6) {
    if (((payload[at]! << 8) | payload[at + 1]!) === INITIAL_WINDOW_SIZE) return number32(payload, at + 2)
  }
  return undefined
}
