import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Exchange } from '../../api/exchange.ts'
import { guarded } from '../../api/guard.ts'
import { readTunnel } from '../../api/tunnel/tunnel-reader.ts'
import { ErrorCode, StreamError, UsageError } from '../../errors/index.ts'
import type { Field, FieldInput } from '../../hpack/index.ts'
import type { HashingPlatform } from '../../platform/index.ts'
import type { SignalOptions } from '../../session/index.ts'
import { abandonOn, deferred } from '../../session/promises.ts'
import { type DataReader, Http1Body } from './http1-body.ts'
import { Http1Reply } from './http1-reply.ts'

const EMPTY: Uint8Array = new Uint8Array(0)
const SERVER_ERROR: readonly FieldInput[] = [{ name: ':status', value: '500' }]

export interface Http1ExchangeOptions {
  readonly platform: HashingPlatform
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
  readonly platform: HashingPlatform
  readonly fields: readonly Field[]
  /** The connection, for its addresses and certificates: who reads or writes it breaks the exchange. */
  readonly socket: Socket
  onWritable: (() => void) | undefined
  onReset: ((error: StreamError) => void) | undefined
  onClose: (() => void) | undefined

  readonly #report: (error: unknown) => void
  readonly #body: Http1Body
  readonly #reply: Http1Reply
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
    if (this.#reply.responded) this.reset(ErrorCode.INTERNAL_ERROR)
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
    this.#body = new Http1Body(request, {
      call: (callback, a, b) => guarded(callback, a, b, this.#threw),
      endDelivered: () => this.#settle(),
    })
    const expectsContinue = !this.#body.ended && request.headers.expect?.toLowerCase() === '100-continue'
    this.#reply = new Http1Reply(response, expectsContinue, options.writeStallTimeout)
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
    this.#reply.closeAfter()
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
    return this.#reply.ended || this.#gone
  }

  get responded(): boolean {
    return this.#reply.responded
  }

  get writable(): boolean {
    return !this.#reply.full && !this.outputEnded
  }

  get queuedBytes(): number {
    return this.#gone ? 0 : this.#reply.queuedBytes
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
    if (this.#reply.responded) throw new UsageError('the final response was sent already', 'RFC 9113 §8.1')
    if (!this.#gone) this.#reply.respond(fields, options?.endStream === true)
  }

  /** @throws UsageError before `respond`, after `end`, and for more bytes than `content-length` has promised */
  write(bytes: Uint8Array): boolean {
    return !this.#gone && this.#reply.write(bytes)
  }

  /** @throws UsageError as `write`, and for fewer bytes than `content-length` has promised */
  end(bytes: Uint8Array = EMPTY): void {
    if (!this.#gone && !(this.#reply.ended && bytes.length === 0)) this.#reply.end(bytes)
  }

  /**
   * Ends the response with a trailer section. One that went out with a `content-length` has no place for it, and a
   * client of HTTP/1.0 neither: then it is dropped, as RFC 9110 §6.5.1 allows anybody on the way to do.
   */
  sendTrailers(fields: readonly FieldInput[]): void {
    if (!this.#gone) this.#reply.sendTrailers(fields)
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

  #drained(): void {
    if (this.#gone || !this.#reply.drained()) return
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
    this.#unsentBytes = this.#reply.queuedBytes
    this.#gone = true
    this.#reply.drop()
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
