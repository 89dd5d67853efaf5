import { onRejection } from './promises.ts'

/** An object of its own, so that one function may be given twice and forgotten once. */
interface Entry {
  readonly listener: () => void
}

/** Who wants to know when a session takes no more streams: each is told once, while those in flight go on. RFC 9113 §6.8. */
export class DrainWatch {
  // Made on the first use: most sessions have no streams that would care.
  #listeners: Set<Entry> | undefined

  /** Answers the function that forgets the listener again. */
  add(listener: () => void): () => void {
    const entry: Entry = { listener }
    this.#listeners ??= new Set()
    this.#listeners.add(entry)
    return () => void this.#listeners?.delete(entry)
  }

  get isEmpty(): boolean {
    return this.#listeners === undefined || this.#listeners.size === 0
  }

  /** Tells the one that waits longest; what it throws, or rejects with, goes to `report`. There must be one. */
  tellNext(report: (error: unknown) => void): void {
    const [next] = this.#listeners!
    const { listener } = next!
    this.#listeners!.delete(next!)
    try {
      onRejection(listener(), report)
    } catch (error) {
      report(error)
    }
  }

  clear(): void {
    this.#listeners = undefined
  }
}
