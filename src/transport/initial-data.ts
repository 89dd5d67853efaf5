import type { ByteTransport, TransportReceiver } from './transport.ts'

/**
 * The same transport, but `bytes`, which somebody has already read from it, are delivered first: after sniffing a
 * protocol, or after an HTTP/1.1 exchange on the same socket. The array is handed over with it.
 */
export function withInitialData(transport: ByteTransport, bytes: Uint8Array): ByteTransport {
  return bytes.length === 0 ? transport : new InitialDataTransport(transport, bytes)
}

/** Delivers the initial bytes before whatever the inner transport tells first, or in a microtask if it tells nothing. */
class InitialDataTransport implements ByteTransport {
  readonly #inner: ByteTransport
  #initial: Uint8Array | undefined
  #receiver: TransportReceiver | undefined
  #paused = false
  /** What the inner transport told while the initial bytes were held back by `pause`. */
  readonly #held: (() => void)[] = []

  constructor(inner: ByteTransport, initial: Uint8Array) {
    this.#inner = inner
    this.#initial = initial
  }

  start(receiver: TransportReceiver): void {
    this.#receiver = receiver
    this.#inner.start({
      data: (chunk) => this.#inOrder(() => receiver.data(chunk)),
      end: () => this.#inOrder(() => receiver.end()),
      drained: () => receiver.drained(),
      closed: (error) => {
        // the transport is gone: nothing can be held back any more
        this.#paused = false
        this.#inOrder(() => receiver.closed(error))
      },
    })
    queueMicrotask(() => this.#release())
  }

  write(chunks: readonly Uint8Array[], yielding?: boolean): boolean {
    return this.#inner.write(chunks, yielding)
  }

  end(): void {
    this.#inner.end()
  }

  abort(): void {
    this.#initial = undefined
    this.#held.length = 0
    this.#inner.abort()
  }

  pause(): void {
    this.#paused = true
    this.#inner.pause()
  }

  resume(): void {
    this.#paused = false
    this.#inner.resume()
    queueMicrotask(() => this.#release())
  }

  #inOrder(tell: () => void): void {
    this.#release()
    if (this.#initial === undefined && this.#held.length === 0) tell()
    else this.#held.push(tell)
  }

  #release(): void {
    if (this.#paused) return
    const initial = this.#initial
    if (initial !== undefined) {
      this.#initial = undefined
      this.#receiver!.data(initial)
    }
    while (!this.#paused && this.#held.length > 0) this.#held.shift()!()
  }
}
