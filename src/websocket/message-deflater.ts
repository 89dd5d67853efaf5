import type { CompressSettings, DeflateBackend } from './deflate-backend.ts'
import { SlidingWindow } from './sliding-window.ts'

/**
 * The most of earlier messages that a new one is matched against. For JSON of 1 KiB, 8 KiB of them make it nearly as small as
 * 32 KiB do, in 20 µs a message and not 70: the backend looks at all of it each time.
 */
const MAX_HISTORY = 8192

/** Does permessage-deflate to the messages of one direction. RFC 7692 §7.2.1. */
export class MessageDeflater {
  readonly #backend: DeflateBackend
  readonly #settings: CompressSettings
  readonly #window: SlidingWindow
  readonly #takeover: boolean

  /** `takeover`: a message may refer to those before it. RFC 7692 §7.2.3.2. */
  constructor(backend: DeflateBackend, settings: CompressSettings, takeover: boolean) {
    this.#backend = backend
    this.#settings = settings
    this.#window = new SlidingWindow(Math.min(2 ** settings.windowBits, MAX_HISTORY))
    this.#takeover = takeover
  }

  /**
   * The message as it goes onto the wire; `undefined` when it would not get smaller, and is better sent as it is: the
   * peer's window has none of what was not compressed, nor has ours.
   */
  deflate(message: Uint8Array): Uint8Array | undefined {
    const output = this.#backend.compress(message, this.#window.bytes, this.#settings)
    // RFC 7692 §7.2.1: the 00 00 ff ff at the end of every message is not sent.
    const length = output.length - 4
    if (length >= message.length) return undefined
    if (this.#takeover) this.#window.append(message)
    return output.subarray(0, length)
  }

  /** Lets go of its memory. */
  release(): void {
    this.#window.clear()
  }
}
