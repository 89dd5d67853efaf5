import { createHash, randomFillSync } from 'node:crypto'
import { type RouterOptions, router } from '../../src/api/index.ts'
import type { HashingPlatform } from '../../src/platform/index.ts'
import { ClientSession, ServerSession, type ServerStream } from '../../src/session/index.ts'
import { memoryPair } from '../../src/transport/index.ts'

export const origin = 'https://example.test'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export const utf8 = (text: string): Uint8Array => encoder.encode(text)
export const text = (bytes: Uint8Array): string => decoder.decode(bytes)

/** The platform of Node, with its own clock and timers. */
export const realPlatform: HashingPlatform = {
  now: () => performance.now(),
  setTimer: (callback, milliseconds) => setTimeout(callback, milliseconds).unref(),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
  fillRandom: (bytes) => void randomFillSync(bytes),
  encodeText: utf8,
  decodeText: text,
  sha1: (bytes) => createHash('sha1').update(bytes).digest(),
}

/** A platform whose clock the test moves: `advance` fires what is due, in order. Time 0 passes by itself. */
export class FakeTime {
  #now = 0
  readonly #timers = new Map<object, { at: number; callback: () => void }>()

  readonly platform: HashingPlatform = {
    ...realPlatform,
    now: () => this.#now,
    setTimer: (callback, milliseconds) => {
      const timer = {}
      this.#timers.set(timer, { at: this.#now + milliseconds, callback })
      if (milliseconds === 0) setTimeout(() => this.#fire(timer), 0)
      return timer
    },
    clearTimer: (timer) => void this.#timers.delete(timer as object),
  }

  get pending(): number {
    return this.#timers.size
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds
    const due = [...this.#timers].filter(([, { at }]) => at <= this.#now).sort((a, b) => a[1].at - b[1].at)
    for (const [timer] of due) this.#fire(timer)
  }

  #fire(timer: object): void {
    const found = this.#timers.get(timer)
    this.#timers.delete(timer)
    found?.callback()
  }
}

export interface Pair {
  readonly client: ClientSession
  readonly server: ServerSession
  /** What reached an `onError`, on either side. */
  readonly errors: unknown[]
}

export interface PairOptions {
  readonly platform?: HashingPlatform
  readonly extendedConnect?: 'off' | 'accept' | 'advertise'
  /** Bytes on their way in one direction before `write` says false. */
  readonly highWaterMark?: number
  /** How deliveries are put off; without delay, an answer may arrive inside the very call that sent the request. */
  readonly schedule?: (task: () => void) => void
}

/** A client and a server of ours joined in memory; `handlers` go through the router. */
export function pair(handlers: Omit<RouterOptions, 'onError'>, options: PairOptions = {}): Pair {
  const errors: unknown[] = []
  const onStream = router({ ...handlers, onError: (error) => errors.push(error) })
  return { ...rawPair(onStream, errors, options), errors }
}

/** The same with one stream handler: a server driven by hand. */
export function rawPair(
  onStream: (stream: ServerStream) => void,
  errors: unknown[] = [],
  options: PairOptions = {},
): Omit<Pair, 'errors'> {
  const { platform = realPlatform, extendedConnect = 'advertise', highWaterMark = 65_536 } = options
  const { schedule = queueMicrotask } = options
  const [near, far] = memoryPair({ highWaterMark, schedule })
  const onError = (error: unknown) => void errors.push(error)
  const server = new ServerSession(far, { platform, extendedConnect, onStream, onError })
  const client = new ClientSession(near, { platform, onError })
  return { client, server }
}

/** Lets everything that is under way arrive. */
export async function settle(turns = 5): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Waits until `condition` holds; fails after ten seconds of processor time, of which a loaded machine gives little. */
export async function until(condition: () => boolean): Promise<void> {
  const begun = process.cpuUsage()
  while (!condition()) {
    const { user, system } = process.cpuUsage(begun)
    if (user + system > 10_000_000) throw new Error(`waited in vain for ${condition}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A promise and its ends. */
export function gate<T = void>(): { promise: Promise<T>; open: (value: T) => void } {
  let open!: (value: T) => void
  const promise = new Promise<T>((resolve) => {
    open = resolve
  })
  return { promise, open }
}
