import { type ConnectHandler, type Exchange, type FetchHandler, type ProxyHandler, router } from '../../api/index.ts'
import { ServerSession, type ServerSessionOptions } from '../../session/index.ts'
import { type Pipe, pipeTransport } from './pipe.ts'
import { webPlatform } from './platform.ts'

/** What a server does with the requests of one connection. */
export interface ServerHandlers extends Partial<Omit<ServerSessionOptions, 'onStream' | 'onError'>> {
  /** Answers requests by the convention of Deno, Bun and Workers. 404 without it. */
  readonly fetch?: FetchHandler | undefined
  /** Answers extended CONNECT by `:protocol`. Having one advertises RFC 8441, unless `extendedConnect` says otherwise. */
  readonly connect?: Readonly<Record<string, ConnectHandler>> | undefined
  /** Answers a plain CONNECT. RFC 9113 §8.5. 501 without it. */
  readonly proxy?: ProxyHandler | undefined
  /** Sees every stream first; true: it was handled here. */
  readonly onStream?: ((stream: Exchange) => unknown) | undefined
  /** Hears what a handler threw, and why the connection failed. */
  readonly onError: (error: unknown) => void
}

/**
 * The server's side of an HTTP/2 connection over bytes that somebody has accepted: a socket's streams, a `MessagePort` to
 * a page, any `ByteTransport`. They are taken over. The client has to begin with the preface, RFC 9113 §3.4.
 *
 * @throws TypeError for streams that are locked.
 *
 * @example
 * const session = accept(port, { fetch: () => new Response('hello'), onError: console.error })
 */
export function accept(pipe: Pipe, handlers: ServerHandlers): ServerSession {
  const { fetch, connect, proxy, onStream, ...rest } = handlers
  const handled = connect !== undefined && Object.keys(connect).length > 0
  return new ServerSession(pipeTransport(pipe), {
    platform: webPlatform,
    ...rest,
    extendedConnect: rest.extendedConnect ?? (handled ? 'advertise' : 'off'),
    onStream: router({ fetch, connect, proxy, onStream, onError: rest.onError }),
  })
}
