import { UsageError } from '../errors/index.ts'
import type { ByteTransport, TransportReceiver } from './transport.ts'

export interface MemoryPairOptions {
  /** Bytes on their way in one direction from which `write` returns false: 65,536 when absent. */
  readonly highWaterMark?: number
  /** How deliveries are put off: `queueMicrotask` when absent. A test passes its own and decides when things arrive. */
  readonly schedule?: (task: () => void) => void
}

/**
 * Two transports joined in memory: what is written on one arrives on the other, later and in order. Chunks are copied
 * on write, so that the two sides share no memory.
 *
 * @example
 * const [client, server] = memoryPair()
 */
export function memoryPair(options?: MemoryPairOptions): [ByteTransport, ByteTransport] {
  const highWaterMark = options?.highWaterMark ?? 65_536
  const schedule = options?.schedule ?? queueMicrotask
  const one = new MemoryTransport(highWaterMark, schedule)
  const other = new MemoryTransport(highWaterMark, schedule)
  one.join(other)
  other.join(one)
  return [one, other]
}

/** One end: holds what is on its way *to* it, and hands it on one chunk per scheduled turn. */
class MemoryTransport implements ByteTransport {
  readonly #highWaterMark: number
  readonly #schedule: (task: () => void) => void
  #peer: MemoryTransport = this
  #receiver: TransportReceiver | undefined
  readonly #incoming: Uint8Array[] = []
  #incomingBytes = 0
  #finIncoming = false
  #finDelivered = false
  #finSent = false
  #paused = false
  #pumping = false
  /** The peer was told to hold back and has not been called back yet. */
  #peerWaits = false
  #drainDue = false
  #gone = false
  #error: Error | undefined
  #closedDelivered = false

  constructor(highWaterMark: number, schedule: (task: () => void) => void) {
    this.#highWaterMark = highWaterMark
    this.#schedule = schedule
  }

  join(peer: MemoryTransport): void {
    this.#peer = peer
  }

  start(receiver: TransportReceiver): void {
    if (this.#receiver !== undefined) throw new UsageError('a transport is started once')
    this.#receiver = receiver
    this.#pump()
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#finSent || this.#gone) return true
    const peer = this.#peer
    for (const chunk of chunks) {
      if (chunk.length === 0) continue
      peer.#incoming.push(chunk.slice())
      peer.#incomingBytes += chunk.length
    }
    peer.#pump()
    if (peer.#incomingBytes < this.#highWaterMark) return true
    peer.#peerWaits = true
    return false
  }

  end(): void {
    if (this.#finSent || this.#gone) return
    this.#finSent = true
    this.#peer.#finIncoming = true
    this.#peer.#pump()
    this.#pump()
  }

  abort(): void {
    if (this.#gone) return
    this.#lose(undefined)
    this.#peer.#lose(new Error('the peer aborted the connection'))
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#pump()
  }

  #lose(error: Error | undefined): void {
    if (this.#gone) return
    this.#gone = true
    this.#error = error
    this.#incoming.length = 0
    this.#incomingBytes = 0
    this.#pump()
  }

  /** Puts one delivery off, unless there is one on its way. */
  #pump(): void {
    if (this.#pumping || this.#receiver === undefined) return
    this.#pumping = true
    // Not as a method of ours: browsers and workerd refuse their `queueMicrotask` any `this` but the global's.
    const schedule = this.#schedule
    schedule(() => {
      this.#pumping = false
      if (this.#deliver(this.#receiver!)) this.#pump()
    })
  }

  /** Delivers one thing; true when there may be another. */
  #deliver(receiver: TransportReceiver): boolean {
    if (this.#closedDelivered) return false
    if (this.#gone) return this.#deliverClosed(receiver)
    if (this.#drainDue) {
      this.#drainDue = false
      receiver.drained()
      return true
    }
    if (this.#paused) return false
    const chunk = this.#incoming.shift()
    if (chunk !== undefined) {
      this.#incomingBytes -= chunk.length
      if (this.#peerWaits && this.#incomingBytes < this.#highWaterMark) {
        this.#peerWaits = false
        this.#peer.#drainDue = true
        this.#peer.#pump()
      }
      receiver.data(chunk)
      return true
    }
    if (!this.#finIncoming) return false
    if (!this.#finDelivered) {
      this.#finDelivered = true
      receiver.end()
      return true
    }
    // both ways ended and all delivered here: regular end
    return this.#finSent && this.#deliverClosed(receiver)
  }

  #deliverClosed(receiver: TransportReceiver): boolean {
    this.#gone = true
    this.#closedDelivered = true
    receiver.closed(this.#error)
    return false
  }
}
