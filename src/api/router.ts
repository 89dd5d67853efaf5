import { UsageError } from '../errors/index.ts'
import { onRejection, tellLast } from '../session/index.ts'
import type { Exchange } from './exchange.ts'
import { failStream, respondStatus } from './failed-stream.ts'
import { type FetchHandler, fetchHandler } from './fetch/fetch-handler.ts'
import { fieldValue } from './header-fields.ts'
import { type ConnectHandler, connectRequest } from './tunnel/connect-request.ts'
import { type ProxyHandler, proxyRequest } from './tunnel/proxy-request.ts'

export interface RouterOptions<S extends Exchange = Exchange> {
  /** Answers ordinary requests. 404 without it. */
  readonly fetch?: FetchHandler | undefined
  /** Handlers of extended CONNECT by their `:protocol`, for example `{ websocket: webSocket(handler) }`. RFC 8441 §4. */
  readonly connect?: Readonly<Record<string, ConnectHandler>> | undefined
  /**
   * Answers a plain CONNECT: a client that wants a tunnel to some other host. RFC 9113 §8.5. Without it that is a 501.
   * Who answers all of them is an open proxy.
   */
  readonly proxy?: ProxyHandler | undefined
  /**
   * Sees every stream first; when it returns true it has taken the stream. The stream waits for a promise, which then
   * counts among the unfinished handlers of the session.
   */
  readonly onStream?: ((stream: S) => unknown) | undefined
  /** Hears what a handler threw. What it throws itself is dropped. */
  readonly onError: (error: unknown) => void
}

/**
 * Joins the handlers of a server into the one that a `ServerSession` takes.
 *
 * An unknown `:protocol` is answered with 501, as is a plain CONNECT without a `proxy` (RFC 9110 §9.3.6, §15.6.2). A handler that throws or rejects gives 500, or a reset once the response has begun.
 *
 * @throws UsageError for what stands under `connect` and is no function, a handler object as it is for one.
 * @example
 * new ServerSession(transport, { platform, onStream: router({ fetch: () => new Response('hello'), onError }) })
 */
export function router<S extends Exchange = Exchange>(options: RouterOptions<S>): (stream: S) => void {
  const { onStream, proxy } = options
  const onError = (error: unknown): void => tellLast(options.onError, error)
  const fetch = options.fetch === undefined ? undefined : fetchHandler(options.fetch, { onError })
  // RFC 9110 §7.8: names of protocols are compared without regard to case. A Map has no prototype to fall into.
  const connect = new Map<string, ConnectHandler>()
  for (const [name, handler] of Object.entries(options.connect ?? {})) {
    if (typeof handler !== 'function') throw new UsageError(`connect.${name} must be a function: webSocket() makes one`)
    connect.set(name.toLowerCase(), handler)
  }

  const route = (stream: Exchange, bodiless?: boolean): void => {
    if (fieldValue(stream.fields, ':method') !== 'CONNECT') {
      // RFC 8441 §4: no other method has a `:protocol`.
      if (fetch !== undefined) fetch(stream, bodiless)
      else respondStatus(stream, 404)
      return
    }
    const protocol = fieldValue(stream.fields, ':protocol')
    if (protocol === undefined) routeProxy(stream, proxy, onError)
    else routeConnect(stream, protocol, connect.get(protocol.toLowerCase()), onError)
  }
  if (onStream === undefined) return route
  return (stream) => {
    try {
      const taken = onStream(stream)
      if (isPromise(taken)) routeLater(stream, taken, route, onError)
      else if (taken !== true) route(stream)
    } catch (error) {
      failStream(stream, error, onError)
    }
  }
}

/** An `async` function has seen the stream once its promise says so. */
function routeLater(
  stream: Exchange,
  taken: PromiseLike<unknown>,
  route: (stream: Exchange, bodiless: boolean) => void,
  onError: (error: unknown) => void,
): void {
  const done = stream.hold()
  const bodiless = stream.inputEnded
  const fail = (error: unknown): void => failStream(stream, error, onError)
  taken.then(
    (answer) => {
      done()
      if (answer === true) return
      try {
        route(stream, bodiless)
      } catch (error) {
        fail(error)
      }
    },
    (error) => {
      done()
      fail(error)
    },
  )
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function'
}

function routeConnect(
  stream: Exchange,
  protocol: string,
  handler: ConnectHandler | undefined,
  onError: (error: unknown) => void,
): void {
  if (handler === undefined) {
    respondStatus(stream, 501)
    return
  }
  call(stream, handler, connectRequest(stream, protocol, onError), onError)
}

function routeProxy(stream: Exchange, handler: ProxyHandler | undefined, onError: (error: unknown) => void): void {
  if (handler === undefined) respondStatus(stream, 501)
  else call(stream, handler, proxyRequest(stream, onError), onError)
}

// Apart from the caller, so that a handler that is not `async` makes no closure.
function awaitResult(stream: Exchange, result: unknown, onError: (error: unknown) => void): void {
  onRejection(result, (error) => failStream(stream, error, onError))
}

/** Asks the handler; a request whose target makes no sense is the client's fault, and nobody hears of it. */
function call<R>(
  stream: Exchange,
  handler: (request: R) => unknown,
  request: R | undefined,
  onError: (error: unknown) => void,
): void {
  if (request === undefined) {
    respondStatus(stream, 400)
    return
  }
  try {
    const result = handler(request)
    if (typeof result === 'object') awaitResult(stream, result, onError)
  } catch (error) {
    failStream(stream, error, onError)
  }
}
