import type { IncomingMessage } from 'node:http'
import type { Field } from '../../hpack/index.ts'
import { hasBody } from './http1-request.ts'

const EMPTY: Uint8Array = new Uint8Array(0)

/** Takes a body piece by piece: see `onData` of an exchange. */
export type DataReader = (data: Uint8Array, endStream: boolean) => void

/** What the body tells the exchange it belongs to. */
export interface BodyOwner {
  /** Runs a callback of the user's under guard. */
  call<A, B>(callback: (a: A, b: B) => unknown, a: A, b: B): void
  /** The reader has been told of the end. */
  endDelivered(): void
}

/**
 * The body of a request of HTTP/1.1 as an exchange delivers it. Nothing is taken off the socket before somebody reads,
 * and nothing while he pauses, so that TCP holds the client back: HTTP/1.1 has no other flow control.
 */
export class Http1Body {
  trailers: readonly Field[] | undefined
  onTrailers: ((fields: readonly Field[]) => void) | undefined
  readonly #request: IncomingMessage
  readonly #owner: BodyOwner
  #reader: DataReader | undefined
  #attached = false
  #paused = false
  /** All of the body was read from the socket. */
  #ended: boolean
  #endDelivered = false
  #stopped = false

  constructor(request: IncomingMessage, owner: BodyOwner) {
    this.#request = request
    this.#owner = owner
    this.#ended = !hasBody(request)
  }

  get reader(): DataReader | undefined {
    return this.#reader
  }

  set reader(reader: DataReader | undefined) {
    this.#reader = reader
    this.#flow()
  }

  /** Nothing of it is left to be read. */
  get ended(): boolean {
    return this.#ended
  }

  /** Somebody reads and hasn't seen the end yet. */
  get isBeingRead(): boolean {
    return this.#reader !== undefined && !this.#endDelivered && !this.#stopped
  }

  pause(): void {
    this.#paused = true
    if (this.#attached) this.#request.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#flow()
  }

  /** Nothing more is delivered: the exchange is over. */
  stop(): void {
    this.#stopped = true
  }

  #flow(): void {
    const request = this.#request
    if (this.#reader === undefined || this.#paused) {
      if (this.#attached) request.pause()
      return
    }
    if (this.#ended) queueMicrotask(() => this.#deliverEnd())
    else if (!this.#attached) {
      this.#attached = true
      request.on('data', (chunk: Buffer) => {
        if (this.#stopped || this.#reader === undefined) return
        // a plain view: call sites see one type, whichever version of HTTP brought the bytes
        this.#owner.call(this.#reader, new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength), false)
      })
      request.on('end', () => {
        this.#ended = true
        this.#deliverEnd()
      })
    }
    request.resume()
  }

  /** RFC 9112 §7.1.2: the trailer section stands behind the last chunk. */
  #deliverEnd(): void {
    if (this.#stopped || this.#endDelivered || this.#paused || this.#reader === undefined) return
    const { rawTrailers } = this.#request
    if (rawTrailers.length > 0 && this.trailers === undefined) {
      this.trailers = trailerFields(rawTrailers)
      if (this.onTrailers !== undefined) this.#owner.call(this.onTrailers, this.trailers, undefined)
      if (this.#stopped || this.#paused || this.#reader === undefined) return
    }
    this.#endDelivered = true
    this.#owner.call(this.#reader, EMPTY, true)
    this.#owner.endDelivered()
  }
}

function trailerFields(rawTrailers: readonly string[]): Field[] {
  const fields: Field[] = []
  for (let at = 0; at < rawTrailers.length; at += 2) {
    fields.push({ name: rawTrailers[at]!.toLowerCase(), value: rawTrailers[at + 1]!, sensitive: false })
  }
  return fields
}
