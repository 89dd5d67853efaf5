import type { Field } from '../hpack/index.ts'

/** New arrays are at least this large, so that many tiny DATA frames share one. */
const SLAB = 4096

/**
 * Received bytes that nobody has read yet, copied out of the borrowed chunk. Small pieces are packed together: what a
 * peer makes us keep costs what its bytes cost, however thinly it slices them. The receive window bounds the whole.
 */
export class IncomingBody {
  readonly #slabs: Uint8Array[] = []
  /** Bytes used in the last slab; all the others are full. */
  #used = 0
  /** Bytes kept. */
  length = 0
  /** Bytes delivered in a call that paused the stream: their credit waits for `resume`. */
  withheld = 0
  /** The trailer section that comes behind. */
  trailers: readonly Field[] | undefined

  /** Copies `data` in. */
  push(data: Uint8Array): void {
    let rest = data
    const last = this.#slabs.at(-1)
    if (last !== undefined) {
      const room = Math.min(last.length - this.#used, rest.length)
      last.set(rest.subarray(0, room), this.#used)
      this.#used += room
      rest = rest.subarray(room)
    }
    if (rest.length > 0) {
      const slab = new Uint8Array(Math.max(rest.length, SLAB))
      slab.set(rest)
      this.#slabs.push(slab)
      this.#used = rest.length
    }
    this.length += data.length
  }

  /** How much credit waited until now. */
  takeWithheld(): number {
    const { withheld } = this
    this.withheld = 0
    return withheld
  }

  /** Takes the oldest piece out; the caller owns it. Call it only while `length` is above 0. */
  shift(): Uint8Array {
    const slab = this.#slabs.shift()!
    const piece = this.#slabs.length === 0 ? slab.subarray(0, this.#used) : slab
    this.length -= piece.length
    return piece
  }
}
