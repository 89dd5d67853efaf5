import { Chance } from './chance.ts'
import { bytesInUse } from './heap.ts'
import { type Target, WHOLE } from './target.ts'

export interface Verdict {
  readonly inputs: number
  readonly seconds: number
  /** Inputs that nothing was found wrong with. */
  readonly whole: number
  /** Kinds of fault, and how often each ended an input. */
  readonly faults: ReadonlyMap<string, number>
  readonly failures: readonly Failure[]
  /** The slowest input, in milliseconds of the clock: on a busy machine that says little. */
  readonly slowest: number
  /** Bytes in use after a collection, in the first tenth and in the last. */
  readonly heap: readonly [first: number, last: number]
}

export interface Failure {
  readonly index: number
  readonly reason: string
  /** In hexadecimal. */
  readonly input: string
}

/** No input of some hundred bytes may cost more processor time than this. */
const MAX_MILLISECONDS = 50
/** After so many failures there is no use in looking for more. */
const MAX_FAILURES = 5
const SAMPLES = 20
/** What the heap may grow by in between: compiled code, and the names of faults. */
const HEAP_SLACK = 2 * 2 ** 20

/** One target, its inputs and what is held against them. */
export class Soak {
  readonly #target: Target
  readonly #seed: number
  readonly #number: number
  readonly #chance = new Chance()
  readonly #faults = new Map<string, number>()
  readonly #failures: Failure[] = []
  #input: Uint8Array = new Uint8Array(0)
  readonly #note = (input: Uint8Array): void => {
    this.#input = input
  }

  constructor(target: Target, number: number, seed: number) {
    this.#target = target
    this.#number = number
    this.#seed = seed
  }

  /** Runs inputs `from` to `from + count` - 1. */
  run(from: number, count: number): Verdict {
    const heap: number[] = []
    const every = Math.max(1, Math.floor(count / SAMPLES))
    // Every fault of a peer is an Error, and its stack would be the largest part of the time.
    Error.stackTraceLimit = 0
    const start = performance.now()
    let slowest = 0
    let done = 0
    for (; done < count && this.#failures.length < MAX_FAILURES; done++) {
      const begun = performance.now()
      this.#take(from + done)
      const took = performance.now() - begun
      if (took > slowest) slowest = took
      if (took > MAX_MILLISECONDS) this.#judgeSlow(from + done)
      if ((done + 1) % every === 0) heap.push(bytesInUse())
    }
    const edges = [Math.min(...heap.slice(0, 2)), Math.min(...heap.slice(-2))] as const
    if (heap.length >= SAMPLES && edges[1] > edges[0] + HEAP_SLACK) {
      this.#failures.push({ index: from + done, reason: `the heap grew from ${edges[0]} to ${edges[1]}`, input: '' })
    }
    const faults = this.#faults
    const whole = faults.get(WHOLE) ?? 0
    faults.delete(WHOLE)
    const seconds = (performance.now() - start) / 1000
    return { inputs: done, seconds, whole, faults, failures: this.#failures, slowest, heap: edges }
  }

  #take(index: number): void {
    this.#chance.seed(this.#seed, this.#number, index)
    try {
      const ending = this.#target.take(this.#chance, this.#note)
      this.#faults.set(ending, (this.#faults.get(ending) ?? 0) + 1)
    } catch {
      this.#fail(index, this.#trace(index))
    }
  }

  /** The same again, with the stack that is left out otherwise. */
  #trace(index: number): string {
    Error.stackTraceLimit = 20
    this.#chance.seed(this.#seed, this.#number, index)
    try {
      this.#target.take(this.#chance, this.#note)
      return 'it failed once, and not again'
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error)
    } finally {
      Error.stackTraceLimit = 0
    }
  }

  /** Again three times, in processor time: the machine may just have been busy. */
  #judgeSlow(index: number): void {
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < 3; i++) {
      const start = process.cpuUsage()
      this.#take(index)
      const { user, system } = process.cpuUsage(start)
      least = Math.min(least, (user + system) / 1000)
    }
    if (least > MAX_MILLISECONDS) this.#fail(index, `${least.toFixed(0)} ms of processor time`)
  }

  #fail(index: number, reason: string): void {
    this.#failures.push({ index, reason, input: Buffer.from(this.#input).toString('hex') })
  }
}
