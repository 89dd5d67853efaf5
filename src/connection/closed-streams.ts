import { StreamState } from './stream-state.ts'

/**
 * How recently closed streams were closed, in a fixed amount of memory: a ring of ids for each way. RFC 9113 §5.1 asks
 * to tell frames that were in flight when we reset a stream from frames sent in error; older streams are FORGOTTEN.
 */
class Ring {
  readonly #ids: Int32Array
  #next = 0

  constructor(size: number) {
    this.#ids = new Int32Array(size)
  }

  add(id: number): void {
    this.#ids[this.#next] = id
    this.#next = this.#next + 1 === this.#ids.length ? 0 : this.#next + 1
  }

  has(id: number): boolean {
    return this.#ids.includes(id)
  }
}

export class ClosedStreams {
  readonly #closed = new Ring(32)
  // Made on the first use: most connections see no reset. Our own resets are kept longest, since what the peer had
  // in flight on them may take a round trip and many other streams to arrive.
  #resetSent: Ring | undefined
  #resetReceived: Ring | undefined

  add(id: number, state: number): void {
    if (state === StreamState.CLOSED) this.#closed.add(id)
    else if (state === StreamState.RESET_SENT) {
      this.#resetSent ??= new Ring(512)
      this.#resetSent.add(id)
    } else {
      this.#resetReceived ??= new Ring(64)
      this.#resetReceived.add(id)
    }
  }

  /** The state of a stream that was open once and is no longer. */
  stateOf(id: number): number {
    if (this.#resetSent?.has(id)) return StreamState.RESET_SENT
    if (this.#resetReceived?.has(id)) return StreamState.RESET_RECEIVED
    if (this.#closed.has(id)) return StreamState.CLOSED
    return StreamState.FORGOTTEN
  }
}
