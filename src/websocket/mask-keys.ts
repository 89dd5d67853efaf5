/** How many random bytes are fetched at a time: 256 keys. One call for each frame would cost more than the frame. */
const POOL_SIZE = 1024

/**
 * A fresh masking key for each frame. RFC 6455 §5.3, §10.3: no one who chooses the payload may be able to foresee the
 * bytes on the wire, so each key comes from the caller's CSPRNG and is used once.
 */
export class MaskKeys {
  readonly #random: (bytes: Uint8Array) => void
  #pool: Uint8Array = new Uint8Array(0)
  #used = 0

  constructor(random: (bytes: Uint8Array) => void) {
    this.#random = random
  }

  /** The next key, its first byte lowest. */
  next(): number {
    if (this.#used === this.#pool.length) {
      if (this.#pool.length === 0) this.#pool = new Uint8Array(POOL_SIZE)
      this.#random(this.#pool)
      this.#used = 0
    }
    const pool = this.#pool
    const at = this.#used
    this.#used = at + 4
    return pool[at] | (pool[at + 1] << 8) | (pool[at + 2] << 16) | (pool[at + 3] << 24)
  }
}
