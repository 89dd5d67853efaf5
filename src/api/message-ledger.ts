import { messageEnds } from '../websocket/index.ts'

/** Entries at the front of the list that may be done with before it is moved up. */
const MOVE_UP_AT = 1024

/**
 * Which messages a stream has not handed to its transport yet: where each of them ends among the bytes written to the
 * stream. What has left is forgotten with the next write, so that a socket that keeps up has next to nothing here.
 */
export class MessageLedger {
  /** Bytes written to the stream. */
  written = 0
  #ends: number[] = []
  #first = 0

  /** `chunks` are about to be written, of whose predecessors `queued` bytes have not left. */
  add(chunks: readonly Uint8Array[], queued: number): void {
    if (queued === 0) {
      this.#ends.length = 0
      this.#first = 0
    } else {
      this.#forget(this.written - queued)
    }
    messageEnds(chunks, this.written, this.#ends)
    for (const chunk of chunks) this.written += chunk.length
  }

  /** How many messages had not left whole, if `queued` of the bytes written never did. */
  unsent(queued: number): number {
    const left = this.written - queued
    let unsent = 0
    for (let i = this.#ends.length - 1; i >= this.#first && this.#ends[i] > left; i--) unsent++
    return unsent
  }

  #forget(left: number): void {
    while (this.#first < this.#ends.length && this.#ends[this.#first] <= left) this.#first++
    if (this.#first < MOVE_UP_AT) return
    this.#ends = this.#ends.slice(this.#first)
    this.#first = 0
  }
}
