import type { ServerResponse } from 'node:http'
import { UsageError } from '../../errors/index.ts'
import type { FieldInput } from '../../hpack/index.ts'
import { isBodiless, responseHead, trailerLines, writeHead } from './http1-response.ts'

const EMPTY: Uint8Array = new Uint8Array(0)

/**
 * The response of an `Http1Exchange`: what may be sent when, and how it is framed. RFC 9112 §6.
 *
 * The head stays here until bytes come or the turn is over: an end in the same turn tells the length of the body.
 * Otherwise a response without `content-length` goes out in chunks.
 */
export class Http1Reply {
  /** The final response has begun. */
  responded = false
  ended = false
  /** The last write said that there is no room. */
  full = false
  readonly #response: ServerResponse
  readonly #method: string
  readonly #stall: number
  /** The client waits for a 100 before it sends the body, and has not got it. RFC 9110 §10.1.1. */
  #expectsContinue: boolean
  #head: { readonly status: number; readonly lines: string[] } | undefined
  #bodiless = false
  /** Bytes that `content-length` has promised and that are yet to come; -1 when it promised none. */
  #promised = -1
  #dropped = false

  /** `stall`: milliseconds after which a client that takes nothing of what waits is cut off. */
  constructor(response: ServerResponse, expectsContinue: boolean, stall: number) {
    this.#response = response
    this.#method = response.req.method ?? ''
    this.#expectsContinue = expectsContinue
    this.#stall = Math.min(stall, 2 ** 31 - 1)
    // what is written while the connection breaks is nobody's mistake, and must not end the process
    response.on('error', () => {})
  }

  get queuedBytes(): number {
    return this.#response.writableLength
  }

  /** The connection is gone, or soon will be: nothing leaves any more. */
  drop(): void {
    this.#dropped = true
  }

  /** Asks for the connection to be closed after this response. RFC 9112 §9.6. */
  closeAfter(): void {
    if (!this.#response.headersSent) this.#response.shouldKeepAlive = false
  }

  /** @throws UsageError for a second final response, or for a field that may not be sent */
  respond(fields: readonly FieldInput[], endStream: boolean): void {
    const { status, contentLength, lines } = responseHead(fields)
    if (status < 200) {
      if (endStream) throw new UsageError('an informational response cannot end the stream', 'RFC 9113 §8.1.1')
      this.#interim(status, lines)
      return
    }
    const bodiless = isBodiless(this.#method, status)
    if (endStream && !bodiless && contentLength > 0) {
      throw new UsageError('no body, but a content-length', 'RFC 9110 §8.6')
    }
    this.#bodiless = bodiless
    this.#promised = bodiless ? -1 : contentLength
    // RFC 9110 §10.1.1: nobody can tell whether the body that was waiting for the 100 will come after this.
    if (this.#expectsContinue) this.#response.shouldKeepAlive = false
    this.#head = { status, lines }
    this.responded = true
    if (endStream) this.#finish(EMPTY)
    else queueMicrotask(() => this.#writeHead() && this.#response.flushHeaders())
  }

  /** @throws UsageError before `respond`, after `end`, and for more bytes than `content-length` has promised */
  write(bytes: Uint8Array): boolean {
    this.#checkWrite(bytes)
    if (bytes.length === 0 || this.#bodiless) return !this.full
    if (this.#promised >= 0) this.#promised -= bytes.length
    this.#writeHead()
    this.full = !this.#response.write(bytes)
    if (this.full) this.#response.req.socket.setTimeout(this.#stall)
    return !this.full
  }

  /** There is room again; true if somebody was told that there was none. */
  drained(): boolean {
    if (!this.full) return false
    this.full = false
    this.#response.req.socket.setTimeout(0)
    return true
  }

  /** @throws UsageError as `write`, and for fewer bytes than `content-length` has promised */
  end(bytes: Uint8Array): void {
    this.#checkWrite(bytes)
    this.#checkComplete(bytes.length)
    this.#finish(bytes)
  }

  sendTrailers(fields: readonly FieldInput[]): void {
    this.#checkWrite(EMPTY)
    this.#checkComplete(0)
    const trailers = trailerLines(fields)
    this.#writeHead()
    if (this.#response.chunkedEncoding) this.#response.addTrailers(trailers)
    this.#finish(EMPTY)
  }

  #checkWrite(bytes: Uint8Array): void {
    if (!this.responded) throw new UsageError('DATA before the header section', 'RFC 9113 §8.1')
    if (this.ended) throw new UsageError('write after the end of the body', 'RFC 9113 §5.1')
    if (this.#promised >= 0 && bytes.length > this.#promised) {
      throw new UsageError('more bytes than content-length has promised', 'RFC 9110 §8.6')
    }
  }

  #checkComplete(last: number): void {
    if (this.#promised <= last) return
    throw new UsageError('fewer bytes than content-length has promised', 'RFC 9110 §8.6')
  }

  /** RFC 9110 §15.2: a client of HTTP/1.0 knows no interim responses. A 100 says all by its number, §15.2.1. */
  #interim(status: number, lines: readonly string[]): void {
    const { httpVersionMinor, socket } = this.#response.req
    if (httpVersionMinor === 0) return
    if (status === 100) {
      // By Node's own means, or it would close the connection of a client that was never told to go on.
      this.#expectsContinue = false
      this.#response.writeContinue()
    } else socket.write(writeHead(status, lines), 'latin1')
  }

  /** True if the head was still to be written, and somebody is there to take it. */
  #writeHead(length = -1): boolean {
    const head = this.#head
    this.#head = undefined
    if (head === undefined || this.#dropped) return false
    const { status, lines } = head
    if (length !== -1 && this.#promised === -1 && !this.#bodiless) lines.push('content-length', String(length))
    this.#response.writeHead(status, lines)
    return true
  }

  #finish(bytes: Uint8Array): void {
    this.ended = true
    this.full = false
    this.#writeHead(bytes.length)
    const response = this.#response
    if (bytes.length > 0 && !this.#bodiless) response.end(bytes)
    else response.end()
    if (response.writableLength > 0) response.req.socket.setTimeout(this.#stall)
  }
}
