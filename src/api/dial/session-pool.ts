import type { CloseOptions, SessionOptions } from '../../session/index.ts'
import { aborted } from '../aborted.ts'
import type { Connected } from './connector.ts'
import { type Lease, PooledSession } from './pooled-session.ts'

/** A connection being opened, for all who asked for it meanwhile. */
interface Opening {
  readonly connected: Promise<Connected | PooledSession>
  readonly giveUp: AbortController
  waiting: number
  /** An HTTP/1.1 connection carries one WebSocket: the first who comes for it has it. */
  taken: boolean
}

/**
 * The HTTP/2 connections of a dialer, by a key that says who is at the other end: scheme, host, port and how TLS makes
 * sure of it. None is ever used for another key, whatever its certificate says.
 */
export class SessionPool {
  readonly #options: SessionOptions
  readonly #idleTimeout: number
  readonly #sessions: Map<string, PooledSession[]> = new Map()
  readonly #openings: Map<string, Opening> = new Map()

  constructor(options: SessionOptions, idleTimeout: number) {
    this.#options = options
    this.#idleTimeout = idleTimeout
  }

  /** An open session with room for another stream; undefined when there is none now. */
  find(key: string): Lease | undefined {
    return this.#sessions
      .get(key)
      ?.find((pooled) => pooled.hasRoom)
      ?.lease(true)
  }

  /**
   * A session that `connect` opens, alone or for several who ask at once and offer the same versions. What turns out as
   * HTTP/1.1 goes to the first of them; the others get `undefined` and have to open their own.
   */
  async open(
    key: string,
    offered: string,
    connect: (signal: AbortSignal) => Promise<Connected>,
    signal: AbortSignal,
  ): Promise<Lease | Connected | undefined> {
    signal.throwIfAborted()
    const name = `${offered} ${key}`
    const opening = this.#openings.get(name) ?? this.#begin(name, key, connect)
    opening.waiting++
    const abort = (): void => this.#leave(name, opening)
    signal.addEventListener('abort', abort, { once: true })
    try {
      const result = await Promise.race([opening.connected, aborted(signal)])
      if (result instanceof PooledSession) return result.lease(false)
      if (opening.taken) return undefined
      opening.taken = true
      return result
    } finally {
      signal.removeEventListener('abort', abort)
      if (!signal.aborted) this.#leave(name, opening)
    }
  }

  /** A session for one user, closed when that one has left. */
  dedicated(connected: Connected): Lease {
    return new PooledSession(connected, this.#options, 0).lease(false)
  }

  /** Ends all connections gracefully. RFC 9113 §6.8. */
  async close(options?: CloseOptions): Promise<void> {
    const all = [...this.#sessions.values()].flat()
    await Promise.all(all.map(({ session }) => session.close(options)))
  }

  #begin(name: string, key: string, connect: (signal: AbortSignal) => Promise<Connected>): Opening {
    const giveUp = new AbortController()
    const connected = connect(giveUp.signal).then((result) =>
      result.version === '2' ? this.#add(key, result) : result,
    )
    const opening: Opening = { connected, giveUp, waiting: 0, taken: false }
    this.#openings.set(name, opening)
    const over = (): void => {
      if (this.#openings.get(name) === opening) this.#openings.delete(name)
    }
    connected.then(over, over)
    return opening
  }

  /** One of those who wait has what it wanted, or wants nothing more; the last one leaves nothing behind. */
  #leave(name: string, opening: Opening): void {
    if (--opening.waiting > 0) return
    if (this.#openings.get(name) === opening) this.#openings.delete(name)
    opening.giveUp.abort()
    opening.connected.then(
      (result) => {
        if (result instanceof PooledSession) result.lease(true).release()
        else if (!opening.taken) result.transport.abort()
      },
      () => {},
    )
  }

  #add(key: string, connected: Connected): PooledSession {
    const pooled = new PooledSession(connected, this.#options, this.#idleTimeout)
    const list = this.#sessions.get(key) ?? []
    this.#sessions.set(key, list)
    list.push(pooled)
    pooled.session.closed.then(() => {
      list.splice(list.indexOf(pooled), 1)
      if (list.length === 0 && this.#sessions.get(key) === list) this.#sessions.delete(key)
    })
    return pooled
  }
}
