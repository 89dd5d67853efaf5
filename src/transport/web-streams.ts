import { concat } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'
import { PullReader } from './pull-reader.ts'
import type { ByteTransport, TransportReceiver } from './transport.ts'

/** A duplex as Web Streams have it: a `TransformStream` pair, a WebTransport stream, a socket of workerd. */
export interface StreamPair {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}

/**
 * A pair of Web Streams as a transport; both are locked from here on. One `read` is under way at a time and none while
 * the transport is paused, and `write` follows the writer's `desiredSize`, so that backpressure goes through both ways.
 * A chunk is copied on its way in and out, since what lies behind a Web Stream may keep it or pass it on.
 *
 * @throws TypeError when one of the streams is locked already
 *
 * @example
 * const transport = webStreamsTransport({ readable: inbound.readable, writable: outbound.writable })
 */
export function webStreamsTransport(pair: StreamPair): ByteTransport {
  return new WebStreamsTransport(pair)
}

class WebStreamsTransport implements ByteTransport {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  #receiver: TransportReceiver | undefined
  readonly #input: PullReader
  #inputEnded = false
  #outputEnded = false
  #outputFinished = false
  #awaitsRoom = false
  #closed = false

  constructor({ readable, writable }: StreamPair) {
    this.#reader = readable.getReader()
    this.#writer = writable.getWriter()
    this.#input = new PullReader(() => this.#next(), {
      data: (chunk) => this.#receiver!.data(chunk),
      end: () => {
        this.#inputEnded = true
        this.#receiver!.end()
        this.#closeWhenDone()
      },
      failed: (error) => this.#fail(error),
    })
    // Told by the calls that fail, below; unheard, these would end the process on some runtimes.
    this.#reader.closed.catch(() => {})
    this.#writer.closed.catch(() => {})
    this.#writer.ready.catch(() => {})
  }

  start(receiver: TransportReceiver): void {
    if (this.#receiver !== undefined) throw new UsageError('a transport is started once')
    this.#receiver = receiver
    this.#writer.closed.catch((error) => this.#fail(error))
    this.#input.read()
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#outputEnded || this.#closed) return true
    const writer = this.#writer
    writer.write(concat(chunks)).catch((error) => this.#fail(error))
    if ((writer.desiredSize ?? 0) > 0) return true
    if (!this.#awaitsRoom) {
      this.#awaitsRoom = true
      writer.ready.then(
        () => {
          this.#awaitsRoom = false
          if (!this.#closed) this.#receiver?.drained()
        },
        (error) => this.#fail(error),
      )
    }
    return false
  }

  end(): void {
    if (this.#outputEnded || this.#closed) return
    this.#outputEnded = true
    this.#writer.close().then(
      () => {
        this.#outputFinished = true
        this.#closeWhenDone()
      },
      (error) => this.#fail(error),
    )
  }

  abort(): void {
    this.#drop(new Error('the transport was aborted'))
    this.#tellClosed(undefined)
  }

  pause(): void {
    this.#input.pause()
  }

  resume(): void {
    this.#input.resume()
  }

  async #next(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#reader.read()
    if (done) return undefined
    // A stream may yield anything.
    if (!(value instanceof Uint8Array)) throw new TypeError('a transport is made of Uint8Array chunks')
    return value.slice()
  }

  #closeWhenDone(): void {
    if (this.#inputEnded && this.#outputFinished) this.#tellClosed(undefined)
  }

  /** One of the streams failed, so the duplex is over. */
  #fail(reason: unknown): void {
    if (this.#closed) return
    const error = reason instanceof Error ? reason : new Error(`the stream failed: ${String(reason)}`)
    this.#drop(error)
    this.#tellClosed(error)
  }

  #drop(reason: Error): void {
    if (this.#closed) return
    this.#reader.cancel(reason).catch(() => {})
    this.#writer.abort(reason).catch(() => {})
  }

  /** Never from inside a call of the session's. */
  #tellClosed(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#input.stop()
    queueMicrotask(() => this.#receiver?.closed(error))
  }
}
