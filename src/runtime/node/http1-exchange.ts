import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Exchange } from '../../api/exchange.ts'
import { guarded } from '../../api/guard.ts'
import { readTunnel } from '../../api/tunnel-reader.ts'
import { ErrorCode, StreamError, UsageError } from '../../errors/index.ts'
import type { Field, FieldInput } from '../../hpack/index.ts'
import type { Platform } from '../../platform/index.ts'
import type { SignalOptions } from '../../session/index.ts'
import { abandonOn, deferred } from '../../session/promises.ts'
import { type DataReader, Http1Body } from './http1-body.ts'
import { isBodiless, responseHead, trailerLines, writeHead } from './http1-response.ts'

const EMPTY: Uint8Array = new Uint8Array(0)
const SERVER_ERROR: readonly FieldInput[] = [{ name: ':status', value: '500' }]

export interface Http1ExchangeOptions {
  readonly platform: Platform
  /** Hears what a callback threw; the exchange then ends with 500, or is cut off. */
  readonly report: (error: unknown) => void
  /** Milliseconds after which a client that takes nothing of a response that waits is cut off. */
  readonly writeStallTimeout: number
}

/**
 * A request of HTTP/1.1 and its answer, with the shape a stream of HTTP/2 has. RFC 9112.
 *
 * A response without `content-length` goes out in chunks (RFC 9112 §7.1), or up to the end of the connection for a
 * client of HTTP/1.0. A reset closes the connection: nothing less says that a message is cut off.
 */
export class Http1Exchange implements Exchange {
  readonly httpVersion = '1.1'
  readonly id: undefined
  readonly session: undefined
  readonly platform: Platform
  readonly fields: readonly Field[]
  /** The connection, for its addresses and certificates: who reads or writes it breaks the exchange. */
  readonly socket: Socket
  onWritable: (() => void) | undefined
  onReset: ((error: StreamError) => void) | undefined
  onClose: (() => void) | undefined

  readonly #response: ServerResponse
  readonly #report: (error: unknown) => void
  readonly #stall: number
  readonly #method: string
  readonly #body: Http1Body
  /** The client waits for a 100 before it sends the body, and has not got it. RFC 9110 §10.1.1. */
  #expectsContinue: boolean
  #responded = false
  #bodiless = false
  /** The head was handed to the socket, by itself or before some bytes. */
  #headOut = false
  /** Bytes that `content-length` has promised and that are yet to come; -1 when it promised none. */
  #promised = -1
  #outputEnded = false
  #full = false
  /** Node has handed all of the response to the system. */
  #sent = false
  #gone = false
  #closed = false
  #failure: StreamError | undefined
  /** What was queued when the exchange failed. */
  #unsentBytes = 0
  #controller: AbortController | undefined
  #waiting: (() => void)[] = []

  readonly #threw = (error: unknown): void => {
    this.#report(error)
    if (this.#gone) return
    if (this.#responded) this.reset(ErrorCode.INTERNAL_ERROR)
    else this.respond(SERVER_ERROR, { endStream: true })
  }

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    fields: readonly Field[],
    options: Http1ExchangeOptions,
  ) {
    this.platform = options.platform
    this.fields = fields
    this.socket = request.socket
    this.#report = options.report
    this.#stall = Math.min(options.writeStallTimeout, 2 ** 31 - 1)
    this.#response = response
    this.#method = request.method ?? ''
    this.#body = new Http1Body(request, {
      call: (callback, a, b) => guarded(callback, a, b, this.#threw),
      endDelivered: () => this.#settle(),
    })
    this.#expectsContinue = !this.#body.ended && request.headers.expect?.toLowerCase() === '100-continue'
    // what is written while the connection breaks is nobody's mistake, and must not end the process
    response.on('error', () => {})
    response.on('drain', () => this.#drained())
    response.on('finish', () => {
      this.#sent = true
      this.#settle()
    })
    response.on('close', () => this.#settle(!this.#sent))
    // the response may be out and the body still under way
    request.on('close', () => this.#settle(!request.complete))
  }

  /** Hands the exchange to `onStream`, under the same guard as its callbacks. For the connection. */
  begin(onStream: (exchange: Exchange) => void): void {
    guarded(onStream, this, undefined, this.#threw)
  }

  /** Asks for the connection to be closed after this exchange. RFC 9112 §9.6. */
  closeAfter(): void {
    if (!this.#responded) this.#response.shouldKeepAlive = false
  }

  get onData(): DataReader | undefined {
    return this.#body.reader
  }

  set onData(reader: DataReader | undefined) {
    this.#body.reader = reader
  }

  get trailers(): readonly Field[] | undefined {
    return this.#body.trailers
  }

  get onTrailers(): ((fields: readonly Field[]) => void) | undefined {
    return this.#body.onTrailers
  }

  set onTrailers(callback: ((fields: readonly Field[]) => void) | undefined) {
    this.#body.onTrailers = callback
  }

  get inputEnded(): boolean {
    return this.#body.ended
  }

  get outputEnded(): boolean {
    return this.#outputEnded || this.#gone
  }

  get responded(): boolean {
    return this.#responded
  }

  get writable(): boolean {
    return !this.#full && !this.outputEnded
  }

  get queuedBytes(): number {
    return this.#gone ? 0 : this.#response.writableLength
  }

  get unsentBytes(): number {
    return this.#unsentBytes
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#failure !== undefined) this.#controller.abort(this.#failure)
    }
    return this.#controller.signal
  }

  /** @throws UsageError for a second final response, or for a field that may not be sent */
  respond(fields: readonly FieldInput[], options?: { readonly endStream?: boolean | undefined }): void {
    if (this.#responded) throw new UsageError('the final response was sent already', 'RFC 9113 §8.1')
    if (this.#gone) return
    const { status, contentLength, lines } = responseHead(fields)
    const endStream = options?.endStream === true
    if (status < 200) {
      if (endStream) throw new UsageError('an informational response cannot end the stream', 'RFC 9113 §8.1.1')
      this.#interim(status, lines)
      return
    }
    this.#bodiless = isBodiless(this.#method, status)
    if (!this.#bodiless) {
      if (endStream && contentLength > 0) throw new UsageError('no body, but a content-length', 'RFC 9110 §8.6')
      if (endStream && contentLength === -1) lines.push('content-length', '0')
      this.#promised = contentLength
    }
    const response = this.#response
    // RFC 9110 §10.1.1: nobody can tell whether the body that was waiting for the 100 will come after this.
    if (this.#expectsContinue) response.shouldKeepAlive = false
    response.writeHead(status, lines)
    this.#responded = true
    if (endStream) this.#end(EMPTY)
    // What is written in the same turn leaves together with the head.
    else queueMicrotask(() => this.#headOut || this.#gone || response.flushHeaders())
  }

  /** @throws UsageError before `respond`, after `end`, and for more bytes than `content-length` has promised */
  write(bytes: Uint8Array): boolean {
    if (this.#gone) return false
    this.#checkWrite(bytes)
    if (bytes.length === 0 || this.#bodiless) return !this.#full
    if (this.#promised >= 0) this.#promised -= bytes.length
    this.#headOut = true
    this.#full = !this.#response.write(bytes)
    if (this.#full) this.socket.setTimeout(this.#stall)
    return !this.#full
  }

  /** @throws UsageError as `write`, and for fewer bytes than `content-length` has promised */
  end(bytes: Uint8Array = EMPTY): void {
    if (this.#gone || (this.#outputEnded && bytes.length === 0)) return
    this.#checkWrite(bytes)
    this.#checkComplete(bytes.length)
    this.#end(bytes)
  }

  /**
   * Ends the response with a trailer section. One that went out with a `content-length` has no place for it, and a
   * client of HTTP/1.0 neither: then it is dropped, as RFC 9110 §6.5.1 allows anybody on the way to do.
   */
  sendTrailers(fields: readonly FieldInput[]): void {
    if (this.#gone) return
    this.#checkWrite(EMPTY)
    this.#checkComplete(0)
    const trailers = trailerLines(fields)
    if (this.#response.chunkedEncoding) this.#response.addTrailers(trailers)
    this.#end(EMPTY)
  }

  pause(): void {
    this.#body.pause()
  }

  resume(): void {
    this.#body.resume()
  }

  drained(options?: SignalOptions): Promise<void> {
    const wait = deferred<void>()
    if (this.writable) wait.resolve()
    else if (this.outputEnded) wait.reject(this.#failure ?? new UsageError('the response has ended'))
    else {
      this.#waiting.push(() => (this.#failure === undefined ? wait.resolve() : wait.reject(this.#failure)))
      abandonOn(options?.signal, wait, () => {})
    }
    return wait.promise
  }

  /** Drops everything now and closes the connection. HTTP/1.1 has no word for `code`; `onReset` is told. */
  reset(code: number = ErrorCode.CANCEL): void {
    if (this.#closed) return
    this.#lose(new StreamError(0, code, 'reset by its own side', 'RFC 9112 §8'))
    this.socket.destroy()
  }

  /** A connection of HTTP/1.1 works at one request at a time, so there is nothing to be counted. */
  hold(): () => void {
    return () => {}
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return readTunnel(this)
  }

  #checkWrite(bytes: Uint8Array): void {
    if (!this.#responded) throw new UsageError('DATA before the header section', 'RFC 9113 §8.1')
    if (this.#outputEnded) throw new UsageError('write after the end of the body', 'RFC 9113 §5.1')
    if (this.#promised >= 0 && bytes.length > this.#promised) {
      throw new UsageError('more bytes than content-length has promised', 'RFC 9110 §8.6')
    }
  }

  #checkComplete(last: number): void {
    if (this.#promised <= last) return
    throw new UsageError('fewer bytes than content-length has promised', 'RFC 9110 §8.6')
  }

  /** RFC 9110 §15.2: a client of HTTP/1.0 knows no interim responses. */
  #interim(status: number, lines: readonly string[]): void {
    if (status === 100) this.#expectsContinue = false
    const { req } = this.#response
    if (req.httpVersionMinor === 0) return
    this.socket.write(writeHead(status, lines), 'latin1')
  }

  #end(bytes: Uint8Array): void {
    this.#headOut = true
    this.#outputEnded = true
    this.#full = false
    const response = this.#response
    if (bytes.length > 0 && !this.#bodiless) response.end(bytes)
    else response.end()
    if (response.writableLength > 0) this.socket.setTimeout(this.#stall)
  }

  #drained(): void {
    if (!this.#full || this.#gone) return
    this.socket.setTimeout(0)
    this.#full = false
    this.#tellWaiting()
    if (this.onWritable !== undefined) guarded(this.onWritable, undefined, undefined, this.#threw)
  }

  /** Something ended. `early`: the connection did, before the request or the response was complete. */
  #settle(early = false): void {
    if (this.#gone) return
    if (early) {
      this.#lose(
        new StreamError(0, ErrorCode.CANCEL, 'the client closed the connection', 'RFC 9112 §8', {
          initiator: 'transport',
        }),
      )
    } else if (this.#sent && !this.#body.isBeingRead) {
      this.#gone = true
      this.#tellEnd()
    }
  }

  /** Told in a turn of its own, never from inside the caller's. */
  #lose(failure: StreamError): void {
    if (this.#gone) return
    this.#unsentBytes = this.#response.writableLength
    this.#gone = true
    this.#body.stop()
    this.#failure = failure
    queueMicrotask(() => this.#tellEnd())
  }

  #tellEnd(): void {
    this.#closed = true
    this.#body.stop()
    this.#tellWaiting()
    const failure = this.#failure
    if (failure !== undefined) {
      this.#controller?.abort(failure)
      if (this.onReset !== undefined) guarded(this.onReset, failure, undefined, this.#threw)
    }
    if (this.onClose !== undefined) guarded(this.onClose, undefined, undefined, this.#threw)
  }

  #tellWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const tell of waiting) tell()
  }
}
