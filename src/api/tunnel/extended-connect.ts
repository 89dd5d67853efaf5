import { type StreamError, UsageError } from '../../errors/index.ts'
import type { Field, FieldInput } from '../../hpack/index.ts'
import type { ClientSession, ClientStream } from '../../session/index.ts'
import { HandshakeError } from '../handshake-error.ts'
import { fieldValue } from '../header-fields.ts'

/** Milliseconds for a handshake, unless its caller says otherwise. */
export const HANDSHAKE_TIMEOUT = 10_000

export interface HandshakeOptions {
  /** Gives the handshake up; afterwards it means nothing any more. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the whole handshake, the server's first SETTINGS included: 10,000 when absent. */
  readonly timeout?: number | undefined
}

/** Any number of milliseconds will do, `Infinity` too. @throws UsageError for what is none. */
export function checkTime(name: string, milliseconds: number | undefined): void {
  if (milliseconds === undefined || milliseconds >= 0) return
  throw new UsageError(`${name} must be a number of milliseconds, not ${milliseconds}`)
}

/**
 * Sends a CONNECT, an extended one once the server has said that it knows them, and waits for its 2xx. RFC 9113 §8.5,
 * RFC 8441 §3, §4.
 * `accept` runs as soon as the answer is there, before any byte of the tunnel is delivered, and makes the result.
 * Rejects with a HandshakeError; a stream that was opened is then reset with CANCEL.
 */
export function extendedConnect<T>(
  session: ClientSession,
  fields: readonly FieldInput[],
  options: HandshakeOptions,
  accept: (stream: ClientStream, fields: readonly Field[]) => T,
): Promise<T> {
  return new Promise((resolve, reject) => new Handshake(session, fields, options, accept, resolve, reject).start())
}

/**
 * One handshake on its way: SETTINGS, a free stream, the answer. It is settled once, by the first of: the answer, a
 * reset, the loss of the connection, the deadline, the signal. What comes later finds it settled and is dropped.
 */
class Handshake<T> {
  readonly #session: ClientSession
  readonly #fields: readonly FieldInput[]
  readonly #signal: AbortSignal | undefined
  readonly #accept: (stream: ClientStream, fields: readonly Field[]) => T
  readonly #resolve: (result: T) => void
  readonly #reject: (error: unknown) => void
  readonly #timer: unknown
  readonly #onAbort: () => void
  /** Ends the wait for a free stream, and then the stream, with CANCEL. */
  readonly #giveUp = new AbortController()
  #settled = false

  constructor(
    session: ClientSession,
    fields: readonly FieldInput[],
    options: HandshakeOptions,
    accept: (stream: ClientStream, fields: readonly Field[]) => T,
    resolve: (result: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.#session = session
    this.#fields = fields
    this.#signal = options.signal
    this.#accept = accept
    this.#resolve = resolve
    this.#reject = reject
    const timeout = options.timeout ?? HANDSHAKE_TIMEOUT
    this.#timer = session.platform.setTimer(() => {
      this.#fail(new HandshakeError('timeout', `the server did not answer within ${timeout} ms`))
    }, timeout)
    this.#onAbort = () => {
      this.#fail(new HandshakeError('aborted', 'the handshake was aborted', { cause: this.#signal?.reason }))
    }
  }

  start(): void {
    if (this.#signal?.aborted === true) {
      this.#onAbort()
      return
    }
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true })
    // RFC 8441 §3: only the SETTINGS of the server allow it, so before them there is nothing to send. A plain CONNECT is a
    // request like others.
    const mayBegin = this.#isPlain || this.#session.peerSettings.received
    if (mayBegin && this.#session.state === 'open') this.#request()
    else {
      this.#session.ready().then(
        () => this.#request(),
        (error) => this.#fail(connectionFailed(error)),
      )
    }
  }

  #request(): void {
    if (this.#settled) return
    // RFC 8441 §3: without the setting the request would be malformed to the server, so nothing is sent.
    if (!this.#isPlain && !this.#session.peerSettings.enableConnectProtocol) {
      const message = 'the server does not support extended CONNECT (SETTINGS_ENABLE_CONNECT_PROTOCOL is absent)'
      this.#fail(new HandshakeError('not-supported', message))
      return
    }
    this.#session.request(this.#fields, { signal: this.#giveUp.signal }).then(
      (stream) => this.#opened(stream),
      (error) => this.#fail(error instanceof UsageError ? error : connectionFailed(error)),
    )
  }

  /** RFC 9113 §8.5: without `:protocol`. */
  get #isPlain(): boolean {
    return !this.#fields.some(({ name }) => name === ':protocol')
  }

  #opened(stream: ClientStream): void {
    // Given up in this very turn; the signal has reset the stream.
    if (this.#settled) return
    stream.onResponse = (fields) => this.#responded(stream, fields)
    stream.onReset = (error) => this.#fail(resetBy(error))
    // Much may have happened in the turn in which the stream was opened, before this promise was heard.
    if (stream.signal.aborted) this.#fail(resetBy(stream.signal.reason as StreamError))
    else if (stream.responded) this.#responded(stream, stream.fields)
  }

  #responded(stream: ClientStream, fields: readonly Field[]): void {
    if (this.#settled) return
    const status = Number(fieldValue(fields, ':status'))
    // RFC 9113 §8.5: any 2xx makes the tunnel.
    if (status < 200 || status > 299) {
      this.#fail(new HandshakeError('status', `the server answered with status ${status}`, { status }))
      return
    }
    // The stream passes to whoever accepts it, and with it the callbacks.
    stream.onResponse = undefined
    stream.onReset = undefined
    // First, since what accepts may call its program, which may abort the signal: that means nothing any more.
    this.#settle()
    try {
      this.#resolve(this.#accept(stream, fields))
    } catch (error) {
      this.#abandon(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#settled) return
    this.#settle()
    this.#abandon(error)
  }

  #abandon(error: unknown): void {
    this.#reject(error)
    this.#giveUp.abort()
  }

  #settle(): void {
    this.#settled = true
    this.#session.platform.clearTimer(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }
}

/** RFC 9113 §8.7: the StreamError goes along, since it knows whether the request may be tried again. */
function resetBy(error: StreamError): HandshakeError {
  if (error.initiator === 'transport') return connectionFailed(error)
  return new HandshakeError('reset', `the stream was reset: ${error.message}`, { cause: error })
}

/** The connection is lost, or takes no more streams. */
export function connectionFailed(error: unknown): HandshakeError {
  const why = error instanceof Error ? error.message : String(error)
  return new HandshakeError('connection', `the connection failed: ${why}`, { cause: error })
}
