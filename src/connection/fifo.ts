/** From so many empty places on they are given back, each time half the list: one move for each item that passes. */
const COMPACT_AT = 1024
/** A list that had no more places than this is used again: to make one for each burst cost 150 bytes and more. */
const KEEP = 128

/** First in, first out, without moving what is inside. */
export class Fifo<T> {
  #items: (T | undefined)[] = []
  #head = 0
  #tail = 0

  get length(): number {
    return this.#tail - this.#head
  }

  push(item: T): void {
    if (this.#tail === this.#items.length) this.#items.push(item)
    else this.#items[this.#tail] = item
    this.#tail++
  }

  /** The oldest item, left in place. */
  peek(): T | undefined {
    return this.#head === this.#tail ? undefined : this.#items[this.#head]
  }

  /** Removes the oldest item and answers it; undefined when there is none. */
  shift(): T | undefined {
    const head = this.#head
    if (head === this.#tail) return undefined
    const items = this.#items
    const item = items[head]
    items[head] = undefined
    this.#head = head + 1
    if (this.#head === this.#tail) this.#reset()
    else if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#tail) this.#compact()
    return item
  }

  clear(): void {
    this.#items = []
    this.#head = 0
    this.#tail = 0
  }

  /** A list that is never quite empty would keep the places of all that ever passed. */
  #compact(): void {
    this.#items = this.#items.slice(this.#head, this.#tail)
    this.#tail -= this.#head
    this.#head = 0
  }

  /** All are out: begin anew, in the same list unless a burst made it large. */
  #reset(): void {
    if (this.#items.length > KEEP) this.#items = []
    this.#head = 0
    this.#tail = 0
  }
}
