const empty = new Uint8Array(0)

/**
 * The payload of a message that does not lie whole in one chunk: its pieces are copied together as they come, so that
 * a million fragments of one byte take a million bytes.
 */
export class MessageBuffer {
  #bytes = empty
  /** Bytes so far. */
  length = 0

  /**
   * Copies `chunk[start..end)` in. `toCome` is how many more bytes will certainly follow by the frame's header, or
   * `undefined` when more frames follow. Never takes more than twice the memory of the bytes in hand, whatever was
   * announced.
   */
  append(chunk: Uint8Array, start: number, end: number, toCome: number | undefined): void {
    const length = this.length + end - start
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(length * 2, length + (toCome ?? length)))
      grown.set(this.#bytes.subarray(0, this.length))
      this.#bytes = grown
    }
    this.#bytes.set(chunk.subarray(start, end), this.length)
    this.length = length
  }

  /** Hands the message over; the next one starts in new memory. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.length)
    this.#bytes = empty
    this.length = 0
    return taken
  }
}
