import type { Socket } from 'node:net'
import type { Exchange } from '../../api/exchange.ts'
import { guarded } from '../../api/guard.ts'
import { TransportTunnel } from '../../api/tunnel/transport-tunnel.ts'
import { readTunnel } from '../../api/tunnel/tunnel-reader.ts'
import { latin1Encode } from '../../bytes/index.ts'
import { ErrorCode, type StreamError, UsageError } from '../../errors/index.ts'
import type { Field, FieldInput } from '../../hpack/index.ts'
import type { HashingPlatform } from '../../platform/index.ts'
import type { SignalOptions } from '../../session/index.ts'
import { acceptKeyInput, base64Encode } from '../../websocket/index.ts'
import type { DataReader } from './http1-body.ts'
import type { Http1ExchangeOptions } from './http1-exchange.ts'
import { responseHead, writeHead } from './http1-response.ts'
import { nodeTransport } from './transport.ts'

const EMPTY: Uint8Array = new Uint8Array(0)
const SERVER_ERROR: readonly FieldInput[] = [{ name: ':status', value: '500' }]
/** Milliseconds that a refused client gets to read its answer and close. RFC 9112 §9.6. */
const LINGER = 2000

function fieldOf(fields: readonly FieldInput[], name: string): string | undefined {
  return fields.find((field) => field.name === name)?.value
}

/**
 * A request of HTTP/1.1 that wants the connection for something else: an Upgrade (RFC 9110 §7.8), shown as the extended
 * CONNECT it would be over HTTP/2 (RFC 8441 §4), or a CONNECT. A 2xx hands the connection over, after a 101 for an
 * Upgrade; any other final status is the last answer on it, since what follows may be no HTTP (RFC 9931).
 *
 * No byte behind the request is delivered before it was accepted, and none at all when it was refused.
 */
export class Http1Upgrade implements Exchange {
  readonly httpVersion = '1.1'
  readonly id: undefined
  readonly session: undefined
  readonly trailers: undefined
  readonly platform: HashingPlatform
  readonly fields: readonly Field[]
  /** The connection, for its addresses and certificates: who reads or writes it breaks the exchange. */
  readonly socket: Socket
  onTrailers: ((fields: readonly Field[]) => void) | undefined
  onReset: ((error: StreamError) => void) | undefined
  onClose: (() => void) | undefined

  readonly #tunnel: TransportTunnel
  readonly #report: (error: unknown) => void
  /** The token of the Upgrade; undefined for a plain CONNECT. */
  readonly #protocol: string | undefined
  readonly #draining = new Set<() => void>()
  #reader: DataReader | undefined
  #state: 'waiting' | 'accepted' | 'refused' = 'waiting'

  readonly #threw = (error: unknown): void => {
    this.#report(error)
    if (this.#state === 'waiting') this.respond(SERVER_ERROR, { endStream: true })
    else this.reset(ErrorCode.INTERNAL_ERROR)
  }

  /** Takes the socket over; `head` is what was read of it behind the request. */
  constructor(socket: Socket, head: Uint8Array, fields: readonly Field[], options: Http1ExchangeOptions) {
    this.socket = socket
    this.fields = fields
    this.platform = options.platform
    this.#report = options.report
    this.#protocol = fieldOf(fields, ':protocol')
    // Who has taken nothing of what waits for so long is cut off; silence alone is no fault in a tunnel.
    socket.setTimeout(Math.min(options.writeStallTimeout, 2 ** 31 - 1))
    socket.on('timeout', () => {
      if (socket.writableLength > 0) socket.destroy()
    })
    const tunnel = new TransportTunnel(nodeTransport(socket), options.report)
    tunnel.unread(head)
    tunnel.onReset = (error) => this.#lost(error)
    tunnel.onClose = () => this.#closed()
    this.#tunnel = tunnel
  }

  /** Hands the exchange to `onStream`, under the same guard as its callbacks. For the connection. */
  begin(onStream: (exchange: Exchange) => void): void {
    guarded(onStream, this, undefined, this.#threw)
  }

  get onData(): DataReader | undefined {
    return this.#reader
  }

  set onData(reader: DataReader | undefined) {
    this.#reader = reader
    if (this.#state === 'accepted') this.#tunnel.onData = reader
  }

  get onWritable(): (() => void) | undefined {
    return this.#tunnel.onWritable
  }

  set onWritable(callback: (() => void) | undefined) {
    this.#tunnel.onWritable = callback
  }

  get inputEnded(): boolean {
    return this.#state === 'refused' || this.#tunnel.inputEnded
  }

  get outputEnded(): boolean {
    return this.#tunnel.outputEnded
  }

  get responded(): boolean {
    return this.#state !== 'waiting'
  }

  get writable(): boolean {
    return this.#tunnel.writable
  }

  get queuedBytes(): number {
    return this.#tunnel.queuedBytes
  }

  get unsentBytes(): number {
    return this.#tunnel.unsentBytes
  }

  get signal(): AbortSignal {
    return this.#tunnel.signal
  }

  /** A 2xx accepts. @throws UsageError for a second final response, or for a field that may not be sent */
  respond(fields: readonly FieldInput[], options?: { readonly endStream?: boolean | undefined }): void {
    if (this.responded) throw new UsageError('the final response was sent already', 'RFC 9113 §8.1')
    if (this.#tunnel.outputEnded) return
    const head = responseHead(fields)
    const endStream = options?.endStream === true
    if (head.status < 200) {
      if (endStream) throw new UsageError('an informational response cannot end the stream', 'RFC 9113 §8.1.1')
      this.#write(head.status, head.lines)
    } else if (head.status < 300) this.#accept(head.status, head.lines)
    else this.#refuse(head.status, head.lines, endStream && head.contentLength === -1)
    if (endStream) this.end()
  }

  /** @throws UsageError before `respond` and after `end` */
  write(bytes: Uint8Array): boolean {
    this.#checkResponded()
    return this.#tunnel.write(bytes)
  }

  /** @throws UsageError before `respond`, and with bytes after the end */
  end(bytes: Uint8Array = EMPTY): void {
    this.#checkResponded()
    this.#tunnel.end(bytes)
    if (this.#state === 'refused') this.#linger()
  }

  /** A tunnel has no trailers. @throws UsageError always */
  sendTrailers(_fields: readonly FieldInput[]): void {
    throw new UsageError('HEADERS in a tunnel', 'RFC 9113 §8.5')
  }

  whenDraining(listener: () => void): () => void {
    this.#draining.add(listener)
    return () => void this.#draining.delete(listener)
  }

  /** The server is about to close: there is time for a last word. For the connection. */
  closeAfter(): void {
    for (const listener of this.#draining) guarded(listener, undefined, undefined, this.#threw)
    this.#draining.clear()
  }

  pause(): void {
    this.#tunnel.pause()
  }

  resume(): void {
    this.#tunnel.resume()
  }

  drained(options?: SignalOptions): Promise<void> {
    return this.#tunnel.drained(options)
  }

  reset(code?: number): void {
    this.#tunnel.reset(code)
  }

  /** A connection of HTTP/1.1 works at one request at a time, so there is nothing to be counted. */
  hold(): () => void {
    return () => {}
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return readTunnel(this)
  }

  #accept(status: number, lines: readonly string[]): void {
    this.#state = 'accepted'
    const protocol = this.#protocol
    // RFC 9110 §9.3.6: the answer to CONNECT has no body, hence no length either.
    const rest = withoutLength(lines)
    if (protocol === undefined) this.#write(status, rest)
    else this.#write(101, ['connection', 'Upgrade', 'upgrade', protocol, ...this.#acceptLines(rest), ...rest])
    this.#tunnel.onData = this.#reader
  }

  /** RFC 6455 §4.2.2: over HTTP/1.1 the answer proves that the key was read; a handler may have seen to it. */
  #acceptLines(lines: readonly string[]): string[] {
    const key = fieldOf(this.fields, 'sec-websocket-key')
    if (this.#protocol?.toLowerCase() !== 'websocket' || key === undefined) return []
    if (lines.some((line, at) => at % 2 === 0 && line === 'sec-websocket-accept')) return []
    return ['sec-websocket-accept', base64Encode(this.platform.sha1(acceptKeyInput(key)))]
  }

  /** RFC 9112 §9.3, RFC 9931: the client may have gone on in the other protocol, so nothing here can be HTTP any more. */
  #refuse(status: number, lines: string[], empty: boolean): void {
    this.#state = 'refused'
    // RFC 9110 §15.5.22: a 426 names what the connection could be upgraded to.
    const upgrade = status === 426 ? ['connection', 'close, upgrade', 'upgrade', 'websocket'] : ['connection', 'close']
    this.#write(status, [
      'date',
      new Date().toUTCString(),
      ...upgrade,
      ...(empty && status !== 304 ? ['content-length', '0'] : []),
      ...lines,
    ])
    this.#tunnel.onData = () => {}
  }

  #write(status: number, lines: readonly string[]): void {
    this.#tunnel.write(latin1Encode(writeHead(status, lines)))
  }

  /** A close while the client is still sending would take the answer from it again: RFC 9112 §9.6. */
  #linger(): void {
    const { platform } = this
    const timer = platform.setTimer(() => this.socket.destroy(), LINGER)
    this.socket.on('close', () => platform.clearTimer(timer))
  }

  #checkResponded(): void {
    if (this.#state === 'waiting') throw new UsageError('DATA before the header section', 'RFC 9113 §8.1')
  }

  #lost(error: StreamError): void {
    // A refused client may go as it likes once it has its answer.
    if (this.#state === 'refused' && this.#tunnel.outputEnded) return
    if (this.onReset !== undefined) guarded(this.onReset, error, undefined, this.#threw)
  }

  #closed(): void {
    if (this.onClose !== undefined) guarded(this.onClose, undefined, undefined, this.#threw)
  }
}

function withoutLength(lines: readonly string[]): string[] {
  const kept: string[] = []
  for (let at = 0; at < lines.length; at += 2) {
    if (lines[at] !== 'content-length') kept.push(lines[at]!, lines[at + 1]!)
  }
  return kept
}
