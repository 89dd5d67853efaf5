import { Fifo } from './fifo.ts'
import type { Stream } from './stream.ts'

/**
 * The streams of one urgency. RFC 9218 §10: incremental ones share in turns; of the others one is served whole before
 * the next begins, in the order of their ids. Where both kinds wait they take turns, so that neither starves.
 */
class Level {
  #sharing: Fifo<Stream> = new Fifo()
  /** Streams served one by one, the lowest id last, from where it is taken. */
  #waiting: Stream[] = []
  #sharedLast = false

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#sharing.length === 0
  }

  /** Whether the next turn is that of the stream served whole. */
  get #isWhole(): boolean {
    return this.#waiting.length > 0 && (this.#sharedLast || this.#sharing.length === 0)
  }

  push(stream: Stream): void {
    if (stream.shares) {
      this.#sharing.push(stream)
      return
    }
    const waiting = this.#waiting
    let at = waiting.length
    while (at > 0 && waiting[at - 1]!.id < stream.id) at--
    waiting.splice(at, 0, stream)
  }

  peek(): Stream | undefined {
    return this.#isWhole ? this.#waiting.at(-1) : this.#sharing.peek()
  }

  shift(): Stream | undefined {
    const isWhole = this.#isWhole
    this.#sharedLast = !isWhole
    return isWhole ? this.#waiting.pop() : this.#sharing.shift()
  }

  remove(stream: Stream): void {
    this.#waiting = this.#waiting.filter((other) => other !== stream)
    const sharing = new Fifo<Stream>()
    for (let other = this.#sharing.shift(); other !== undefined; other = this.#sharing.shift()) {
      if (other !== stream) sharing.push(other)
    }
    this.#sharing = sharing
  }
}

/** Whose turn it is to send DATA: the most urgent first. RFC 9218 §10. */
export class SendOrder {
  /** By urgency, made when first used. */
  #levels: (Level | undefined)[] = []

  push(stream: Stream): void {
    const { urgency } = stream
    while (this.#levels.length <= urgency) this.#levels.push(undefined)
    this.#levels[urgency] ??= new Level()
    this.#levels[urgency].push(stream)
  }

  get #first(): Level | undefined {
    const levels = this.#levels
    for (let i = 0; i < levels.length; i++) {
      const level = levels[i]
      if (level !== undefined && !level.isEmpty) return level
    }
    return undefined
  }

  /** Who is next, left in line. */
  peek(): Stream | undefined {
    return this.#first?.peek()
  }

  shift(): Stream | undefined {
    return this.#first?.shift()
  }

  /** Takes a stream out of line; it costs a pass over those of its urgency. */
  remove(stream: Stream): void {
    this.#levels[stream.urgency]?.remove(stream)
  }

  clear(): void {
    this.#levels = []
  }
}
