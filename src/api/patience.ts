import type { Platform } from '../platform/index.ts'
import type { HandshakeOptions } from './extended-connect.ts'
import { HandshakeError } from './handshake-error.ts'

/** Timers of runtimes take 31 bits; more would fire at once. */
const LONGEST = 0x7f_ff_ff_ff

/** How long a dial may go on: until its caller's signal, or its time, says that it is over. */
export class Patience {
  readonly #platform: Platform
  readonly #over = new AbortController()
  readonly #timeout: number
  readonly #timer: unknown
  readonly #callers: AbortSignal | undefined
  readonly #abort = (): void => {
    this.#over.abort(new HandshakeError('aborted', 'the dial was aborted', { cause: this.#callers?.reason }))
  }

  constructor(platform: Platform, timeout: number, signal: AbortSignal | undefined) {
    this.#platform = platform
    this.#timeout = Math.min(timeout, LONGEST)
    this.#callers = signal
    this.#timer = platform.setTimer(() => {
      this.#over.abort(new HandshakeError('timeout', `no WebSocket within ${timeout} ms`))
    }, this.#timeout)
    if (signal?.aborted === true) this.#abort()
    signal?.addEventListener('abort', this.#abort, { once: true })
  }

  /** Aborts when it is over, with a HandshakeError as reason. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** For a handshake, whose own clock comes after this one, and is only there because it has to have one. */
  get handshake(): HandshakeOptions {
    return { signal: this.signal, timeout: Math.min(this.#timeout + 1000, LONGEST) }
  }

  /** Resolves after so long, or as soon as it is over. */
  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#platform.setTimer(resolve, milliseconds)
      const wake = (): void => {
        this.#platform.clearTimer(timer)
        resolve()
      }
      this.signal.addEventListener('abort', wake, { once: true })
    })
  }

  /** It doesn't matter any more. */
  end(): void {
    this.#platform.clearTimer(this.#timer)
    this.#callers?.removeEventListener('abort', this.#abort)
  }
}
