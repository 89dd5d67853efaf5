import { Fifo } from './fifo.ts'

/** Bytes that wait to be framed as DATA, in order; chunks are cut into views, never copied. */
export class SendQueue {
  readonly #chunks = new Fifo<Uint8Array>()
  /** How much of the oldest chunk is out already. */
  #offset = 0
  /** Bytes waiting. */
  length = 0

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.length += chunk.length
  }

  /** Removes at most `max` bytes, all from one chunk, and answers a view of them. There must be some. */
  shift(max: number): Uint8Array {
    const chunk = this.#chunks.peek()!
    const from = this.#offset
    const left = chunk.length - from
    if (left > max) {
      this.#offset = from + max
      this.length -= max
      return chunk.subarray(from, from + max)
    }
    this.#chunks.shift()
    this.#offset = 0
    this.length -= left
    return from === 0 ? chunk : chunk.subarray(from)
  }

  clear(): void {
    this.#chunks.clear()
    this.#offset = 0
    this.length = 0
  }
}
