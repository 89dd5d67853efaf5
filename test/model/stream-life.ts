import { must } from './must.ts'

/**
 * RFC 9113 §5.1 told a second time, and in another way than the library's table: a stream is what was said on it. Each side
 * has begun, has ended, or was cut short by a reset; the state follows from these four facts.
 */
interface Life {
  begun: boolean
  endedHere: boolean
  endedThere: boolean
  resetHere: boolean
  /** By RST_STREAM, or by a GOAWAY that leaves the stream out. §6.8 */
  resetThere: boolean
}

const HEADERS = 1
const DATA = 0
const RST_STREAM = 3
const PUSH_PROMISE = 5
const WINDOW_UPDATE = 8
const CONTINUATION = 9
const END_STREAM = 1
const END_HEADERS = 4

/** All streams as one endpoint sees them. */
export class StreamLives {
  readonly #isClient: boolean
  readonly #lives: Map<number, Life> = new Map()
  /** Those that were not closed when last looked at. */
  readonly #live: Set<number> = new Set()
  #highest = 0
  /** HEADERS with END_STREAM whose block is not whole yet. */
  #blockEnds = false
  /** Streams about which something was said since somebody looked. */
  readonly touched: Set<number> = new Set()

  constructor(isClient: boolean) {
    this.#isClient = isClient
  }

  state(id: number): string {
    const life = this.#lives.get(id)
    if (life === undefined || !life.begun) return 'IDLE'
    if (life.resetHere || life.resetThere) return 'CLOSED'
    if (life.endedHere) return life.endedThere ? 'CLOSED' : 'HALF_CLOSED_LOCAL'
    return life.endedThere ? 'HALF_CLOSED_REMOTE' : 'OPEN'
  }

  /** Streams that are neither idle nor closed. */
  get open(): number {
    let open = 0
    for (const id of this.#live) {
      if (this.state(id) === 'CLOSED') this.#live.delete(id)
      else open++
    }
    return open
  }

  /** A frame leaves. What must not leave in this state is a fault of the library. */
  sent(type: number, flags: number, id: number): void {
    if (id === 0) return
    const state = this.state(id)
    const closed = state === 'CLOSED'
    const says = (what: string): string => `${what} sent on stream ${id}, which is ${state}`
    if (type === HEADERS) this.#headersSent(id, state)
    else if (type === DATA) must(state === 'OPEN' || state === 'HALF_CLOSED_REMOTE', says('DATA'))
    else if (type === RST_STREAM) must(state !== 'IDLE' && !closed, says('RST_STREAM'))
    else if (type === WINDOW_UPDATE) must(state !== 'IDLE' && !closed && state !== 'HALF_CLOSED_REMOTE', says('credit'))
    else must(type !== PUSH_PROMISE, 'a promise')
    const life = this.#life(id)
    if ((type === HEADERS || type === DATA) && (flags & END_STREAM) !== 0) life.endedHere = true
    if (type === RST_STREAM) life.resetHere = true
  }

  #headersSent(id: number, state: string): void {
    if (state === 'IDLE') {
      // §5.1.1: clients open streams, with odd numbers that only grow.
      must(this.#isClient && id % 2 === 1 && id > this.#highest, `HEADERS open stream ${id} after ${this.#highest}`)
      this.#highest = id
      this.#life(id).begun = true
    } else must(state === 'OPEN' || state === 'HALF_CLOSED_REMOTE', `HEADERS sent on stream ${id}, which is ${state}`)
  }

  /** A frame has arrived whole. */
  received(type: number, flags: number, id: number): void {
    if (id === 0) return
    if (type === HEADERS || type === CONTINUATION) {
      if (type === HEADERS) this.#blockEnds = (flags & END_STREAM) !== 0
      if ((flags & END_HEADERS) === 0) return
      const life = this.#life(id)
      life.begun = true
      if (this.#blockEnds) life.endedThere = true
    } else if (type === DATA && (flags & END_STREAM) !== 0) this.#life(id).endedThere = true
    else if (type === RST_STREAM) this.#life(id).resetThere = true
  }

  /** §6.8: streams of ours above the last one that the peer serves are over. Servers have none: nothing is pushed. */
  goAwayReceived(lastStreamId: number): void {
    if (!this.#isClient) return
    for (const id of this.#live) if (id > lastStreamId) this.#life(id).resetThere = true
  }

  #life(id: number): Life {
    this.touched.add(id)
    let life = this.#lives.get(id)
    if (life === undefined) {
      life = { begun: false, endedHere: false, endedThere: false, resetHere: false, resetThere: false }
      this.#lives.set(id, life)
      this.#live.add(id)
    }
    return life
  }
}
