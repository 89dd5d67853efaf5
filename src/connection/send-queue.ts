import { Fifo } from './fifo.ts'

/** A chunk up to this size costs more to keep by itself than to copy. */
const CRUMB = 256
/** With fewer chunks than this nothing has piled up yet, and copying would be for nothing. */
const FEW = 16
/** Crumbs are packed into pieces of this size. */
const SLAB = 4096

/**
 * Bytes that wait to be framed as DATA, in order. Chunks are cut into views and not copied, but for crumbs that pile up:
 * an object for each octet would make what a peer does not take cost two hundred times its size.
 */
export class SendQueue {
  /** The oldest chunk; undefined when nothing waits. Most bodies of answers are no more than it. */
  #first: Uint8Array | undefined = undefined
  /** How much of it is out already. */
  #offset = 0
  /** The chunks behind it. */
  #more: Fifo<Uint8Array> | undefined = undefined
  /** Where crumbs are packed: `#packed` octets are used, those from `#sealed` on lie behind all chunks. */
  #slab: Uint8Array | undefined = undefined
  #packed = 0
  #sealed = 0
  /** Bytes waiting. */
  length = 0
  /** Bytes sent since the last look at stalled streams, and at how many looks in a row they stood still. */
  moved = 0
  stalls = 0

  push(chunk: Uint8Array): void {
    this.length += chunk.length
    if (this.#first === undefined) {
      this.#first = chunk
      return
    }
    this.#more ??= new Fifo()
    if (chunk.length <= CRUMB && this.#more.length + 1 >= FEW) this.#pack(chunk)
    else {
      this.#seal()
      this.#more.push(chunk)
    }
  }

  /** Removes at most `max` bytes, all from one chunk, and answers a view of them. There must be some. */
  shift(max: number): Uint8Array {
    const chunk = this.#first!
    const from = this.#offset
    const left = chunk.length - from
    if (left > max) {
      this.#offset = from + max
      this.length -= max
      return chunk.subarray(from, from + max)
    }
    if (this.#more?.length === 0) {
      this.#seal()
      this.#slab = undefined
    }
    this.#first = this.#more?.shift()
    this.#offset = 0
    this.length -= left
    return from === 0 ? chunk : chunk.subarray(from)
  }

  /** Lets go of what waits, for good; `length` goes on saying how much that was. */
  drop(): void {
    this.#first = undefined
    this.#more = undefined
    this.#slab = undefined
    this.#offset = 0
  }

  #pack(crumb: Uint8Array): void {
    if (this.#slab === undefined || this.#packed + crumb.length > SLAB) {
      this.#seal()
      this.#slab = new Uint8Array(SLAB)
      this.#packed = 0
      this.#sealed = 0
    }
    this.#slab.set(crumb, this.#packed)
    this.#packed += crumb.length
  }

  /**
   * What is packed becomes a chunk like the others; crumbs that come later go on behind it. Between long messages each
   * header is a crumb by itself: a slab for each allocated a quarter of the octets that an echo of 16 KiB moved.
   */
  #seal(): void {
    if (this.#slab === undefined || this.#sealed === this.#packed) return
    this.#more!.push(this.#slab.subarray(this.#sealed, this.#packed))
    this.#sealed = this.#packed
  }
}
