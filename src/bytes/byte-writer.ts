const MAX_SLAB = 16_384

/**
 * One growing buffer to write a protocol into. Bytes are appended, lengths back-patched, and `take()` hands over
 * what was written since the last `take()`. What was taken is never written again, so it may be kept, sent or queued
 * without a copy. Memory is always zero-filled.
 *
 * Hot paths call `reserve(n)` once and then write `bytes[length++]` themselves.
 *
 * @example
 * const writer = new ByteWriter()
 * const at = writer.length
 * writer.u24(0)
 * writer.latin1('hello')
 * writer.patch24(at, 5)
 * writer.take() // 8 bytes
 */
export class ByteWriter {
  /** The buffer being written; replaced when it grows, so never keep it across `reserve`. */
  bytes: Uint8Array
  /** Where the next byte goes in `bytes`. */
  length = 0
  #start = 0
  readonly #initial: number

  constructor(initial = 512) {
    this.#initial = initial
    this.bytes = new Uint8Array(initial)
  }

  /** How many bytes were written since the last `take()`. */
  get pending(): number {
    return this.length - this.#start
  }

  /** Makes room for `n` more bytes at `length`; offsets of bytes not yet taken may move, see `mark`. */
  reserve(n: number): void {
    if (this.length + n > this.bytes.length) this.#grow(n)
  }

  #grow(n: number): void {
    const pending = this.length - this.#start
    const needed = pending + n
    // Slabs stay small, so that an idle owner holds little; what piles up untaken doubles, so that it is copied seldom.
    const size =
      needed > MAX_SLAB / 2
        ? Math.max(needed * 2, MAX_SLAB)
        : Math.max(needed, Math.min(this.bytes.length * 2, MAX_SLAB))
    const next = new Uint8Array(size)
    next.set(this.bytes.subarray(this.#start, this.length))
    this.bytes = next
    this.#start = 0
    this.length = pending
  }

  /** A position that stays right when the buffer grows: pass it to `patch24` or `rewind`. */
  get mark(): number {
    return this.length - this.#start
  }

  u8(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  u16(value: number): void {
    this.reserve(2)
    this.bytes[this.length++] = value >>> 8
    this.bytes[this.length++] = value
  }

  u24(value: number): void {
    this.reserve(3)
    this.bytes[this.length++] = value >>> 16
    this.bytes[this.length++] = value >>> 8
    this.bytes[this.length++] = value
  }

  u32(value: number): void {
    this.reserve(4)
    this.bytes[this.length++] = value >>> 24
    this.bytes[this.length++] = value >>> 16
    this.bytes[this.length++] = value >>> 8
    this.bytes[this.length++] = value
  }

  /** Copies `source` in. */
  write(source: Uint8Array): void {
    this.reserve(source.length)
    this.bytes.set(source, this.length)
    this.length += source.length
  }

  /** Writes one byte per character; a character above 0xff is the caller's mistake and loses its high bits. */
  latin1(text: string): void {
    const n = text.length
    this.reserve(n)
    const { bytes } = this
    let at = this.length
    for (let i = 0; i < n; i++) bytes[at++] = text.charCodeAt(i)
    this.length = at
  }

  /** Writes a 24-bit length over the three bytes at `mark`. */
  patch24(mark: number, value: number): void {
    const at = this.#start + mark
    this.bytes[at] = value >>> 16
    this.bytes[at + 1] = value >>> 8
    this.bytes[at + 2] = value
  }

  /** Forgets what was written since `mark`. */
  rewind(mark: number): void {
    this.length = this.#start + mark
  }

  /** What was written since the last `take()`; the caller owns it. Empty when nothing was. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(this.#start, this.length)
    this.#start = this.length
    if (this.bytes.length > 2 * MAX_SLAB) this.release()
    return taken
  }

  /** Lets go of a buffer that grew, so that an idle owner holds little memory. Call it when nothing is pending. */
  release(): void {
    if (this.length !== this.#start || this.bytes.length <= this.#initial) return
    this.bytes = new Uint8Array(this.#initial)
    this.#start = 0
    this.length = 0
  }
}
