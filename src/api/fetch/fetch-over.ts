import { ErrorCode, UsageError } from '../../errors/index.ts'
import type { Field } from '../../hpack/index.ts'
import type { ClientSession, ClientStream } from '../../session/index.ts'
import { fieldValue, headerPairs } from '../header-fields.ts'
import { BodySource, readableBody } from './body-source.ts'
import { sendBody } from './outgoing-body.ts'
import { type FetchInit, type OutgoingRequest, outgoingRequest } from './outgoing-request.ts'

/**
 * Fetches over one HTTP/2 connection to `origin`; `input` may be relative to it. The shape is that of `fetch`, bodies
 * stream both ways at once, and a signal ends the stream with RST_STREAM CANCEL and nothing else.
 *
 * It differs from a browser's `fetch` where that guards pages from each other: no CORS, no cookie jar, no cache, and no
 * redirect is followed, since another URL may need another connection (`redirect: 'error'` refuses one). A `host` header
 * becomes `:authority`; fields about connections are left out. Content codings are not decoded.
 *
 * Rejects with a TypeError whose `cause` is the fault (a StreamError says whether it is `retryable`), and with the
 * signal's reason when aborted. @throws UsageError, as a rejection, for a URL of another origin.
 *
 * @example
 * const response = await fetchOver(session, 'https://localhost:8443', '/items', { method: 'POST', body: 'one' })
 */
export async function fetchOver(
  session: ClientSession,
  origin: string,
  input: string | URL | Request,
  init: FetchInit = {},
): Promise<Response> {
  const request = outgoingRequest(session.platform, origin, input, init)
  try {
    request.signal?.throwIfAborted()
    const { fields } = request
    const endStream = request.body === undefined
    const stream = session.open(fields, { endStream })
    // RFC 9113 §5.1.2: the server allows no more streams now, so this one waits.
    if (stream === undefined) {
      const opened = await session.request(fields, { endStream, signal: request.signal })
      return await new ClientExchange(opened, request).catchUp().response
    }
    return await new ClientExchange(stream, request).response
  } catch (error) {
    dropBody(request, error)
    throw request.signal?.aborted === true ? request.signal.reason : networkError(error)
  }
}

/** A body that will not be sent is cancelled, so that its producer stops. */
function dropBody({ body }: OutgoingRequest, reason: unknown): void {
  if (body !== undefined && !(body instanceof Uint8Array) && !body.locked) body.cancel(reason).catch(() => undefined)
}

/** One request on its stream, until its response is read or given up. */
class ClientExchange {
  readonly response: Promise<Response>
  readonly #stream: ClientStream
  readonly #request: OutgoingRequest
  #resolve!: (response: Response) => void
  #reject!: (reason: unknown) => void
  #body: BodySource | undefined
  #upload: ReadableStreamDefaultReader<Uint8Array> | undefined
  #over = false
  readonly #onAbort = (): void => this.#cancel(this.#request.signal?.reason)

  constructor(stream: ClientStream, request: OutgoingRequest) {
    this.#stream = stream
    this.#request = request
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    stream.onResponse = (fields, endStream) => this.#responded(fields, endStream)
    stream.onReset = (error) => this.#fail(error)
    stream.onClose = () => this.#closed()
    this.#followSignal()
    if (request.body instanceof Uint8Array) stream.end(request.body)
    else if (request.body !== undefined) this.#send(request.body)
  }

  /** For a stream that came by a promise: much may have happened to it before that was heard. */
  catchUp(): this {
    const { signal, responded, fields, inputEnded } = this.#stream
    if (signal.aborted) this.#fail(signal.reason)
    else if (responded) this.#responded(fields, inputEnded)
    return this
  }

  /** Fetch Standard §4: an abort ends the exchange wherever it is, the reading of its body included. */
  #followSignal(): void {
    const { signal } = this.#request
    if (signal === undefined) return
    if (signal.aborted) this.#cancel(signal.reason)
    else signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** The stream is over and its body read. RFC 9113 §8.1: NO_ERROR may have ended an upload nobody needs any more. */
  #closed(): void {
    this.#over = true
    this.#request.signal?.removeEventListener('abort', this.#onAbort)
    this.#upload?.cancel().catch(() => undefined)
  }

  /** The upload goes on by itself; that it fails ends the exchange, that the stream ends stops it. */
  #send(body: ReadableStream<Uint8Array>): void {
    this.#upload = body.getReader()
    sendBody(this.#stream, this.#upload, () => this.#over).catch((error) => this.#cancel(error))
  }

  #responded(fields: readonly Field[], endStream: boolean): void {
    const status = Number(fieldValue(fields, ':status'))
    if (this.#request.refusesRedirect && status >= 300 && status <= 399 && status !== 304) {
      this.#cancel(new Error(`redirected with status ${status}`))
      return
    }
    // RFC 9110 §6.4.1: these have no body, whatever comes; what does come is read and thrown away.
    const bodiless = this.#request.method === 'HEAD' || status === 204 || status === 205 || status === 304
    if (!endStream && !bodiless) {
      this.#body = new BodySource(this.#stream, { onCancel: () => this.#cancel(undefined) })
    } else {
      this.#stream.onData = () => undefined
    }
    try {
      const body = this.#body === undefined ? null : readableBody(this.#body)
      FetchedResponse ??= makeFetchedResponse()
      this.#resolve(new FetchedResponse(this.#request.url, body, status, fields))
    } catch (error) {
      // A status above 599 or a field name that is no token: legal in a frame, impossible in a `Response`.
      this.#cancel(error)
    }
  }

  /** Gives up from our side. RFC 9113 §5.4.2: the stream ends, the connection is not harmed. */
  #cancel(reason: unknown): void {
    this.#fail(reason)
    this.#stream.reset(ErrorCode.CANCEL)
  }

  /** The first failure settles all that wait: the response, the reader of its body, the producer of the request's. */
  #fail(error: unknown): void {
    if (this.#over) return
    this.#over = true
    const reason = this.#request.signal?.aborted === true ? this.#request.signal.reason : networkError(error)
    this.#reject(reason)
    this.#body?.fail(reason)
    this.#upload?.cancel(reason).catch(() => undefined)
  }
}

type FetchedResponseClass = new (
  url: URL,
  body: ReadableStream<Uint8Array> | null,
  status: number,
  fields: readonly Field[],
) => Response

/** Made with the first answer: Node loads all of its `fetch` when `Response` is first named. */
let FetchedResponse: FetchedResponseClass | undefined

/** A `Response` that knows where it came from; the native constructor takes no URL. */
function makeFetchedResponse(): FetchedResponseClass {
  return class FetchedResponse extends Response {
    readonly #url: URL

    constructor(url: URL, body: ReadableStream<Uint8Array> | null, status: number, fields: readonly Field[]) {
      super(body, { status, headers: headerPairs(fields) })
      this.#url = url
    }

    /** Fetch Standard §5.5: without the fragment. */
    override get url(): string {
      const { href, hash } = this.#url
      return hash === '' ? href : href.slice(0, -hash.length)
    }
  }
}

/** Fetch Standard: failures of the network are TypeErrors. Ours say what happened; a TypeError stays what it is. */
function networkError(cause: unknown): unknown {
  if (cause instanceof TypeError || cause instanceof UsageError) return cause
  const error = new TypeError(`fetch failed: ${cause instanceof Error ? cause.message : String(cause)}`)
  Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
  return error
}
