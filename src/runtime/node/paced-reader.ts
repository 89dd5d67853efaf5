import type { Duplex } from 'node:stream'
import { concat } from '../../bytes/index.ts'
import { now } from './clock.ts'

/** A chunk whose work may take long is handed on in slices of so many bytes: a few hundred frames of the smallest kinds. */
const SLICE = 8192
/** Milliseconds that one connection may work on what it has read before others have their turn. */
const TURN = 1

/**
 * Hands on what a stream reads, and lets other connections in between while that takes long: Node reads a socket until
 * it has nothing more, and a flood of small frames can keep a processor busy for 10 ms with each chunk. RFC 9113 §10.5.
 *
 * A chunk is sliced if the one before took long, and the first is. So bodies, which take some microseconds, go whole.
 */
export class PacedReader {
  readonly #stream: Duplex
  readonly #deliver: (chunk: Uint8Array) => void
  #slow = true
  /** What waits for the next turn. The stream is paused meanwhile. */
  #rest: Uint8Array | undefined
  #scheduled = false
  /** Asked for by whoever reads. */
  #paused = false

  readonly #nextTurn = (): void => {
    this.#scheduled = false
    const rest = this.#rest
    if (rest === undefined || this.#paused || this.#stream.destroyed) return
    this.#rest = undefined
    this.#slices(rest, now(), true)
  }

  constructor(stream: Duplex, deliver: (chunk: Uint8Array) => void) {
    this.#stream = stream
    this.#deliver = deliver
  }

  /** Takes what was read. */
  push(chunk: Uint8Array): void {
    if (this.#rest !== undefined) {
      // Somebody else has resumed the stream, which is ours: what comes then must not overtake what waits.
      this.#rest = concat([this.#rest, chunk])
      this.#stream.pause()
      return
    }
    const begun = now()
    if (this.#slow && chunk.length > SLICE) {
      this.#slices(chunk, begun, false)
      return
    }
    this.#deliver(chunk)
    this.#slow = now() - begun > TURN
  }

  pause(): void {
    this.#paused = true
    this.#stream.pause()
  }

  resume(): void {
    this.#paused = false
    if (this.#rest === undefined) this.#stream.resume()
    else this.#schedule()
  }

  /** `waited`: the chunk was too much for one turn already. */
  #slices(chunk: Uint8Array, begun: number, waited: boolean): void {
    for (let at = 0; at < chunk.length; at += SLICE) {
      if (this.#stream.destroyed) return
      // One slice at least, or a process that has no processor time would never come further.
      if (this.#paused || (at > 0 && now() - begun > TURN)) {
        this.#rest = at === 0 ? chunk : chunk.subarray(at)
        this.#stream.pause()
        if (!this.#paused) this.#schedule()
        return
      }
      this.#deliver(chunk.subarray(at, at + SLICE))
    }
    this.#slow = waited || now() - begun > TURN
    if (waited && !this.#paused) this.#stream.resume()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#nextTurn)
  }
}
