/** Whoever hears of what a `PullReader` reads; `end` and `failed` are the last call. */
export interface PullTarget {
  data(chunk: Uint8Array): void
  end(): void
  failed(error: unknown): void
}

/**
 * Reads a source that has to be asked for each chunk: one read is under way at a time, and none while paused. `next`
 * resolves with a chunk that nobody else keeps, or with undefined at the end.
 */
export class PullReader {
  readonly #next: () => Promise<Uint8Array | undefined>
  readonly #target: PullTarget
  #paused = false
  #reading = false
  /** A read that ended while the reader was paused; `resume` tells of it. */
  #held: Uint8Array | 'end' | undefined
  #over = false

  constructor(next: () => Promise<Uint8Array | undefined>, target: PullTarget) {
    this.#next = next
    this.#target = target
  }

  /** Asks for the next chunk, unless one is awaited or must not be. */
  read(): void {
    if (this.#reading || this.#paused || this.#over || this.#held !== undefined) return
    this.#reading = true
    this.#next().then(
      (chunk) => {
        this.#reading = false
        if (chunk === undefined) this.#held = 'end'
        // An empty chunk says nothing.
        else if (chunk.length > 0) this.#held = chunk
        this.#release()
      },
      (error) => {
        if (!this.#over) this.#target.failed(error)
      },
    )
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    // Later, as everywhere: nothing is told from inside a call.
    if (this.#held !== undefined) queueMicrotask(() => this.#release())
    this.read()
  }

  /** Nothing more is told. */
  stop(): void {
    this.#over = true
  }

  #release(): void {
    if (this.#paused || this.#over) return
    const held = this.#held
    this.#held = undefined
    if (held === 'end') {
      this.#over = true
      this.#target.end()
      return
    }
    if (held !== undefined) this.#target.data(held)
    this.read()
  }
}
