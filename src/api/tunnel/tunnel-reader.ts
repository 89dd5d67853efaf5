import type { StreamError } from '../../errors/index.ts'
import { UsageError } from '../../errors/index.ts'
import { type Deferred, deferred } from '../../session/promises.ts'
import type { Tunnel } from '../exchange.ts'
import { addResetListener } from '../fetch/body-source.ts'

/**
 * Async iteration over what arrives on a tunnel, in place of `onData`: it holds at most one chunk, a copy. Taking one
 * pauses the tunnel, asking for the next resumes it, so that the peer sends no faster than is read.
 *
 * @throws UsageError when the tunnel has a reader already
 */
export function readTunnel(tunnel: Tunnel): AsyncIterator<Uint8Array> {
  if (tunnel.onData !== undefined) throw new UsageError('the stream is being read already')
  return new TunnelReader(tunnel)
}

class TunnelReader implements AsyncIterator<Uint8Array> {
  readonly #tunnel: Tunnel
  readonly #chunks: Uint8Array[] = []
  #ended = false
  #error: StreamError | undefined
  /** Calls of `next` that wait, oldest first. */
  readonly #waiting: Deferred<IteratorResult<Uint8Array>>[] = []

  constructor(tunnel: Tunnel) {
    this.#tunnel = tunnel
    addResetListener(tunnel, (error) => {
      if (!this.#ended) this.#error = error
      this.#settle()
    })
    tunnel.onData = (data, endStream) => {
      if (data.length > 0) this.#chunks.push(data.slice())
      if (endStream) this.#ended = true
      else if (this.#chunks.length > this.#waiting.length) tunnel.pause()
      this.#settle()
    }
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const wait = deferred<IteratorResult<Uint8Array>>()
    this.#waiting.push(wait)
    this.#settle()
    if (this.#chunks.length === 0 && !this.#ended && this.#error === undefined) this.#tunnel.resume()
    return wait.promise
  }

  /** The loop was left early: nobody will read the rest. */
  return(): Promise<IteratorResult<Uint8Array>> {
    this.#chunks.length = 0
    if (!this.#ended && this.#error === undefined) {
      this.#ended = true
      this.#tunnel.reset()
    }
    this.#settle()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** Answers those who wait with what came, in order, and then for what will not come. */
  #settle(): void {
    while (this.#waiting.length > 0) {
      const value = this.#chunks.shift()
      if (value !== undefined) this.#waiting.shift()!.resolve({ done: false, value })
      else if (this.#error !== undefined) this.#waiting.shift()!.reject(this.#error)
      else if (this.#ended) this.#waiting.shift()!.resolve({ done: true, value: undefined })
      else return
    }
  }
}
