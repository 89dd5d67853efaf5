/** Octets of one message. */
export const PIECE = 65_536

/** Messages that carry their number, so that the other end sees each once and in order. */
export class Numbered {
  #next = 0

  static make(n: number): Uint8Array<ArrayBuffer> {
    const message = new Uint8Array(PIECE)
    const view = new DataView(message.buffer)
    view.setUint32(0, n)
    view.setUint32(PIECE - 4, ~n)
    return message
  }

  /** @throws Error for any message but the next, whole. */
  take(message: string | Uint8Array): void {
    const n = this.#next++
    if (typeof message !== 'string' && message.length === PIECE) {
      const view = new DataView(message.buffer, message.byteOffset)
      if (view.getUint32(0) === n && view.getUint32(PIECE - 4) === ~n >>> 0) return
    }
    throw new Error(`what came is not message ${n}`)
  }
}

/** What a reader waits for before each message: nothing, until it is closed. */
export class Gate {
  passed: Promise<void> | undefined
  #release: (() => void) | undefined

  close(): void {
    this.passed ??= new Promise((resolve) => {
      this.#release = resolve
    })
  }

  open(): void {
    this.passed = undefined
    this.#release?.()
  }
}
