/**
 * A budget that refills: `burst` at once and `perSecond` for ever after. A lifetime counter would sooner or later
 * refuse an honest peer that stays long.
 */
export class Budget {
  #left: number
  #at = 0
  readonly #burst: number
  readonly #perSecond: number

  constructor(burst: number, perSecond: number) {
    this.#left = burst
    this.#burst = burst
    this.#perSecond = perSecond
  }

  /** Takes one at time `now` (milliseconds); false when there is none left. */
  spend(now: number): boolean {
    if (this.#left < 1) {
      this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) * this.#perSecond) / 1000)
      this.#at = now
      if (this.#left < 1) return false
    } else if (this.#left >= this.#burst) this.#at = now
    this.#left--
    return true
  }
}
