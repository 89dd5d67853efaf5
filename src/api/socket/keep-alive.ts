import type { Platform } from '../../platform/index.ts'
import { CloseCode, WebSocketError } from '../../websocket/index.ts'
import type { LinkSettings } from './socket-options.ts'

/** What keeping a socket alive needs of it. */
export interface KeptAlive {
  /** Bytes that came in. */
  readonly received: number
  /** Bytes that were handed to the transport. */
  readonly handedOn: number
  /** Bytes that wait to be. */
  readonly bufferedBytes: number
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
  /** The number in the latest Ping, and when it was sent. */
  #number = 0
  #sentAt = 0
  #answered = true
  /** What had moved at the last look, and whether anything waited to. */
  #received = 0
  #handedOn = 0
  #waited = false

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
    this.#answered = false
    this.#look()
    const data = new Uint8Array(4)
    new DataView(data.buffer).setUint32(0, this.#number)
    this.#wait(this.#timeout, () => this.#judge())
    this.#socket.ping(data)
  }

  #judge(): void {
    if (!this.#answered && !this.#socket.deaf && !this.#moved) {
      const reason = `no Pong and no other sign of life for ${this.#timeout} ms`
      this.#socket.lost(new WebSocketError(CloseCode.ABNORMAL_CLOSURE, reason, 'RFC 6455 §5.5.2'))
      return
    }
    this.#look()
    // A Ping whose Pong is behind much else is still on its way: what moves is watched until it comes.
    if (this.#answered)
      this.#wait(Math.max(0, this.#sentAt + this.#interval - this.#platform.now()), () => this.#ping())
    else this.#wait(this.#timeout, () => this.#judge())
  }

  #look(): void {
    const { received, handedOn, bufferedBytes } = this.#socket
    this.#received = received
    this.#handedOn = handedOn
    this.#waited = bufferedBytes > 0
  }

  /** The peer has sent something, or made room for what waited; that our own Ping left says nothing about it. */
  get #moved(): boolean {
    const { received, handedOn } = this.#socket
    return received !== this.#received || (this.#waited && handedOn !== this.#handedOn)
  }

  #wait(time: number, then: () => void): void {
    this.#timer = this.#platform.setTimer(then, time)
  }
}
