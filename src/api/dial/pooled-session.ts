import type { ConnectionEvent } from '../../connection/index.ts'
import { ClientSession, type SessionOptions } from '../../session/index.ts'
import type { Connected } from './connector.ts'

/** The right to use a session for one stream; given back by `release`, any number of times. */
export interface Lease {
  readonly session: ClientSession
  /** The connection was there before it was asked for: it may have died unnoticed. */
  readonly reused: boolean
  /** The code of the last GOAWAY that came. RFC 9113 §6.8. */
  readonly goAway: number | undefined
  /** More of its leases are out than the server allows streams: this one would wait for another to end. */
  readonly overbooked: boolean
  release(): void
}

/** A session whose users are counted. With the last of them gone it may rest a while, then it is closed. */
export class PooledSession {
  readonly session: ClientSession
  goAway: number | undefined
  readonly #connected: Connected
  readonly #idleTimeout: number
  #users = 0
  #timer: unknown

  constructor(connected: Connected, options: SessionOptions, idleTimeout: number) {
    this.#connected = connected
    this.#idleTimeout = idleTimeout
    const onEvent = (event: ConnectionEvent): void => {
      if (event.type === 'GoAwayReceived') {
        this.goAway = event.code
        queueMicrotask(() => this.#closeIfOver())
      }
      options.onEvent?.(event)
    }
    // That the connection failed is no news here: every socket on it says so.
    const onError = (error: unknown): void => {
      if (error !== this.session.error) options.onError?.(error)
    }
    this.session = new ClientSession(connected.transport, { ...options, onEvent, onError })
    this.session.closed.then(() => this.#stopTimer())
  }

  /** It takes one stream more. Until its SETTINGS are here, anybody may wait for them. RFC 9113 §5.1.2. */
  get hasRoom(): boolean {
    const { state, peerSettings } = this.session
    return state === 'open' && (!peerSettings.received || this.#users < peerSettings.maxConcurrentStreams)
  }

  lease(reused: boolean): Lease {
    this.#stopTimer()
    if (this.#users++ === 0) this.#connected.setBusy?.(true)
    let released = false
    const pooled = this
    return {
      session: this.session,
      reused,
      get goAway() {
        return pooled.goAway
      },
      get overbooked() {
        return pooled.#users > Math.max(1, pooled.session.peerSettings.maxConcurrentStreams)
      },
      release: () => {
        if (released) return
        released = true
        this.#leave()
      },
    }
  }

  #leave(): void {
    if (--this.#users > 0) return
    this.#connected.setBusy?.(false)
    this.#closeIfOver()
    if (this.session.state !== 'open') return
    if (this.#idleTimeout === 0) void this.session.close()
    else this.#timer = this.session.platform.setTimer(() => void this.session.close(), this.#idleTimeout)
  }

  /** After a GOAWAY nothing new comes, so with nothing old left there is nothing to wait for. RFC 9113 §6.8. */
  #closeIfOver(): void {
    if (this.#users === 0 && this.session.state === 'draining') void this.session.close()
  }

  #stopTimer(): void {
    if (this.#timer === undefined) return
    this.session.platform.clearTimer(this.#timer)
    this.#timer = undefined
  }
}
