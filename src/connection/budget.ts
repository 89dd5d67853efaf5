/**
 * A budget that refills: `burst` at once and `perSecond` for ever after. A lifetime counter would sooner or later
 * refuse an honest peer that stays long, and a mere rate one that does a lot of honest work: hence `refund`.
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

  /** Takes `n` at time `now` (milliseconds); false when so many are not left. */
  spend(now: number, n = 1): boolean {
    if (this.#left < n) {
      this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) * this.#perSecond) / 1000)
      this.#at = now
      if (this.#left < n) return false
    } else if (this.#left >= this.#burst) this.#at = now
    this.#left -= n
    return true
  }

  /** Gives one back for work that was brought to a regular end. */
  refund(): void {
    if (this.#left < this.#burst) this.#left++
  }
}
