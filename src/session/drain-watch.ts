import { onRejection } from './promises.ts'

/** Who wants to know when a session takes no more streams: each is told once, while those in flight go on. RFC 9113 §6.8. */
export class DrainWatch {
  // Made on the first use: most sessions have no streams that would care.
  #listeners: Set<() => void> | undefined

  /** Answers the function that forgets the listener again. */
  add(listener: () => void): () => void {
    // A wrapper of its own, so that one function may be given twice and forgotten once.
    const entry = () => listener()
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
    this.#listeners!.delete(next!)
    try {
      onRejection(next!(), report)
    } catch (error) {
      report(error)
    }
  }

  clear(): void {
    this.#listeners = undefined
  }
}
