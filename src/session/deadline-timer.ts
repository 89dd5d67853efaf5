import type { Platform } from '../platform/index.ts'

/**
 * One timer for a deadline that moves all the time. It is left alone while it fires early enough: a deadline that moves
 * away costs nothing, and the timer that fires too soon is set again.
 */
export class DeadlineTimer {
  readonly #platform: Platform
  readonly #fired: () => void
  #timer: unknown
  #due = Infinity

  constructor(platform: Platform, fired: () => void) {
    this.#platform = platform
    this.#fired = () => {
      this.#timer = undefined
      this.#due = Infinity
      fired()
    }
  }

  /** Sees to it that `fired` is called at `deadline`, or before; Infinity asks for nothing. */
  set(deadline: number): void {
    if (deadline >= this.#due) return
    this.stop()
    this.#due = deadline
    this.#timer = this.#platform.setTimer(this.#fired, Math.max(0, deadline - this.#platform.now()))
  }

  stop(): void {
    if (this.#timer !== undefined) this.#platform.clearTimer(this.#timer)
    this.#timer = undefined
    this.#due = Infinity
  }
}
