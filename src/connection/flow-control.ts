import { requireInteger } from '../errors/index.ts'

/** The largest window: 2^31-1 octets. RFC 9113 §6.9.1. */
export const MAX_WINDOW = 0x7fff_ffff
/** The window of a connection, and of a stream before SETTINGS say otherwise. RFC 9113 §6.9.2. */
export const DEFAULT_WINDOW = 65_535

/** RFC 9113 §6.9.1: no window is larger than 2^31-1; one of 0 would never let anything in. */
export function windowSize(name: string, size: number): number {
  return requireInteger(name, size, 1, MAX_WINDOW, 'RFC 9113 §6.9.1')
}

/** What a window must know to grow with the path. */
export interface Pace {
  /** Milliseconds. */
  readonly now: number
  /** Milliseconds there and back, as last measured; while nothing is known no window grows. */
  readonly roundTrip: number | undefined
}

/**
 * What the peer may still send us, on one stream or the connection. Credit goes back when the consumer has
 * consumed the bytes, never when they arrive, and in batches of half a window. RFC 9113 §6.9.
 */
export class ReceiveWindow {
  /** What we want the peer to be able to send when all is consumed. */
  size: number
  /** What it may send now. Below zero after SETTINGS made windows smaller (§6.9.2). */
  available: number
  /** Arrived and not yet consumed. */
  outstanding = 0
  /** Consumed since `#since`, the last time credit was given. */
  #consumed = 0
  #since = -1

  constructor(size: number, available: number = size) {
    this.size = size
    this.available = available
  }

  /** Takes `n` flow-controlled bytes in; false when the peer had no right to send them. */
  charge(n: number): boolean {
    if (n > this.available) return false
    this.available -= n
    this.outstanding += n
    return true
  }

  /**
   * Notes `n` bytes as consumed and answers the WINDOW_UPDATE increment to send now; 0: none yet. With a `pace` the
   * window also grows, up to `max`.
   */
  consume(n: number, pace?: Pace, max = 0): number {
    this.outstanding -= n
    this.#consumed += n
    const wanted = this.size - this.outstanding - this.available
    if (wanted <= 0 || wanted < this.size >>> 1) return 0
    if (pace !== undefined) this.#grow(pace, max)
    const increment = this.size - this.outstanding - this.available
    this.available += increment
    return increment
  }

  /**
   * Doubles a window that holds the sender back: at its pace it is used up within four round trips, so that credit
   * arrives too late or barely in time. A slow consumer never gets here so soon, and keeps the window it has.
   */
  #grow({ now, roundTrip }: Pace, max: number): void {
    const used = this.#consumed / this.size
    if (this.#since >= 0 && this.size < max && now - this.#since < 4 * used * (roundTrip ?? 0)) {
      this.size = Math.min(this.size * 2, max, MAX_WINDOW)
    }
    this.#since = now
    this.#consumed = 0
  }
}
