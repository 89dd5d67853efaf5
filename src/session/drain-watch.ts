import { onRejection } from './promises.ts'
import type { StreamUser } from './stream-user.ts'

/** Who is told. An object, so that one function may be given twice and forgotten once. */
export type DrainListener = Pick<StreamUser, 'streamDraining'>

/** Who wants to know when a session takes no more streams: each is told once, while those in flight go on. RFC 9113 §6.8. */
export class DrainWatch {
  // Made on the first use: most sessions have no streams that would care.
  #listeners: Set<DrainListener> | undefined

  watch(listener: DrainListener): void {
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
  }

  unwatch(listener: DrainListener): void {
    this.#listeners?.delete(listener)
  }

  get isEmpty(): boolean {
    return this.#listeners === undefined || this.#listeners.size === 0
  }

  /** Tells the one that waits longest; what it throws, or rejects with, goes to `report`. There must be one. */
  tellNext(report: (error: unknown) => void): void {
    const [next] = this.#listeners!
    this.#listeners!.delete(next!)
    try {
      onRejection(next!.streamDraining(), report)
    } catch (error) {
      report(error)
    }
  }

  clear(): void {
    this.#listeners = undefined
  }
}
