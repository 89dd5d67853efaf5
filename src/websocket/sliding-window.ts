const empty = new Uint8Array(0)

/**
 * The octets that came last, as far back as a DEFLATE window reaches. RFC 7692 §7.2.3.2.
 * It takes no memory before the first of them, and never more than its size.
 */
export class SlidingWindow {
  readonly #size: number
  #memory: Uint8Array = empty
  #length = 0

  constructor(size: number) {
    this.#size = size
  }

  /** A view that the next `append` changes. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length)
  }

  append(data: Uint8Array): void {
    const size = this.#size
    const kept = Math.min(this.#length, size - Math.min(data.length, size))
    const needed = kept + Math.min(data.length, size)
    const before = this.#memory.subarray(this.#length - kept, this.#length)
    // Grows by doubling: most sockets never say as much as a window holds.
    if (needed > this.#memory.length) this.#memory = new Uint8Array(Math.min(size, 2 * needed))
    this.#memory.set(before)
    this.#memory.set(data.length > size ? data.subarray(data.length - size) : data, kept)
    this.#length = needed
  }

  clear(): void {
    this.#memory = empty
    this.#length = 0
  }
}
