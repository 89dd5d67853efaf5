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
  /** Crumbs behind all chunks, packed; `#packed` octets of it are used. */
  #slab: Uint8Array | undefined = undefined
  #packed = 0
  /** Bytes waiting. */
  length = 0

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
    if (this.#more?.length === 0) this.#seal()
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
    if (this.#slab !== undefined && this.#packed + crumb.length > SLAB) this.#seal()
    if (this.#slab === undefined) {
      this.#slab = new Uint8Array(SLAB)
      this.#packed = 0
    }
    this.#slab.set(crumb, this.#packed)
    this.#packed += crumb.length
  }

  /** What is packed becomes a chunk like the others. */
  #seal(): void {
    if (this.#slab === undefined) return
    this.#more!.push(this.#slab.subarray(0, this.#packed))
    this.#slab = undefined
  }
}
