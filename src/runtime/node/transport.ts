import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { concat } from '../../bytes/index.ts'
import { UsageError } from '../../errors/index.ts'
import type { ByteTransport, TransportReceiver } from '../../transport/index.ts'
import { PacedReader } from './paced-reader.ts'

/** Several chunks up to this size together are copied into one: cheaper than a vectored write of small ones. */
const JOIN_SIZE = 16_384
/**
 * After so many bytes the event loop comes round before there is room again. To a peer that reads as fast as we write, Node
 * would go on writing from one `drain` to the next and never come to read, neither this socket nor another.
 */
const TURN = 524_288

/**
 * A Node stream that reads and writes bytes (net.Socket, tls.TLSSocket, any Duplex) as a transport. It takes the stream
 * over: errors are listened for from here on, and the stream is destroyed when both sides have ended.
 *
 * A socket should be made with `allowHalfOpen`, or our side ends as soon as the peer's does.
 */
export function nodeTransport(stream: Duplex): ByteTransport {
  return new NodeTransport(stream)
}

class NodeTransport implements ByteTransport {
  readonly #stream: Duplex
  #reader: PacedReader | undefined
  #receiver: TransportReceiver | undefined
  #error: Error | undefined
  #aborted = false
  /** Bytes given to the stream since the event loop was last waited for. */
  #written = 0

  readonly #nextTurn = (): void => {
    this.#written = 0
    if (!this.#stream.destroyed) this.#receiver?.drained()
  }

  constructor(stream: Duplex) {
    this.#stream = stream
    // Between now and `start` an error must not go unheard, or it would end the process.
    stream.on('error', (error: Error) => {
      this.#error ??= error
      stream.destroy() // not every error of a TLS socket destroys it
    })
    ;(stream as Partial<Socket>).setNoDelay?.(true)
  }

  start(receiver: TransportReceiver): void {
    if (this.#reader !== undefined) throw new UsageError('a transport is started once')
    const stream = this.#stream
    const reader = new PacedReader(stream, (chunk) => receiver.data(chunk))
    this.#reader = reader
    this.#receiver = receiver
    const closed = () => receiver.closed(this.#aborted ? undefined : this.#error)
    if (stream.destroyed) {
      process.nextTick(closed)
      return
    }
    stream.on('close', closed)
    stream.on('drain', () => {
      if (this.#written < TURN) receiver.drained()
      else setImmediate(this.#nextTurn)
    })
    stream.on('end', () => receiver.end())
    // A plain Uint8Array of the same memory: views of it cost less than a Buffer's, and call sites see one type.
    stream.on('data', (chunk: Buffer) => {
      reader.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    })
  }

  write(chunks: readonly Uint8Array[], yielding = false): boolean {
    const stream = this.#stream
    if (stream.destroyed || stream.writableEnded) return true
    let length = 0
    for (const chunk of chunks) length += chunk.length
    this.#written += yielding ? TURN : length
    if (!this.#send(chunks, length)) return false // `drain` follows
    if (this.#written < TURN) return true
    setImmediate(this.#nextTurn)
    return false
  }

  #send(chunks: readonly Uint8Array[], length: number): boolean {
    const stream = this.#stream
    if (chunks.length === 1) return stream.write(chunks[0]!)
    if (length <= JOIN_SIZE) return stream.write(concat(chunks))
    let room = true
    stream.cork()
    for (const chunk of chunks) room = stream.write(chunk)
    stream.uncork()
    return room
  }

  end(): void {
    if (!this.#stream.destroyed) this.#stream.end()
  }

  abort(): void {
    this.#aborted = true
    this.#stream.destroy()
  }

  pause(): void {
    if (this.#reader === undefined) this.#stream.pause()
    else this.#reader.pause()
  }

  resume(): void {
    if (this.#reader === undefined) this.#stream.resume()
    else this.#reader.resume()
  }
}
