import { concat } from '../bytes/index.ts'
import type { ByteTransport, TransportReceiver } from './transport.ts'

/** What goes wrong with the bytes that arrive (and with `write`). Positions count received bytes from 0. */
export interface FaultPlan {
  /** Decides the sizes of slices; the same seed gives the same run. 1 when absent. */
  readonly seed?: number
  /** Chunks arrive in slices of 1 to so many bytes. */
  readonly maxSlice?: number
  /** Bytes are held back until so many are together, or until nothing more is on its way. */
  readonly coalesce?: number
  /** Puts each delivery off; none is lost or reordered. At once when absent. */
  readonly schedule?: (task: () => void) => void
  /** From this byte on nothing arrives, and no end either. */
  readonly stallAt?: number
  /** At this byte the connection is cut: the peer's FIN, or an abort of both sides. */
  readonly cutAt?: number
  readonly cut?: 'end' | 'abort'
  /** This byte arrives changed by XOR with `corruptMask` (0xff when absent). */
  readonly corruptAt?: number
  readonly corruptMask?: number
  /** Every so many-th `write` returns false although there is room; `drained` follows. */
  readonly refuseEvery?: number
}

/**
 * A transport over another one that misbehaves by plan, for tests: everything a network may do to a byte stream,
 * and what only a broken one does. Deterministic by `plan.seed`.
 *
 * @example
 * const [near, far] = memoryPair()
 * const slow = new FaultyTransport(far, { seed: 7, maxSlice: 3 })
 */
export class FaultyTransport implements ByteTransport {
  readonly #inner: ByteTransport
  readonly #plan: FaultPlan
  readonly #schedule: (task: () => void) => void
  #receiver: TransportReceiver | undefined
  #random: number
  #received = 0
  #writes = 0
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  /** Deliveries that were put off or held back by `pause`, in order. */
  readonly #queue: (() => void)[] = []
  #running = false
  #paused = false
  #cut = false

  constructor(inner: ByteTransport, plan: FaultPlan) {
    this.#inner = inner
    this.#plan = plan
    this.#schedule = plan.schedule ?? queueMicrotask
    this.#random = (plan.seed ?? 1) >>> 0 || 1
  }

  start(receiver: TransportReceiver): void {
    this.#receiver = receiver
    this.#inner.start({
      data: (chunk) => this.#arrived(chunk),
      end: () => {
        this.#letGo()
        if (!this.#stalled) this.#later(() => this.#cut || receiver.end())
      },
      drained: () => receiver.drained(),
      closed: (error) => {
        // what a closed transport still held back is lost, as on a real one after a reset
        if (error !== undefined) this.#queue.length = 0
        this.#paused = false
        this.#later(() => receiver.closed(error))
      },
    })
  }

  write(chunks: readonly Uint8Array[], yielding?: boolean): boolean {
    const room = this.#inner.write(chunks, yielding)
    const every = this.#plan.refuseEvery
    if (every === undefined || ++this.#writes % every !== 0 || !room) return room
    this.#schedule(() => this.#receiver!.drained())
    return false
  }

  end(): void {
    this.#inner.end()
  }

  abort(): void {
    this.#queue.length = 0
    this.#inner.abort()
  }

  pause(): void {
    this.#paused = true
    this.#inner.pause()
  }

  resume(): void {
    this.#paused = false
    this.#inner.resume()
    this.#run()
  }

  get #stalled(): boolean {
    return this.#plan.stallAt !== undefined && this.#received >= this.#plan.stallAt
  }

  #arrived(chunk: Uint8Array): void {
    const { stallAt = Infinity, cutAt = Infinity, corruptAt = -1, corruptMask = 0xff, coalesce } = this.#plan
    const from = this.#received
    this.#received += chunk.length
    if (corruptAt >= from && corruptAt < this.#received) chunk[corruptAt - from]! ^= corruptMask
    const keep = Math.min(stallAt, cutAt) - from
    const part = keep < chunk.length ? chunk.subarray(0, Math.max(keep, 0)) : chunk
    if (coalesce === undefined) this.#slice(part)
    else this.#gather(part, coalesce)
    if (cutAt < this.#received && cutAt >= from) this.#later(() => this.#cutNow())
  }

  /** Ends the transport in the middle, as the plan says. */
  #cutNow(): void {
    if (this.#cut) return
    this.#cut = true
    if (this.#plan.cut === 'abort') this.#inner.abort()
    else this.#receiver!.end()
  }

  #gather(part: Uint8Array, coalesce: number): void {
    if (part.length === 0) return
    if (this.#gatheredBytes === 0) this.#letGoWhenQuiet(this.#received, 2)
    this.#gathered.push(part)
    this.#gatheredBytes += part.length
    if (this.#gatheredBytes >= coalesce) this.#letGo()
  }

  /** Looks again until nothing has come between two looks: the inner transport may deliver one chunk at a time. */
  #letGoWhenQuiet(seen: number, looks: number): void {
    this.#schedule(() => {
      if (this.#received !== seen) this.#letGoWhenQuiet(this.#received, 2)
      else if (looks > 1) this.#letGoWhenQuiet(seen, looks - 1)
      else this.#letGo()
    })
  }

  #letGo(): void {
    if (this.#gatheredBytes === 0) return
    const whole = concat(this.#gathered)
    this.#gathered = []
    this.#gatheredBytes = 0
    this.#slice(whole)
  }

  #slice(chunk: Uint8Array): void {
    const max = this.#plan.maxSlice ?? Infinity
    for (let at = 0; at < chunk.length; ) {
      const size = max === Infinity ? chunk.length : 1 + this.#next(max)
      // a copy each: a slice is handed over for good, and may be overwritten by who gets it
      const piece = chunk.slice(at, at + size)
      at += size
      this.#later(() => this.#cut || this.#receiver!.data(piece))
    }
  }

  /** xorshift32: small, seeded, good enough to choose sizes. */
  #next(below: number): number {
    let x = this.#random
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#random = x >>> 0
    return this.#random % below
  }

  #later(task: () => void): void {
    this.#queue.push(task)
    this.#run()
  }

  #run(): void {
    if (this.#running || this.#paused || this.#queue.length === 0) return
    this.#running = true
    this.#schedule(() => {
      this.#running = false
      if (this.#paused) return
      this.#queue.shift()?.()
      this.#run()
    })
  }
}
