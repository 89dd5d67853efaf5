import type { StreamError } from '../errors/index.ts'
import { onRejection } from './promises.ts'
import type { SessionCore } from './session-core.ts'
import { GONE } from './stream-flag.ts'

/** Somebody beside the user's callbacks who waits for a turn of a stream: a promise, a reader, a signal. */
export interface StreamWatcher {
  writable?(): void
  response?(): void
  /** The stream is over; `error` is absent after a regular end. The last call. */
  closed?(error: StreamError | undefined): void
}

/**
 * What both halves of a stream share. A stream is one object built up by concern (this, the receiving half, the stream
 * with its sending half, the role), because one object costs a request less than four that point at each other.
 */
export abstract class StreamBase {
  /** RFC 9113 §5.1.1. */
  readonly id: number
  protected readonly core: SessionCore
  /** Bits of `stream-flag.ts`. */
  protected flags: number
  /** What ended the stream early, if something did. */
  protected failure: StreamError | undefined
  #watchers: Set<StreamWatcher> | undefined

  protected constructor(core: SessionCore, id: number, flags: number) {
    this.core = core
    this.id = id
    this.flags = flags
  }

  protected get gone(): boolean {
    return (this.flags & GONE) !== 0
  }

  /** A callback threw: give up what it was about, without harm to the connection. */
  protected abstract abortAfterThrow(): void

  /** Runs a callback of the user's with what it takes; a throw or a rejection ends the stream and nothing else. */
  protected call<A, B>(callback: (a: A, b: B) => void, a: A, b: B): void {
    try {
      const result: unknown = callback.call(this, a, b)
      if (typeof result === 'object') this.awaitResult(result)
    } catch (error) {
      this.threw(error)
    }
  }

  // Apart from `call`, so that a callback that is not `async` makes no closure. No method here is `#private`: each class that
  // has one marks all its objects with a field.
  protected awaitResult(result: unknown): void {
    onRejection(result, (error) => this.threw(error))
  }

  protected threw(error: unknown): void {
    this.core.report(error)
    if (!this.gone) this.abortAfterThrow()
  }

  protected watch(watcher: StreamWatcher): void {
    this.#watchers ??= new Set()
    this.#watchers.add(watcher)
  }

  protected unwatch(watcher: StreamWatcher): void {
    this.#watchers?.delete(watcher)
  }

  protected tellWatchers(what: 'writable' | 'response'): void {
    if (this.#watchers === undefined) return
    for (const watcher of this.#watchers) watcher[what]?.()
  }

  protected tellWatchersClosed(): void {
    const watchers = this.#watchers
    if (watchers === undefined) return
    this.#watchers = undefined
    for (const watcher of watchers) watcher.closed?.(this.failure)
  }
}
