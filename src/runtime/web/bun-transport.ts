import { UsageError } from '../../errors/index.ts'
import type { ByteTransport, TransportReceiver } from '../../transport/index.ts'

/** Bytes not yet written from which `write` returns false. */
const HIGH_WATER_MARK = 262_144

/** What is used of a socket of Bun's. */
export interface BunSocket {
  /** What TLS agreed on: `h2`, to speak HTTP/2. RFC 9113 §3.2. */
  readonly alpnProtocol?: string | false | null
  write(bytes: Uint8Array): number
  end(): void
  shutdown(): void
  terminate(): void
  pause(): void
  resume(): void
}

/** The `socket` option of `Bun.connect` and `Bun.listen`. */
export interface BunSocketHandlers {
  open(socket: BunSocket): void
  handshake(socket: BunSocket, success: boolean, error: Error | null): void
  data(socket: BunSocket, bytes: Uint8Array): void
  drain(socket: BunSocket): void
  end(socket: BunSocket): void
  close(socket: BunSocket, error?: Error): void
  error(socket: BunSocket, error: Error): void
}

export interface BunHandlersOptions {
  /** The sockets have TLS, so that each is ready when its handshake is done. False when absent. */
  readonly tls?: boolean | undefined
}

/**
 * Handlers for raw sockets of Bun's, for either side: `ready` gets each socket as a transport as soon as it stands.
 * Bun keeps handlers per listener, so one object serves all its sockets. Pass `allowHalfOpen: true` beside it, and with
 * TLS `ALPNProtocols` in wire format: `'\x02h2'`. A socket whose TLS handshake fails is ended and never shown.
 *
 * @example
 * Bun.listen({
 *   hostname: 'localhost', port: 8443, allowHalfOpen: true, tls: { key, cert, ALPNProtocols: '\x02h2' },
 *   socket: bunHandlers((transport) => accept(transport, handlers), { tls: true }),
 * })
 */
export function bunHandlers(
  ready: (transport: ByteTransport, socket: BunSocket) => void,
  options: BunHandlersOptions = {},
): BunSocketHandlers {
  const transports = new WeakMap<BunSocket, BunTransport>()
  const add = (socket: BunSocket): void => {
    const transport = new BunTransport(socket)
    transports.set(socket, transport)
    ready(transport, socket)
  }
  return {
    open(socket) {
      if (options.tls !== true) add(socket)
    },
    handshake(socket, success) {
      if (success) add(socket)
      else socket.terminate()
    },
    data: (socket, bytes) => transports.get(socket)?.received(bytes),
    drain: (socket) => transports.get(socket)?.flush(),
    end: (socket) => transports.get(socket)?.ended(),
    close: (socket, error) => transports.get(socket)?.closed(error),
    error: (socket, error) => transports.get(socket)?.failed(error),
  }
}

class BunTransport implements ByteTransport {
  readonly #socket: BunSocket
  #receiver: TransportReceiver | undefined
  /** What Bun has not taken yet. */
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #full = false
  #paused = false
  /** Came while paused, or before the start. */
  #held: (Uint8Array | 'end')[] = []
  #inputEnded = false
  #outputEnded = false
  #aborted = false
  #error: Error | undefined
  #over = false

  constructor(socket: BunSocket) {
    this.#socket = socket
  }

  start(receiver: TransportReceiver): void {
    if (this.#receiver !== undefined) throw new UsageError('a transport is started once')
    this.#receiver = receiver
    queueMicrotask(() => this.#deliver())
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#outputEnded || this.#over) return true
    for (const chunk of chunks) {
      this.#queue.push(chunk)
      this.#queuedBytes += chunk.length
    }
    this.#push()
    this.#full = this.#queuedBytes >= HIGH_WATER_MARK
    return !this.#full
  }

  end(): void {
    if (this.#outputEnded || this.#over) return
    this.#outputEnded = true
    this.#finish()
  }

  abort(): void {
    if (this.#over) return
    this.#aborted = true
    this.#socket.terminate()
    queueMicrotask(() => this.closed(undefined))
  }

  pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket.resume()
    queueMicrotask(() => this.#deliver())
  }

  /** Bun writes the bytes over afterwards where it can, so they are copied. */
  received(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#held.push(new Uint8Array(bytes))
    this.#deliver()
  }

  ended(): void {
    if (this.#held.at(-1) !== 'end' && !this.#inputEnded) this.#held.push('end')
    this.#deliver()
  }

  failed(error: Error): void {
    this.#error ??= error
    this.#socket.terminate()
  }

  /** There is room again. */
  flush(): void {
    this.#push()
    if (this.#outputEnded) this.#finish()
    if (!this.#full || this.#over || this.#queuedBytes >= HIGH_WATER_MARK) return
    this.#full = false
    this.#receiver?.drained()
  }

  closed(error: Error | undefined): void {
    if (this.#over) return
    // Nothing holds back what is kept any more: there will be no `resume` worth waiting for.
    this.#paused = false
    if (!this.#aborted) this.#deliver()
    if (this.#over) return
    this.#over = true
    const regular = this.#aborted || (this.#inputEnded && this.#outputEnded)
    const reason = this.#error ?? error ?? new Error('the socket was closed before both sides had ended')
    this.#receiver?.closed(regular ? undefined : reason)
  }

  /** `write` of Bun's takes what there is room for, and a negative number is a socket that is closed. */
  #push(): void {
    while (this.#queue.length > 0) {
      const chunk = this.#queue[0]!
      const written = this.#socket.write(chunk)
      if (written <= 0) return
      this.#queuedBytes -= written
      if (written < chunk.length) {
        this.#queue[0] = chunk.subarray(written)
        return
      }
      this.#queue.shift()
    }
  }

  #finish(): void {
    if (this.#queue.length > 0 || this.#over) return
    if (this.#inputEnded) this.#socket.end()
    else this.#socket.shutdown()
  }

  #deliver(): void {
    const receiver = this.#receiver
    if (receiver === undefined) return
    while (!this.#paused && !this.#over) {
      const next = this.#held.shift()
      if (next === undefined) return
      if (next === 'end') {
        this.#inputEnded = true
        receiver.end()
        if (this.#outputEnded) this.#finish()
        return
      }
      receiver.data(next)
    }
  }
}
