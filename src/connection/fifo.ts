/** From so many empty places on they are given back, each time half the list: one move for each item that passes. */
const COMPACT_AT = 1024

/** First in, first out, without moving what is inside. */
export class Fifo<T> {
  #items: (T | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** The oldest item, left in place. */
  peek(): T | undefined {
    return this.#items[this.#head]
  }

  /** Removes the oldest item and answers it; undefined when there is none. */
  shift(): T | undefined {
    const items = this.#items
    const head = this.#head
    if (head === items.length) return undefined
    const item = items[head]
    items[head] = undefined
    this.#head = head + 1
    if (this.#head === items.length) this.#reset()
    else if (this.#head >= COMPACT_AT && this.#head * 2 >= items.length) this.#compact()
    return item
  }

  clear(): void {
    this.#items = []
    this.#head = 0
  }

  /** A list that is never quite empty would keep the places of all that ever passed. */
  #compact(): void {
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }

  /** All are out: begin anew, in the same list unless a burst made it large. */
  #reset(): void {
    if (this.#head > COMPACT_AT) this.#items = []
    else this.#items.length = 0
    this.#head = 0
  }
}
