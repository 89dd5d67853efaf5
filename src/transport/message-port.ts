import { concat } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'
import type { ByteTransport, TransportReceiver } from './transport.ts'

/** Bytes on their way that the other end has not delivered yet, from which `write` returns false. */
const HIGH_WATER_MARK = 262_144

/**
 * What passes between two ends: bytes; a number, how many of ours were delivered over there; the end of one direction;
 * the end of everything. A port itself knows neither backpressure nor an end.
 */
type PortMessage = Uint8Array | number | 'end' | 'abort'

/** A `MessagePort`, by what is used of it: there is no name for the type that all runtimes' declarations have. */
export interface MessagePortLike extends EventTarget {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void
  start(): void
  close(): void
}

/**
 * One end of a `MessageChannel` as a transport, to a worker, a frame or another page; the other end must be one too. The
 * port is taken over and closed at the end. Bytes are copied once and their buffer transferred, where the runtime can.
 *
 * A port whose other side vanishes tells so only on some runtimes (the `close` event); elsewhere a session learns of it
 * by its own deadlines.
 *
 * @example
 * const { port1, port2 } = new MessageChannel()
 * worker.postMessage(port2, [port2])
 * const session = new ClientSession(messagePortTransport(port1), { platform })
 */
export function messagePortTransport(port: MessagePortLike): ByteTransport {
  return new MessagePortTransport(port)
}

class MessagePortTransport implements ByteTransport {
  readonly #port: MessagePortLike
  #receiver: TransportReceiver | undefined
  #paused = false
  /** Arrived and not delivered yet: while paused, which the sender meets as credit that doesn't come. */
  readonly #kept: (Uint8Array | 'end')[] = []
  #transfers = true
  #unacknowledged = 0
  #full = false
  #inputEnded = false
  #outputEnded = false
  #closed = false

  constructor(port: MessagePortLike) {
    this.#port = port
  }

  start(receiver: TransportReceiver): void {
    if (this.#receiver !== undefined) throw new UsageError('a transport is started once')
    this.#receiver = receiver
    const port = this.#port
    port.addEventListener('message', (event) => this.#received((event as MessageEvent).data as PortMessage))
    port.addEventListener('messageerror', () => this.#lost(new Error('a message could not be read from the port')))
    port.addEventListener('close', () => {
      // The other end closes the port once both have ended; what it sent before may still wait here.
      if (!this.#outputEnded || this.#kept.at(-1) !== 'end') this.#lost(new Error('the other side of the port is gone'))
    })
    port.start()
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#outputEnded || this.#closed) return true
    const bytes = concat(chunks)
    this.#unacknowledged += bytes.length
    this.#post(bytes)
    this.#full = this.#unacknowledged >= HIGH_WATER_MARK
    return !this.#full
  }

  /** workerd's ports transfer nothing and say so; the bytes are then copied once more. */
  #post(bytes: Uint8Array): void {
    if (this.#transfers) {
      try {
        this.#port.postMessage(bytes, [bytes.buffer as ArrayBuffer])
        return
      } catch {
        this.#transfers = false
      }
    }
    this.#port.postMessage(bytes, [])
  }

  end(): void {
    if (this.#outputEnded || this.#closed) return
    this.#outputEnded = true
    this.#port.postMessage('end', [])
    this.#closeWhenDone()
  }

  abort(): void {
    if (this.#closed) return
    this.#port.postMessage('abort', [])
    this.#close(undefined)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#kept.length > 0) queueMicrotask(() => this.#deliver())
  }

  #received(message: PortMessage): void {
    if (this.#closed) return
    if (typeof message === 'number') {
      this.#unacknowledged -= message
      if (!this.#full || this.#unacknowledged >= HIGH_WATER_MARK) return
      this.#full = false
      this.#receiver!.drained()
    } else if (message === 'abort') this.#lost(new Error('the peer aborted the connection'))
    else if (message === 'end' || message instanceof Uint8Array) {
      this.#kept.push(message)
      this.#deliver()
    } else this.#lost(new Error('a message on the port that no transport sends'))
  }

  #deliver(): void {
    while (!this.#paused && !this.#closed) {
      const next = this.#kept.shift()
      if (next === undefined) return
      if (next === 'end') {
        this.#inputEnded = true
        this.#receiver!.end()
        this.#closeWhenDone()
        return
      }
      const { length } = next
      this.#receiver!.data(next)
      if (!this.#closed) this.#port.postMessage(length, [])
    }
  }

  #closeWhenDone(): void {
    if (this.#inputEnded && this.#outputEnded) this.#close(undefined)
  }

  #lost(error: Error): void {
    if (this.#closed) return
    this.#kept.length = 0
    this.#close(error)
  }

  #close(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    // Later, as everywhere: nothing is told from inside a call. What was posted before still arrives over there.
    queueMicrotask(() => {
      this.#port.close()
      this.#receiver?.closed(error)
    })
  }
}
