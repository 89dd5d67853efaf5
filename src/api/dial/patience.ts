import type { Platform } from '../../platform/index.ts'
import { HandshakeError } from '../handshake-error.ts'
import type { HandshakeOptions } from '../tunnel/extended-connect.ts'

/** How long a dial may go on: until a signal of its callers, or its time, says that it is over. */
export class Patience {
  /** For a handshake, whose own clock comes after this one, and is only there because it has to have one. */
  readonly handshake: HandshakeOptions
  readonly #platform: Platform
  readonly #over = new AbortController()
  readonly #timer: unknown
  readonly #signals: readonly AbortSignal[]
  readonly #abort = (): void => {
    this.#over.abort(
      new HandshakeError('aborted', 'the dial was aborted', {
        cause: this.#signals.find(({ aborted }) => aborted)?.reason,
      }),
    )
  }

  constructor(platform: Platform, timeout: number, signals: readonly AbortSignal[]) {
    this.#platform = platform
    this.handshake = { signal: this.signal, timeout: timeout + 1000 }
    this.#signals = signals
    this.#timer = platform.setTimer(() => {
      this.#over.abort(new HandshakeError('timeout', `no WebSocket within ${timeout} ms`))
    }, timeout)
    for (const signal of signals) {
      if (signal.aborted) this.#abort()
      signal.addEventListener('abort', this.#abort, { once: true })
    }
  }

  /** Aborts when it is over, with a HandshakeError as reason. */
  get signal(): AbortSignal {
    return this.#over.signal
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
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#abort)
  }
}
