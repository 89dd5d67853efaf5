import type { Exchange } from '../exchange.ts'
import { fieldValue, headerPairs } from '../header-fields.ts'

/** A plain CONNECT as a handler sees it: a client that wants a TCP connection to somebody else. RFC 9113 §8.5, RFC 9110 §9.3.6. */
export interface ProxyRequest {
  /** The host to connect to; an IPv6 address without its brackets. */
  readonly host: string
  readonly port: number
  /** Both, as they came. */
  readonly authority: string
  /** The fields as the runtime's own `Headers`, `proxy-authorization` among them. */
  readonly headers: Headers
  /** Aborts when the stream is reset or its connection lost. */
  readonly signal: AbortSignal
  readonly stream: Exchange
  /** Tells the server's `onError`: for a handler that goes on after it returned. */
  reportError(error: unknown): void
}

/**
 * Answers a plain CONNECT through `request.stream`: a 2xx makes it a tunnel, any other status refuses. What it throws or
 * rejects with becomes a 500 and goes to `onError`.
 */
export type ProxyHandler = (request: ProxyRequest) => void | Promise<void>

/**
 * Host and port of an authority in the form that CONNECT has: the port always stands there. RFC 9110 §9.3.6: a server
 * rejects an empty or invalid one, which is `undefined` here, to be answered with 400.
 */
export function parseAuthority(authority: string): { readonly host: string; readonly port: number } | undefined {
  const [, host, digits] = /^(\[[\da-fA-F:.]+\]|[^:@/?#[\]\s]+):(\d{1,5})$/.exec(authority) ?? []
  const port = Number(digits)
  if (host === undefined || port < 1 || port > 65_535) return undefined
  return { host: host.replace(/^\[|\]$/g, ''), port }
}

/** The `ProxyRequest` of `stream`, or undefined when its authority names no host and port. */
export function proxyRequest(stream: Exchange, reportError: (error: unknown) => void): ProxyRequest | undefined {
  const authority = fieldValue(stream.fields, ':authority') ?? ''
  const target = parseAuthority(authority)
  if (target === undefined) return undefined
  let headers: Headers | undefined
  return {
    ...target,
    authority,
    stream,
    reportError,
    get headers() {
      headers ??= new Headers(headerPairs(stream.fields))
      return headers
    },
    get signal() {
      return stream.signal
    },
  }
}
