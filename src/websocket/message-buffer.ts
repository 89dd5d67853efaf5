import { concat } from '../bytes/index.ts'

const empty = new Uint8Array(0)

/** A piece of at least this many bytes may be kept as it came; smaller ones are copied together. */
const KEEP_SIZE = 4096

/**
 * The payload of a message that does not lie whole in one chunk. Small pieces are copied together as they come, so that
 * a million fragments of one byte take a million bytes. Large ones wait where they are and are copied once, at the end:
 * of a message of 1 MiB in DATA frames of 16 KiB, all but the first 32 KiB. Measured: 0.46 ms against 0.58 for a buffer
 * that grows.
 */
export class MessageBuffer {
  /** The pieces before `#tail`. */
  #parts: Uint8Array[] = []
  /** Bytes of memory that `#parts` keep alive. */
  #held = 0
  /** The memory that the last piece kept lies in: others in it cost no more. */
  #lastKept: ArrayBufferLike | undefined = undefined
  /** The newest small pieces, `#tailLength` bytes of them, with room for more. */
  #tail = empty
  #tailLength = 0
  /** Bytes so far. */
  length = 0

  /**
   * Adds `chunk[start..end)`. `toCome` is how many more bytes will certainly follow by the frame's header, or
   * `undefined` when more frames follow. Never holds more than twice the memory of the bytes in hand, whatever was
   * announced and however large the reads are that the pieces lie in.
   */
  append(chunk: Uint8Array, start: number, end: number, toCome: number | undefined): void {
    const size = end - start
    this.length += size
    if (size >= KEEP_SIZE && this.#mayKeep(chunk.buffer)) {
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
    this.#held = 0
    this.#lastKept = undefined
    this.length = 0
    return whole
  }

  /** A view of a small part must not keep a large read alive, unless what the message has by now makes up for it. */
  #mayKeep(memory: ArrayBufferLike): boolean {
    if (memory === this.#lastKept) return true
    const held = this.#held + memory.byteLength
    if (held + this.#tail.length > 2 * this.length) return false
    this.#held = held
    this.#lastKept = memory
    return true
  }

  #sealTail(): void {
    if (this.#tailLength === 0) return
    this.#parts.push(this.#tail.subarray(0, this.#tailLength))
    this.#held += this.#tail.length
    this.#tail = empty
    this.#tailLength = 0
  }
}
