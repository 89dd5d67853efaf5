import { UsageError } from '../../errors/index.ts'
import type { ByteTransport, TransportReceiver } from '../../transport/index.ts'
import { PullReader } from '../../transport/pull-reader.ts'

/** Bytes not yet written from which `write` returns false. */
const HIGH_WATER_MARK = 262_144
/** What is read at once. */
const READ_SIZE = 65_536

/** What is used of a `Deno.Conn`. */
export interface DenoConn {
  read(buffer: Uint8Array): Promise<number | null>
  write(bytes: Uint8Array): Promise<number>
  closeWrite(): Promise<void>
  close(): void
}

/**
 * A connection of `Deno.connect`, `Deno.connectTls`, `Deno.listen` or `Deno.listenTls` as a transport. It is taken over.
 * With TLS, look first at `(await conn.handshake()).alpnProtocol`: HTTP/2 is spoken where it is `h2`. RFC 9113 §3.2.
 *
 * @example
 * const conn = await Deno.connectTls({ hostname: 'localhost', port: 8443, alpnProtocols: ['h2'] })
 * const session = connect(denoTransport(conn), { origin: 'https://localhost:8443' })
 */
export function denoTransport(conn: DenoConn): ByteTransport {
  return new DenoTransport(conn)
}

class DenoTransport implements ByteTransport {
  readonly #conn: DenoConn
  #receiver: TransportReceiver | undefined
  readonly #queue: Uint8Array[] = []
  #queuedBytes = 0
  #full = false
  #writing = false
  readonly #input: PullReader
  #inputEnded = false
  #outputEnded = false
  #outputFinished = false
  #closed = false

  constructor(conn: DenoConn) {
    this.#conn = conn
    this.#input = new PullReader(() => this.#next(), {
      data: (chunk) => this.#receiver!.data(chunk),
      end: () => {
        this.#inputEnded = true
        this.#receiver!.end()
        this.#closeWhenDone()
      },
      failed: (error) => this.#close(error),
    })
  }

  start(receiver: TransportReceiver): void {
    if (this.#receiver !== undefined) throw new UsageError('a transport is started once')
    this.#receiver = receiver
    this.#input.read()
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#outputEnded || this.#closed) return true
    for (const chunk of chunks) {
      this.#queue.push(chunk)
      this.#queuedBytes += chunk.length
    }
    void this.#flush()
    this.#full = this.#queuedBytes >= HIGH_WATER_MARK
    return !this.#full
  }

  end(): void {
    if (this.#outputEnded) return
    this.#outputEnded = true
    void this.#flush()
  }

  abort(): void {
    this.#close(undefined)
  }

  pause(): void {
    this.#input.pause()
  }

  resume(): void {
    this.#input.resume()
  }

  async #flush(): Promise<void> {
    if (this.#writing || this.#closed) return
    this.#writing = true
    try {
      for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
        await this.#writeAll(chunk)
        this.#drain()
      }
      if (this.#outputEnded && !this.#outputFinished) {
        await this.#conn.closeWrite()
        this.#outputFinished = true
        this.#closeWhenDone()
      }
    } catch (error) {
      this.#close(error)
    }
    this.#writing = false
    if (this.#queue.length > 0) void this.#flush()
  }

  /** One call of the system's may take less than all. */
  async #writeAll(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const written = await this.#conn.write(chunk.subarray(at))
      at += written
      this.#queuedBytes -= written
    }
  }

  #drain(): void {
    if (!this.#full || this.#closed || this.#queuedBytes >= HIGH_WATER_MARK) return
    this.#full = false
    this.#receiver?.drained()
  }

  /** A new buffer each time, since the receiver may keep what it is given. */
  async #next(): Promise<Uint8Array | undefined> {
    const buffer = new Uint8Array(READ_SIZE)
    const length = await this.#conn.read(buffer)
    return length === null ? undefined : buffer.subarray(0, length)
  }

  #closeWhenDone(): void {
    if (this.#inputEnded && this.#outputFinished) this.#close(undefined)
  }

  #close(reason: unknown): void {
    if (this.#closed) return
    this.#closed = true
    this.#input.stop()
    this.#queue.length = 0
    try {
      this.#conn.close()
    } catch {
      // Deno has closed it already, for the same reason.
    }
    const error = reason === undefined || reason instanceof Error ? reason : new Error(String(reason))
    queueMicrotask(() => this.#receiver?.closed(error))
  }
}
