import type { StreamError } from '../../errors/index.ts'
import type { Tunnel } from '../exchange.ts'

/** Bytes that may wait in a body's own queue before its stream is paused; beyond that the peer's credit is withheld. */
const QUEUE_MARK = 65_536

export interface BodySourceOptions {
  /** The reader asks for the first time. */
  onFirstRead?: () => void
  /** The reader lost interest before the end. */
  onCancel?: () => void
}

/**
 * The bytes of a message as the source of a `ReadableStream`. Nothing is taken off the stream until somebody reads, so
 * a body that nobody reads costs no copy and holds the peer to its window. RFC 9113 §5.2.
 *
 * Bytes are copied on arrival: what `onData` shows is only borrowed, and a byte stream takes its buffers away.
 */
export class BodySource {
  readonly type = 'bytes'
  readonly #stream: Tunnel
  readonly #options: BodySourceOptions
  #controller: ReadableByteStreamController | undefined
  #reading = false
  #paused = false
  #done = false
  /** Why it ended before its time, for a `ReadableStream` that is made later. */
  #failure: { readonly reason: unknown } | undefined

  constructor(stream: Tunnel, options: BodySourceOptions) {
    this.#stream = stream
    this.#options = options
  }

  /** True as soon as somebody has read from or cancelled the body. */
  get touched(): boolean {
    return this.#reading || this.#done
  }

  start(controller: ReadableByteStreamController): void {
    this.#controller = controller
    if (this.#failure !== undefined) controller.error(this.#failure.reason)
  }

  pull(): void {
    if (!this.#reading) {
      this.#reading = true
      this.#options.onFirstRead?.()
      this.#stream.onData = (data, endStream) => this.#receive(data, endStream)
    } else if (this.#paused) {
      this.#paused = false
      this.#stream.resume()
    }
  }

  cancel(): void {
    this.#done = true
    this.discard()
    this.#options.onCancel?.()
  }

  /** Reads what is left and throws it away, so that the peer can finish. */
  discard(): void {
    this.#stream.onData = () => undefined
    if (this.#paused) this.#stream.resume()
    this.#paused = false
  }

  /** The stream ended before its time; whoever reads learns `reason`. */
  fail(reason: unknown): void {
    if (this.#done) return
    this.#done = true
    this.#failure = { reason }
    this.#controller?.error(reason)
  }

  #receive(data: Uint8Array, endStream: boolean): void {
    const controller = this.#controller
    if (this.#done || controller === undefined) return
    // Streams refuse empty chunks; an empty DATA frame says nothing but its END_STREAM.
    if (data.length > 0) controller.enqueue(data.slice())
    if (endStream) {
      this.#done = true
      controller.close()
      // Streams Standard: a reader that brought its own buffer learns of the end only by an answer of no bytes.
      controller.byobRequest?.respond(0)
    } else if ((controller.desiredSize ?? 0) <= -QUEUE_MARK) {
      this.#paused = true
      this.#stream.pause()
    }
  }
}

/** The `ReadableStream` of `body`. Its queue starts at nothing: the first read begins the flow. */
export function readableBody(body: BodySource): ReadableStream<Uint8Array> {
  return new ReadableStream(body, { highWaterMark: 0 })
}

/** Puts `listener` after whoever hears of the stream's reset already. */
export function addResetListener(stream: Tunnel, listener: (error: StreamError) => void): void {
  const before = stream.onReset
  stream.onReset =
    before === undefined
      ? listener
      : (error) => {
          before(error)
          listener(error)
        }
}
