import { type Deferred, deferred } from '../../session/promises.ts'

/** What a reader needs of the link that its messages come from. */
export interface MessageSource {
  hold(): void
  letGo(): void
}

/**
 * Messages one by one, for who asks for each: while nobody does, the link is held after the next one, and the peer's credit
 * runs out. RFC 9113 §5.2. Memory is one message, and what the chunk it came in has behind it.
 */
export class MessageReader implements AsyncIterator<string | Uint8Array> {
  readonly #source: MessageSource
  /** Nobody wants any more. */
  readonly #left: () => void
  /** Came unasked: one, or several once the stream was lost. */
  readonly #messages: (string | Uint8Array)[] = []
  /** Calls of `next` that wait, oldest first. */
  readonly #waiting: Deferred<IteratorResult<string | Uint8Array>>[] = []
  #ended = false
  #error: Error | undefined

  constructor(source: MessageSource, left: () => void) {
    this.#source = source
    this.#left = left
  }

  take(message: string | Uint8Array): void {
    const wait = this.#waiting.shift()
    if (wait !== undefined) wait.resolve({ done: false, value: message })
    else if (!this.#ended) {
      this.#messages.push(message)
      this.#source.hold()
    }
  }

  /** No more will come; with `error` because the socket was lost. What is here already can be read before that. */
  end(error: Error | undefined): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    for (const wait of this.#waiting.splice(0)) this.#settle(wait)
  }

  next(): Promise<IteratorResult<string | Uint8Array>> {
    const wait = deferred<IteratorResult<string | Uint8Array>>()
    const message = this.#messages.shift()
    if (message !== undefined) {
      wait.resolve({ done: false, value: message })
      // With nothing here that is unread, the peer's Close is seen without being asked for.
      if (this.#messages.length === 0 && !this.#ended) this.#source.letGo()
    } else if (this.#ended) this.#settle(wait)
    else {
      this.#waiting.push(wait)
      this.#source.letGo()
    }
    return wait.promise
  }

  /** The loop was left early: the rest is read and dropped, so that the end can be seen. */
  return(): Promise<IteratorResult<string | Uint8Array>> {
    this.#messages.length = 0
    if (!this.#ended) {
      this.end(undefined)
      this.#left()
    }
    this.#source.letGo()
    return Promise.resolve({ done: true, value: undefined })
  }

  #settle(wait: Deferred<IteratorResult<string | Uint8Array>>): void {
    if (this.#error === undefined) wait.resolve({ done: true, value: undefined })
    else wait.reject(this.#error)
  }
}
