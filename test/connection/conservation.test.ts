import fc from 'fast-check'
import { it } from 'vitest'
import { concat } from '../../src/bytes/index.ts'
import { Connection } from '../../src/connection/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import { CONNECTION_PREFACE } from '../../src/frames/index.ts'
import { check } from './property.ts'
import { drain, POST } from './support.ts'
import { Listener, Wire } from './wire.ts'

const WINDOW = 65_535

/** A peer that keeps to the connection window and counts what it has of it; the endpoint reads at its own pace. */
class Ledger {
  readonly connection: Connection
  readonly #wire: Wire = new Wire()
  readonly #listener = new Listener('server')
  readonly #unread: [number, number][] = []
  readonly #cuts: readonly number[]
  #turn = 0
  /** What the peer may still send. */
  window = WINDOW
  #nextId = 1

  constructor(streamWindow: number, cuts: readonly number[]) {
    this.connection = new Connection({ role: 'server', connectionWindow: WINDOW, streamWindow })
    this.#cuts = cuts
    this.deliver(this.#wire.bytes(CONNECTION_PREFACE).settings([]).acknowledge().take())
    this.window = WINDOW
  }

  open(contentLength: number | undefined, end: boolean): void {
    const length = contentLength === undefined ? [] : [{ name: 'content-length', value: String(contentLength) }]
    this.deliver(this.#wire.headers(this.#nextId, [...POST, ...length], end ? 1 : 0).take())
    this.#nextId += 2
  }

  /** DATA on the `nth` of the streams opened so far, if the window has room for it. */
  data(nth: number, size: number, padLength: number | undefined, flags: number, cutBy: () => void): void {
    const total = size + (padLength === undefined ? 0 : padLength + 1)
    if (total > this.window || this.#nextId === 1) return
    this.window -= total
    const id = (nth % ((this.#nextId - 1) / 2)) * 2 + 1
    const bytes = this.#wire.data(id, size, flags, padLength).take()
    const half = bytes.length >> 1
    this.deliver(bytes.subarray(0, half))
    cutBy()
    this.deliver(bytes.subarray(half))
  }

  resetByPeer(nth: number): void {
    if (this.#nextId > 1) this.deliver(this.#wire.reset((nth % ((this.#nextId - 1) / 2)) * 2 + 1, 8).take())
  }

  reset(nth: number): void {
    if (this.#nextId > 1) this.connection.reset((nth % ((this.#nextId - 1) / 2)) * 2 + 1)
  }

  /** GOAWAY both times, so that later streams are ignored. */
  shutdown(): void {
    this.open(undefined, false) // one stream of ours keeps the connection alive
    this.connection.shutdown(1)
    this.deliver(this.#wire.ping('draining', 1).take())
  }

  deliver(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const size = this.#cuts.length === 0 ? bytes.length : this.#cuts[this.#turn++ % this.#cuts.length]!
      this.connection.receive(bytes.slice(at, at + size), 1)
      at += size
      for (const event of drain(this.connection)) {
        if (event.type === 'DataReceived') this.#unread.push([event.streamId, event.data.length])
        if (event.type === 'ConnectionClosed' && event.error !== undefined) throw event.error
      }
    }
    this.#credit()
  }

  #credit(): void {
    for (const frame of this.#listener.read(concat(this.connection.takeOutput(1 << 20)))) {
      if (frame.kind === 'WINDOW_UPDATE' && frame.streamId === 0) this.window += frame.increment
    }
    if (this.window > WINDOW) throw new Error(`the peer was given ${this.window - WINDOW} bytes that it never used`)
  }

  read(n: number): void {
    for (const [id, length] of this.#unread.splice(0, n)) this.connection.consumed(id, length)
    this.#credit()
  }

  /** Reads all, and lets the peer use up its window: then every byte of it must have come back. */
  settle(): void {
    this.read(Number.POSITIVE_INFINITY)
    if (this.connection.state === 'closed') return
    try {
      this.connection.consumed(1, 1)
      throw new Error('something was never given to a consumer nor given back')
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
    }
    this.open(undefined, false)
    const last = this.#nextId - 2
    for (let left = this.window; left > 0; left = this.window) {
      const size = Math.min(left, 16_384)
      this.window -= size
      this.deliver(this.#wire.data(last, size).take())
      if (this.window >= left) return // it comes back as it goes: this stream is refused, or ignored
    }
    // In one go: credit comes in batches, and a last one below half a window would be held back.
    const total = this.#unread.splice(0).reduce((sum, [, length]) => sum + length, 0)
    this.connection.consumed(last, total)
    this.#credit()
    if (this.window !== WINDOW) throw new Error(`${WINDOW - this.window} bytes of the connection window are lost`)
  }
}

type Act = readonly [kind: number, nth: number, size: number, extra: number]
const act: fc.Arbitrary<Act> = fc.tuple(
  fc.nat(11),
  fc.nat(3),
  fc.oneof({ weight: 4, arbitrary: fc.nat(400) }, { weight: 1, arbitrary: fc.nat(16_000) }),
  fc.nat(255),
)

function perform(ledger: Ledger, [kind, nth, size, extra]: Act): void {
  switch (kind) {
    case 0:
    case 1:
      ledger.open(extra % 3 === 0 ? size : undefined, extra % 7 === 0)
      return
    case 7:
      ledger.reset(nth)
      return
    case 8:
      ledger.resetByPeer(nth)
      return
    case 9:
      ledger.read(nth)
      return
    case 10:
      if (extra % 4 === 0) ledger.shutdown()
      return
    default:
      ledger.data(nth, size, extra % 2 === 0 ? undefined : extra, extra % 5 === 0 ? 1 : 0, () => {
        if (kind === 6) ledger.reset(nth)
        else if (kind === 5) ledger.read(1)
      })
  }
}

it('RFC 9113 §6.9: bytes credited are bytes received once all is consumed, whatever became of their stream', () => {
  check(
    fc.property(
      fc.array(act, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(300, 20_000, WINDOW),
      fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 4 }),
      (acts, streamWindow, cuts) => {
        const ledger = new Ledger(
          streamWindow,
          cuts.map((n) => n + 100),
        )
        for (const one of acts) perform(ledger, one)
        ledger.settle()
      },
    ),
  )
})
