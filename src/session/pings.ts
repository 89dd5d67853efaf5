import type { Connection } from '../connection/index.ts'
import type { Deferred } from './promises.ts'

/** Marks a PING as one of `Pings`, beside others that the connection may send for itself. */
const MARK = 0x68_64_70_67

/** The PINGs somebody waits for, by the number in their payload. RFC 9113 §6.7. */
export class Pings {
  readonly #waiting: Map<number, Deferred<number>> = new Map()
  #next = 0

  /**
   * Sends one and settles `wait` with its round trip; answers what forgets it again.
   *
   * @throws UsageError when too many are unanswered already
   */
  send(connection: Connection, now: number, wait: Deferred<number>): () => void {
    const number = this.#next
    const payload = new Uint8Array(8)
    const view = new DataView(payload.buffer)
    view.setUint32(0, MARK)
    view.setUint32(4, number)
    connection.ping(payload, now)
    this.#next = (number + 1) >>> 0
    this.#waiting.set(number, wait)
    return () => void this.#waiting.delete(number)
  }

  acknowledged(payload: Uint8Array, roundTrip: number): void {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
    if (view.getUint32(0) !== MARK) return
    const number = view.getUint32(4)
    this.#waiting.get(number)?.resolve(roundTrip)
    this.#waiting.delete(number)
  }

  fail(error: Error): void {
    for (const wait of this.#waiting.values()) wait.reject(error)
    this.#waiting.clear()
  }
}
