import type { Exchange } from '../exchange.ts'
import { targetUrl } from '../fetch/request-target.ts'
import { headerPairs } from '../header-fields.ts'

/**
 * An extended CONNECT as a handler sees it. RFC 8441 §4. A native `Request` can't be one: it refuses the method.
 * Everything is made on first use. The handler answers through `stream`.
 */
export interface ConnectRequest {
  /** The `:protocol`, for example `websocket`. */
  readonly protocol: string
  /** `:scheme`, `:authority` and `:path`; a WebSocket's has `http` or `https` too, RFC 8441 §5. */
  readonly url: URL
  /**
   * The fields as the runtime's own `Headers`: repeated lines joined, `cookie` and `sec-*` included.
   * `stream.fields` has every line as it came.
   */
  readonly headers: Headers
  /** Aborts when the stream is reset or its connection lost. */
  readonly signal: AbortSignal
  readonly stream: Exchange
  /** Tells the server's `onError`: for a handler that goes on after it returned. */
  reportError(error: unknown): void
}

/** Answers an extended CONNECT through `request.stream`. What it throws or rejects with becomes a 500 and goes to `onError`. */
export type ConnectHandler = (request: ConnectRequest) => void | Promise<void>

/** The `ConnectRequest` of `stream`, or undefined when its target makes no URL: the peer's fault, to be answered 400. */
export function connectRequest(
  stream: Exchange,
  protocol: string,
  reportError: (error: unknown) => void,
): ConnectRequest | undefined {
  const url = targetUrl(stream.fields)
  return url === undefined ? undefined : new StreamConnectRequest(stream, protocol, url, reportError)
}

class StreamConnectRequest implements ConnectRequest {
  readonly protocol: string
  readonly stream: Exchange
  readonly reportError: (error: unknown) => void
  readonly #target: string
  #url: URL | undefined
  #headers: Headers | undefined

  constructor(stream: Exchange, protocol: string, target: string, reportError: (error: unknown) => void) {
    this.stream = stream
    this.reportError = reportError
    this.protocol = protocol
    this.#target = target
  }

  get url(): URL {
    this.#url ??= new URL(this.#target)
    return this.#url
  }

  get headers(): Headers {
    this.#headers ??= new Headers(headerPairs(this.stream.fields))
    return this.#headers
  }

  get signal(): AbortSignal {
    return this.stream.signal
  }
}
