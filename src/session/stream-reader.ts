import type { StreamError } from '../errors/index.ts'
import { type Deferred, deferred } from './promises.ts'
import { intake, type Stream } from './stream.ts'

/**
 * Async iteration over a stream's body. It holds at most one chunk: taking one pauses the stream, asking for the next
 * resumes it, so that the peer's credit follows what was read. RFC 9113 §5.2.
 */
export class StreamReader implements AsyncIterator<Uint8Array> {
  readonly #stream: Stream
  #chunk: Uint8Array | undefined
  #ended = false
  #error: StreamError | undefined
  /** Calls of `next` that wait, oldest first. */
  readonly #waiting: Deferred<IteratorResult<Uint8Array>>[] = []

  constructor(stream: Stream) {
    this.#stream = stream
    intake.watch(stream, { closed: (error) => this.#over(error) })
    stream.onData = (data, endStream) => this.#take(data, endStream)
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const wait = deferred<IteratorResult<Uint8Array>>()
    const chunk = this.#chunk
    if (chunk !== undefined) {
      this.#chunk = undefined
      wait.resolve({ done: false, value: chunk })
      this.#stream.resume()
    } else {
      this.#waiting.push(wait)
      this.#settle()
    }
    return wait.promise
  }

  /** The loop was left early: nobody will read the rest. */
  return(): Promise<IteratorResult<Uint8Array>> {
    this.#chunk = undefined
    if (!this.#ended && this.#error === undefined) {
      this.#ended = true
      this.#stream.reset()
    }
    this.#settle()
    return Promise.resolve({ done: true, value: undefined })
  }

  #take(data: Uint8Array, endStream: boolean): void {
    if (endStream) this.#ended = true
    if (data.length > 0) {
      const chunk = data.slice()
      const wait = this.#waiting.shift()
      if (wait !== undefined) wait.resolve({ done: false, value: chunk })
      else {
        this.#chunk = chunk
        if (!endStream) this.#stream.pause()
      }
    }
    this.#settle()
  }

  #over(error: StreamError | undefined): void {
    if (error === undefined) this.#ended = true
    else if (!this.#ended) this.#error = error
    this.#settle()
  }

  /** Answers those who wait for what will not come. */
  #settle(): void {
    if (this.#chunk !== undefined || (!this.#ended && this.#error === undefined)) return
    for (const wait of this.#waiting.splice(0)) {
      if (this.#error !== undefined) wait.reject(this.#error)
      else wait.resolve({ done: true, value: undefined })
    }
  }
}
