/** How an origin could be reached: by RFC 8441, or only by the Upgrade of HTTP/1.1. */
export type RememberedVersion = '1.1' | '2'

interface Entry {
  readonly version: RememberedVersion
  readonly until: number
}

/** What was learnt about origins: for a while, and of so many at most; the one not used for longest goes first. */
export class OriginMemory {
  readonly #now: () => number
  readonly #age: number
  readonly #size: number
  /** In the order of use. */
  readonly #entries: Map<string, Entry> = new Map()

  constructor(now: () => number, age: number, size: number) {
    this.#now = now
    this.#age = age
    this.#size = size
  }

  recall(origin: string): RememberedVersion | undefined {
    const entry = this.#entries.get(origin)
    if (entry === undefined) return undefined
    this.#entries.delete(origin)
    // Use doesn't make it younger: a server that learns HTTP/2 is to be noticed some day.
    if (entry.until <= this.#now()) return undefined
    this.#entries.set(origin, entry)
    return entry.version
  }

  remember(origin: string, version: RememberedVersion): void {
    this.#entries.delete(origin)
    this.#entries.set(origin, { version, until: this.#now() + this.#age })
    if (this.#entries.size <= this.#size) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }

  forget(origin: string): void {
    this.#entries.delete(origin)
  }

  clear(): void {
    this.#entries.clear()
  }
}
