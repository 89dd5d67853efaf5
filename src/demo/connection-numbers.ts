import type { Exchange } from '../api/index.ts'
import { Http1Exchange, Http1Upgrade } from '../runtime/node/index.ts'

/** What stands for the connection below: its session, or the socket of HTTP/1.1. */
function connectionOf(stream: Exchange): object {
  return stream instanceof Http1Exchange || stream instanceof Http1Upgrade ? stream.socket : (stream.session ?? stream)
}

/** Numbers connections from 1 in the order in which something first asks, for people to tell them apart. */
export class ConnectionNumbers {
  #last = 0
  readonly #numbers = new WeakMap<object, number>()

  of(stream: Exchange): number {
    const connection = connectionOf(stream)
    const known = this.#numbers.get(connection)
    if (known !== undefined) return known
    this.#last += 1
    this.#numbers.set(connection, this.#last)
    return this.#last
  }
}
