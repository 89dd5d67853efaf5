/** Numbers connections from 1 in the order in which something first asks, for people to tell them apart. */
export class ConnectionNumbers {
  #last = 0
  readonly #numbers = new WeakMap<object, number>()

  of(session: object): number {
    const known = this.#numbers.get(session)
    if (known !== undefined) return known
    this.#last += 1
    this.#numbers.set(session, this.#last)
    return this.#last
  }
}
