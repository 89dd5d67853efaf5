import type { Platform } from '../platform/index.ts'
import { CloseCode, WebSocketError } from '../websocket/index.ts'
import type { LinkSettings } from './socket-options.ts'

/** What keeping a socket alive needs of it. */
export interface KeptAlive {
  /** What has moved so far, either way: any number that changes when something does. */
  readonly progress: number
  /** Reading has stopped on our side, so that not hearing anything says nothing about the peer. */
  readonly deaf: boolean
  ping(data: Uint8Array): void
  /** Nothing has moved in time. */
  lost(error: Error): void
}

/**
 * Pings the peer of one socket at an interval, measures its answers, and gives it up when nothing moves. RFC 6455 §5.5.2.
 * One timer is under way at any time; a socket that has no `keepAlive` has no such object.
 */
export class KeepAlive {
  /** Milliseconds from the latest Ping to its Pong; undefined before the first. */
  roundTripTime: number | undefined
  readonly #socket: KeptAlive
  readonly #platform: Platform
  readonly #interval: number
  readonly #timeout: number
  #timer: unknown
  /** The number in the latest Ping, when it was sent, and what had moved by then. */
  #number = 0
  #sentAt = 0
  #progress = 0
  #answered = true

  constructor(socket: KeptAlive, platform: Platform, settings: NonNullable<LinkSettings['keepAlive']>) {
    this.#socket = socket
    this.#platform = platform
    this.#interval = settings.interval
    this.#timeout = settings.timeout
    this.#wait(this.#interval, () => this.#ping())
  }

  /** A Pong arrived. RFC 6455 §5.5.3: it has the data of the latest Ping answered, or comes unasked. */
  pong(data: Uint8Array): void {
    if (this.#answered || data.length !== 4) return
    const number = new DataView(data.buffer, data.byteOffset, 4).getUint32(0)
    if (number !== this.#number) return
    this.#answered = true
    this.roundTripTime = this.#platform.now() - this.#sentAt
  }

  stop(): void {
    this.#platform.clearTimer(this.#timer)
  }

  #ping(): void {
    this.#number = (this.#number + 1) >>> 0
    this.#sentAt = this.#platform.now()
    this.#progress = this.#socket.progress
    this.#answered = false
    const data = new Uint8Array(4)
    new DataView(data.buffer).setUint32(0, this.#number)
    this.#wait(this.#timeout, () => this.#judge())
    this.#socket.ping(data)
  }

  #judge(): void {
    const { progress, deaf } = this.#socket
    if (!this.#answered && !deaf && progress === this.#progress) {
      const reason = `no Pong and no other sign of life for ${this.#timeout} ms`
      this.#socket.lost(new WebSocketError(CloseCode.ABNORMAL_CLOSURE, reason, 'RFC 6455 §5.5.2'))
      return
    }
    this.#progress = progress
    // A Ping whose Pong is behind much else is still on its way: what moves is watched until it comes.
    if (this.#answered)
      this.#wait(Math.max(0, this.#sentAt + this.#interval - this.#platform.now()), () => this.#ping())
    else this.#wait(this.#timeout, () => this.#judge())
  }

  #wait(time: number, then: () => void): void {
    this.#timer = this.#platform.setTimer(then, time)
  }
}
