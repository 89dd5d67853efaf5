import { concat } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'
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
  #paused = false
  #reading = false
  /** A read that ended while the transport was paused; `resume` tells of it. */
  #held: Uint8Array | 'end' | undefined
  #inputEnded = false
  #outputEnded = false
  #outputFinished = false
  #awaitsRoom = false
  #closed = false

  constructor({ readable, writable }: StreamPair) {
    this.#reader = readable.getReader()
    this.#writer = writable.getWriter()
    // Told by the calls that fail, below; unheard, these would end the process on some runtimes.
    this.#reader.closed.catch(() => {})
    this.#writer.closed.catch(() => {})
    this.#writer.ready.catch(() => {})
  }

  start(receiver: TransportReceiver): void {
    if (this.#receiver !== undefined) throw new UsageError('a transport is started once')
    this.#receiver = receiver
    this.#writer.closed.catch((error) => this.#fail(error))
    this.#read()
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
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    // Later, as everywhere: nothing is told from inside a call.
    if (this.#held !== undefined) queueMicrotask(() => this.#release())
    this.#read()
  }

  #read(): void {
    if (this.#reading || this.#paused || this.#inputEnded || this.#closed || this.#held !== undefined) return
    this.#reading = true
    this.#reader.read().then(
      ({ done, value }) => {
        this.#reading = false
        if (done) this.#held = 'end'
        // A stream may yield anything; and an empty chunk says nothing.
        else if (!(value instanceof Uint8Array)) this.#fail(new TypeError('a transport is made of Uint8Array chunks'))
        else if (value.length > 0) this.#held = value.slice()
        this.#release()
      },
      (error) => this.#fail(error),
    )
  }

  #release(): void {
    const held = this.#held
    if (this.#paused || this.#closed) return
    this.#held = undefined
    if (held === 'end') {
      this.#inputEnded = true
      this.#receiver!.end()
      this.#closeWhenDone()
      return
    }
    if (held !== undefined) this.#receiver!.data(held)
    this.#read()
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
    queueMicrotask(() => this.#receiver?.closed(error))
  }
}
