import { messageEnds } from '../../websocket/index.ts'

/** Entries done with at the front of the list before it is moved up; a list that is done with is kept up to this size. */
const MOVE_UP_AT = 256

/**
 * Which messages a stream has not handed to its transport yet: where each of them ends among the bytes written to the
 * stream. What has left is forgotten with the next write, so that a socket that keeps up has next to nothing here.
 *
 * The list is written over and not emptied: a new one with each write would cost an echo of 125 bytes 4 % of its time.
 */
export class MessageLedger {
  /** Bytes written to the stream. */
  written = 0
  #ends: number[] = [0, 0]
  /** The entries that count are those from `#first` up to `#count`. */
  #first = 0
  #count = 0

  /** `chunks` are about to be written, of whose predecessors `queued` bytes have not left. */
  add(chunks: readonly Uint8Array[], queued: number): void {
    if (queued === 0) this.#clear()
    else this.#forget(this.written - queued)
    this.#count = messageEnds(chunks, this.written, this.#ends, this.#count)
    for (const chunk of chunks) this.written += chunk.length
  }

  /** How many messages had not left whole, if `queued` of the bytes written never did. */
  unsent(queued: number): number {
    const left = this.written - queued
    let unsent = 0
    for (let i = this.#count - 1; i >= this.#first && this.#ends[i] > left; i--) unsent++
    return unsent
  }

  #clear(): void {
    if (this.#count > MOVE_UP_AT) this.#ends = []
    this.#first = 0
    this.#count = 0
  }

  #forget(left: number): void {
    while (this.#first < this.#count && this.#ends[this.#first] <= left) this.#first++
    if (this.#first < MOVE_UP_AT) return
    this.#ends = this.#ends.slice(this.#first, this.#count)
    this.#count -= this.#first
    this.#first = 0
  }
}
