import { limitPassed } from './charges.ts'
import type { Core } from './core.ts'
import type { Limits } from './limits.ts'
import { hasOutput } from './output.ts'
import type { Stream } from './stream.ts'

const NEVER: number = Number.POSITIVE_INFINITY

/** Looks in the time of the shorter limit: how much later than the limit an end may come. */
const LOOKS = 4
/** Less than this from one look to the next is no progress, or a byte now and then would hold a stream for ever. */
const PROGRESS = 1024

/**
 * Watches output that does not leave. RFC 9113 §10.5: a peer may ask for much and take nothing, by its transport or by
 * its windows, and would so make us hold it. There is no clock for each stream but one look at all now and then, while
 * anything waits; with nothing to send there is none.
 */
export class Stalls {
  /** When the next look is due. */
  next: number = NEVER
  /** Bytes of DATA, and whether anything at all, left since the last look. */
  moved = 0
  taken = false
  readonly #limits: Limits
  readonly #period: number
  #looks = 0

  constructor(limits: Limits) {
    this.#limits = limits
    this.#period = Math.min(limits.writeStallTimeout, limits.streamStallTimeout, limits.tunnelStallTimeout) / LOOKS
  }

  /** Something waits to be sent. `now` may lie back: then the first look comes too early, and only takes note. */
  begin(now: number): void {
    if (this.next === NEVER) this.next = now + this.#period
  }

  /** The streams that have stood still for too long. Ends the connection itself when its transport has. */
  look(core: Core, now: number): number[] {
    const stalled: number[] = []
    if (now < this.next) return stalled
    const waiting = hasOutput(core)
    this.#looks = waiting && !this.taken ? this.#looks + 1 : 0
    let queued = false
    for (const stream of core.streams.values()) {
      const { queue } = stream
      if (queue === undefined) continue
      // Whoever has window and waits for its turn is held up by other streams, which is no fault of the peer's.
      const held = stream.sendWindow <= 0 || this.moved < PROGRESS
      const stands = queue.length > 0 && queue.moved < PROGRESS && held && this.#looks === 0
      queue.stalls = stands ? queue.stalls + 1 : 0
      queue.moved = 0
      queued ||= queue.length > 0
      if (this.#passed(queue.stalls, this.#limits[stallLimit(stream)])) stalled.push(stream.id)
    }
    this.moved = 0
    this.taken = false
    this.next = waiting || queued ? now + this.#period : NEVER
    if (this.#passed(this.#looks, this.#limits.writeStallTimeout)) {
      limitPassed(core, 'writeStallTimeout', 0, `the peer has taken nothing for ${this.#limits.writeStallTimeout} ms`)
    }
    return stalled
  }

  clear(): void {
    this.next = NEVER
  }

  /** So many looks in a row span the time between the first and the last of them. */
  #passed(looks: number, limit: number): boolean {
    return (looks - 1) * this.#period >= limit
  }
}

/** The limit by which a stream's data may wait: who reads a tunnel goes by no clock of ours. RFC 9113 §8.5. */
export function stallLimit(stream: Stream): 'streamStallTimeout' | 'tunnelStallTimeout' {
  return stream.isConnect ? 'tunnelStallTimeout' : 'streamStallTimeout'
}
