import { concat } from '../bytes/index.ts'

const empty = new Uint8Array(0)

/** A piece of at least this many bytes is kept as it came; smaller ones are copied together. */
const KEEP_SIZE = 4096

/**
 * The payload of a message that does not lie whole in one chunk. Small pieces are copied together as they come, so that
 * a million fragments of one byte take a million bytes. Large ones wait where they are and are copied once, at the end:
 * a message of 1 MiB in chunks of 64 KiB takes half the time that a growing buffer takes for it.
 */
export class MessageBuffer {
  /** The pieces before `#tail`. */
  #parts: Uint8Array[] = []
  /** The newest small pieces, `#tailLength` bytes of them, with room for more. */
  #tail = empty
  #tailLength = 0
  /** Bytes so far. */
  length = 0

  /**
   * Adds `chunk[start..end)`. `toCome` is how many more bytes will certainly follow by the frame's header, or
   * `undefined` when more frames follow. Never holds more than twice the memory of the bytes in hand, whatever was
   * announced.
   */
  append(chunk: Uint8Array, start: number, end: number, toCome: number | undefined): void {
    const size = end - start
    this.length += size
    // Kept only if the memory below is mostly this piece: a small view must not keep a large read alive.
    if (size >= KEEP_SIZE && size * 2 >= chunk.buffer.byteLength) {
      this.#sealTail()
      this.#parts.push(chunk.subarray(start, end))
      return
    }
    const length = this.#tailLength + size
    if (length > this.#tail.length) {
      const grown = new Uint8Array(Math.min(length * 2, length + (toCome ?? length)))
      grown.set(this.#tail.subarray(0, this.#tailLength))
      this.#tail = grown
    }
    this.#tail.set(chunk.subarray(start, end), this.#tailLength)
    this.#tailLength = length
  }

  /** Hands the message over; the next one starts in new memory. */
  take(): Uint8Array {
    this.#sealTail()
    const whole = this.#parts.length === 1 ? this.#parts[0] : concat(this.#parts)
    this.#parts = []
    this.length = 0
    return whole
  }

  #sealTail(): void {
    if (this.#tailLength === 0) return
    this.#parts.push(this.#tail.subarray(0, this.#tailLength))
    this.#tail = empty
    this.#tailLength = 0
  }
}
