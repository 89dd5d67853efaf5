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
    return item
  }

  clear(): void {
    this.#items = []
    this.#head = 0
  }

  /** All are out: begin anew, in the same list unless a burst made it large. */
  #reset(): void {
    if (this.#head > 1024) this.#items = []
    else this.#items.length = 0
    this.#head = 0
  }
}
