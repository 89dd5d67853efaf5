import type { ServerStream } from '../session/index.ts'
import { type ConnectHandler, connectRequest } from './connect-request.ts'
import { failStream, respondStatus } from './failed-stream.ts'
import { type FetchHandler, fetchHandler } from './fetch-handler.ts'
import { fieldValue } from './header-fields.ts'

export interface RouterOptions {
  /** Answers ordinary requests. 404 without it. */
  readonly fetch?: FetchHandler | undefined
  /** Handlers of extended CONNECT by their `:protocol`, for example `{ websocket: webSocket(handler) }`. RFC 8441 §4. */
  readonly connect?: Readonly<Record<string, ConnectHandler>> | undefined
  /** Sees every stream first; when it returns true it has taken the stream. */
  readonly onStream?: ((stream: ServerStream) => unknown) | undefined
  /** Hears what a handler threw. */
  readonly onError: (error: unknown) => void
}

/**
 * Joins the handlers of a server into the one that a `ServerSession` takes.
 *
 * An unknown `:protocol` is answered with 501, as is a plain CONNECT: there is no tunnel to other hosts here
 * (RFC 9110 §9.3.6, §15.6.2). A handler that throws gives 500, or a reset once the response has begun.
 *
 * @example
 * new ServerSession(transport, { platform, onStream: router({ fetch: () => new Response('hello'), onError }) })
 */
export function router(options: RouterOptions): (stream: ServerStream) => void {
  const { onStream, onError } = options
  const fetch = options.fetch === undefined ? undefined : fetchHandler(options.fetch, { onError })
  // RFC 9110 §7.8: names of protocols are compared without regard to case. A Map has no prototype to fall into.
  const connect = new Map<string, ConnectHandler>()
  for (const [name, handler] of Object.entries(options.connect ?? {})) connect.set(name.toLowerCase(), handler)

  return (stream) => {
    if (onStream !== undefined) {
      try {
        if (onStream(stream) === true) return
      } catch (error) {
        failStream(stream, error, onError)
        return
      }
    }
    const protocol = fieldValue(stream.fields, ':protocol')
    if (protocol !== undefined) routeConnect(stream, protocol, connect.get(protocol.toLowerCase()), onError)
    else if (fetch !== undefined) fetch(stream)
    else respondStatus(stream, fieldValue(stream.fields, ':method') === 'CONNECT' ? 501 : 404)
  }
}

function routeConnect(
  stream: ServerStream,
  protocol: string,
  handler: ConnectHandler | undefined,
  onError: (error: unknown) => void,
): void {
  if (handler === undefined) {
    respondStatus(stream, 501)
    return
  }
  const request = connectRequest(stream, protocol, onError)
  if (request === undefined) {
    respondStatus(stream, 400)
    return
  }
  try {
    const result = handler(request)
    if (result !== undefined) result.then(undefined, (error) => failStream(stream, error, onError))
  } catch (error) {
    failStream(stream, error, onError)
  }
}
