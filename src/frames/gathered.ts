import { NONE } from './cursor.ts'

const STEP = 65_536

/** Up to here a loop beats `set`, which needs a view of the part to copy: some 100 ns. */
const SMALL = 64

/**
 * A payload that crosses the edges of chunks, put together in fresh memory. A header may promise more than ever comes,
 * so memory beyond the first 64 KiB follows what has come: at most twice of that.
 */
export class Gathered {
  #bytes: Uint8Array = NONE
  #size = 0

  /** How many octets are there. */
  get size(): number {
    return this.#size
  }

  /** Adds `n` octets of the chunk from `at` on to a payload that will have `length` octets. */
  add(chunk: Uint8Array, at: number, n: number, length: number): void {
    const size = this.#size + n
    if (size > this.#bytes.length) this.#grow(Math.min(Math.max(STEP, 2 * size), length))
    copy(chunk, at, n, this.#bytes, this.#size)
    this.#size = size
  }

  /** The whole payload, which is the caller's from here on: its memory is never used again. */
  take(): Uint8Array {
    const bytes = this.#bytes
    this.#bytes = NONE
    this.#size = 0
    return bytes
  }

  #grow(capacity: number): void {
    const grown = new Uint8Array(capacity)
    if (this.#size > 0) grown.set(this.#bytes)
    this.#bytes = grown
  }
}

/** Copies `n` octets from `from[at]` on to `to[place]`. */
function copy(from: Uint8Array, at: number, n: number, to: Uint8Array, place: number): void {
  if (n > SMALL) to.set(from.subarray(at, at + n), place)
  else for (let i = 0; i < n; i++) to[place + i] = from[at + i]
}
