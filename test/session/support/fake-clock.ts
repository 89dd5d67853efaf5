import { createHash, randomFillSync } from 'node:crypto'
import type { Platform } from '../../../src/platform/index.ts'

/** A platform whose time stands still until a test moves it. */
export class FakeClock implements Platform {
  #now = 1000
  #timers: { due: number; callback: () => void }[] = []

  now(): number {
    return this.#now
  }

  setTimer(callback: () => void, milliseconds: number): unknown {
    const timer = { due: this.#now + milliseconds, callback }
    this.#timers.push(timer)
    return timer
  }

  clearTimer(timer: unknown): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
  }

  get pendingTimers(): number {
    return this.#timers.length
  }

  /** Moves on, firing what falls due on the way in order, and lets everything settle after each. */
  async advance(milliseconds: number): Promise<void> {
    await settle()
    const end = this.#now + milliseconds
    for (;;) {
      const next = this.#timers.filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0]
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.due)
      this.clearTimer(next)
      next.callback()
      await settle()
    }
    this.#now = end
    await settle()
  }

  fillRandom(bytes: Uint8Array): void {
    randomFillSync(bytes)
  }

  encodeText(text: string): Uint8Array {
    return new TextEncoder().encode(text)
  }

  decodeText(utf8: Uint8Array): string {
    return new TextDecoder().decode(utf8)
  }

  sha1(bytes: Uint8Array): Uint8Array {
    return new Uint8Array(createHash('sha1').update(bytes).digest())
  }
}

/** Until the microtasks that were queued, and those they queued, have run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
