import type { StreamTable } from '../connection/stream-table.ts'
import { onRejection } from './promises.ts'
import { intake, type Stream } from './stream.ts'
import type { StreamUser } from './stream-user.ts'

/** Who is told. An object, so that one function may be given twice and forgotten once. */
export type DrainListener = Pick<StreamUser, 'streamDraining'>

/**
 * Who wants to know when a session takes no more streams: each is told once, while those in flight go on. RFC 9113 §6.8.
 * Listeners come first, then the users of streams, which say themselves that they want to be told.
 */
export class DrainWatch {
  // Made on the first use: most sessions have no streams that would care.
  #listeners: Set<DrainListener> | undefined
  /** There may be streams that were not looked at. */
  #streamsWatch = false
  /** Those that were found and are yet to be told, the last one first. */
  #found: Stream[] = []

  watch(listener: DrainListener): void {
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
  }

  unwatch(listener: DrainListener): void {
    this.#listeners?.delete(listener)
  }

  /** Some stream wants its user to be told. */
  streamsWatch(): void {
    this.#streamsWatch = true
  }

  /** Nobody is left to be told, or to be asked. */
  get isEmpty(): boolean {
    return !this.#hasListeners && !this.#streamsWatch && this.#found.length === 0
  }

  /** Tells the one that waits longest, if it still wants to know; what it throws, or rejects with, goes to `report`. */
  tellNext(streams: StreamTable<Stream>, report: (error: unknown) => void): void {
    try {
      onRejection(this.#hasListeners ? this.#tellListener() : this.#tellStream(streams), report)
    } catch (error) {
      report(error)
    }
  }

  clear(): void {
    this.#listeners = undefined
    this.#streamsWatch = false
    this.#found = []
  }

  get #hasListeners(): boolean {
    return this.#listeners !== undefined && this.#listeners.size > 0
  }

  #tellListener(): unknown {
    const [next] = this.#listeners!
    this.#listeners!.delete(next!)
    return next!.streamDraining()
  }

  #tellStream(streams: StreamTable<Stream>): unknown {
    if (this.#streamsWatch) {
      this.#streamsWatch = false
      this.#found = streams.values().reverse()
    }
    const next = this.#found.pop()
    return next === undefined ? undefined : intake.draining(next)
  }
}
