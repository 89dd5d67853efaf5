import { concat } from '../../bytes/index.ts'
import { UsageError } from '../../errors/index.ts'
import type { ByteTransport, TransportReceiver } from '../../transport/index.ts'

/** Bytes that wait in the socket from which `write` returns false. */
const HIGH_WATER_MARK = 262_144
/** Milliseconds between two looks at whether they have left: a WebSocket has no event for that. */
const LOOK = 20
const OPEN = 1

/** What is used of a WebSocket: the runtime's own class, or ours. */
export interface SocketPipe {
  binaryType: string
  readonly readyState: number
  readonly bufferedAmount: number
  send(data: Uint8Array<ArrayBuffer>): void
  close(): void
  addEventListener(type: string, listener: (event: Event) => void): void
}

/**
 * A WebSocket that carries bytes as binary messages, however cut, as a transport: to a relay, say, that passes them on to
 * a TCP connection. So a page holds an HTTP/2 connection of its own, with all that goes inside one. The socket may still
 * be connecting, and is taken over.
 *
 * A WebSocket doesn't hold its sender back and has no half-close. `pause` keeps what comes, which an HTTP/2 peer sends
 * only as far as its windows let it; `end` closes both ways once everything is sent.
 *
 * @example
 * const session = new ClientSession(webSocketTransport(new WebSocket('wss://relay.example/')), { platform: webPlatform })
 */
export function webSocketTransport(socket: SocketPipe): ByteTransport {
  return new WebSocketTransport(socket)
}

class WebSocketTransport implements ByteTransport {
  readonly #socket: SocketPipe
  #receiver: TransportReceiver | undefined
  /** Written before the socket was open. */
  #early: Uint8Array[] = []
  #kept: Uint8Array[] = []
  #paused = false
  #ended = false
  #aborted = false
  #closed = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(socket: SocketPipe) {
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
  }

  start(receiver: TransportReceiver): void {
    if (this.#receiver !== undefined) throw new UsageError('a transport is started once')
    this.#receiver = receiver
    const socket = this.#socket
    socket.addEventListener('open', () => this.#opened())
    socket.addEventListener('message', (event) => this.#received((event as MessageEvent).data))
    socket.addEventListener('close', (event) => this.#socketClosed(event as CloseEvent))
    if (socket.readyState > OPEN) queueMicrotask(() => this.#tellClosed(new Error('the WebSocket is closed already')))
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#ended || this.#closed) return true
    const socket = this.#socket
    if (socket.readyState < OPEN) {
      this.#early.push(...chunks)
      return true
    }
    socket.send(concat(chunks) as Uint8Array<ArrayBuffer>)
    if (socket.bufferedAmount < HIGH_WATER_MARK) return true
    this.#timer ??= setTimeout(() => this.#look(), LOOK)
    return false
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    // What was sent before leaves first; a socket that is yet to open is closed as soon as it has.
    if (this.#socket.readyState === OPEN) this.#socket.close()
  }

  abort(): void {
    this.#aborted = true
    this.#kept = []
    this.#socket.close()
    queueMicrotask(() => this.#tellClosed(undefined))
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    queueMicrotask(() => this.#deliver())
  }

  #opened(): void {
    if (this.#early.length > 0) this.#socket.send(concat(this.#early) as Uint8Array<ArrayBuffer>)
    this.#early = []
    if (this.#ended) this.#socket.close()
  }

  #received(data: unknown): void {
    if (this.#closed || this.#aborted) return
    if (!(data instanceof ArrayBuffer)) {
      this.#socket.close()
      this.#tellClosed(new Error('a text message came over a WebSocket that carries bytes'))
      return
    }
    if (data.byteLength === 0) return
    this.#kept.push(new Uint8Array(data))
    this.#deliver()
  }

  #deliver(): void {
    while (!this.#paused && !this.#closed) {
      const chunk = this.#kept.shift()
      if (chunk === undefined) return
      this.#receiver!.data(chunk)
    }
  }

  #socketClosed(event: CloseEvent): void {
    if (this.#closed) return
    // Nothing holds back what is kept any more: there will be no `resume` worth waiting for.
    this.#paused = false
    this.#deliver()
    const clean = event.wasClean || this.#ended
    if (clean) this.#receiver!.end()
    this.#tellClosed(clean ? undefined : new Error(`the WebSocket was closed with ${event.code}`))
  }

  #look(): void {
    this.#timer = undefined
    if (this.#closed) return
    if (this.#socket.bufferedAmount < HIGH_WATER_MARK) this.#receiver!.drained()
    else this.#timer = setTimeout(() => this.#look(), LOOK)
  }

  #tellClosed(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    this.#receiver?.closed(error)
  }
}
