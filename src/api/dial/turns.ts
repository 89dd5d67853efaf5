import { aborted } from '../aborted.ts'

/** Lets those who name the same thing through one at a time, in the order in which they came. */
export class Turns {
  /** When the last of them will be done. */
  readonly #last: Map<string, Promise<void>> = new Map()

  /** Resolves when it is the caller's turn, with what ends it; rejects with the signal's reason. */
  async take(name: string, signal: AbortSignal): Promise<() => void> {
    const before = this.#last.get(name) ?? Promise.resolve()
    let done!: () => void
    const mine = new Promise<void>((resolve) => {
      done = resolve
    })
    const last = before.then(() => mine)
    this.#last.set(name, last)
    void last.then(() => {
      if (this.#last.get(name) === last) this.#last.delete(name)
    })
    try {
      await Promise.race([before, aborted(signal)])
      return done
    } catch (reason) {
      done()
      throw reason
    }
  }
}
