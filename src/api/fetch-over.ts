import { ErrorCode } from '../errors/index.ts'
import type { Field } from '../hpack/index.ts'
import type { ClientSession, ClientStream } from '../session/index.ts'
import { addResetListener, BodySource, readableBody } from './body-source.ts'
import { fieldValue, headerPairs } from './header-fields.ts'
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
  const { signal } = request
  const endStream = request.body === undefined
  let stream: ClientStream | undefined
  try {
    signal?.throwIfAborted()
    stream = session.open(request.fields, { endStream })
    stream ??= await session.request(request.fields, { endStream, signal })
  } catch (error) {
    if (request.body !== undefined && !(request.body instanceof Uint8Array)) {
      request.body.cancel(error).catch(() => undefined)
    }
    throw signal?.aborted === true ? signal.reason : networkError(error)
  }
  return new Exchange(stream, request).response
}

/** One request on its stream, until its response is read or given up. */
class Exchange {
  readonly response: Promise<Response>
  readonly #stream: ClientStream
  readonly #request: OutgoingRequest
  #resolve!: (response: Response) => void
  #reject!: (reason: unknown) => void
  #body: BodySource | undefined
  #upload: ReadableStreamDefaultReader<Uint8Array> | undefined
  #over = false

  constructor(stream: ClientStream, request: OutgoingRequest) {
    this.#stream = stream
    this.#request = request
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    stream.onResponse = (fields, endStream) => this.#responded(fields, endStream)
    addResetListener(stream, (error) => this.#fail(networkError(error)))
    this.#followSignal()
    if (request.body instanceof Uint8Array) stream.end(request.body)
    else if (request.body !== undefined) this.#send(request.body)
  }

  /** Fetch Standard §4: an abort ends the exchange wherever it is, the reading of its body included. */
  #followSignal(): void {
    const { signal } = this.#request
    if (signal === undefined) return
    const abort = () => this.#cancel(signal.reason)
    if (signal.aborted) {
      abort()
      return
    }
    signal.addEventListener('abort', abort, { once: true })
    this.#stream.onClose = () => signal.removeEventListener('abort', abort)
  }

  #send(body: ReadableStream<Uint8Array>): void {
    this.#upload = body.getReader()
    sendBody(this.#stream, this.#upload, () => this.#over).catch((error) => this.#cancel(error))
  }

  #responded(fields: readonly Field[], endStream: boolean): void {
    const status = Number(fieldValue(fields, ':status'))
    if (this.#request.refusesRedirect && status >= 300 && status <= 399 && status !== 304) {
      this.#cancel(networkError(new TypeError(`redirected with status ${status}`)))
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
      this.#resolve(new FetchedResponse(this.#request.url, body, status, fields))
    } catch (error) {
      // A status above 599 or a field name that is no token: legal in a frame, impossible in a `Response`.
      this.#cancel(networkError(error))
    }
  }

  /** Gives up from our side. RFC 9113 §5.4.2: the stream ends, the connection is not harmed. */
  #cancel(reason: unknown): void {
    this.#fail(reason)
    this.#stream.reset(ErrorCode.CANCEL)
  }

  #fail(reason: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#reject(reason)
    this.#body?.fail(reason)
    this.#upload?.cancel(reason).catch(() => undefined)
  }
}

/** A `Response` that knows where it came from; the native constructor takes no URL. */
class FetchedResponse extends Response {
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

/** Fetch Standard: failures of the network are TypeErrors. Ours say what happened. */
function networkError(cause: unknown): TypeError {
  const error = new TypeError(`fetch failed: ${cause instanceof Error ? cause.message : String(cause)}`)
  Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
  return error
}
