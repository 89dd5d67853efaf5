import type { Server as NetServer, Socket } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { type ConnectHandler, type Exchange, type FetchHandler, router } from '../../api/index.ts'
import type { ExtendedConnectPolicy } from '../../connection/index.ts'
import { ConnectionError, ErrorCode, StreamError } from '../../errors/index.ts'
import { ServerSession, type SessionOptions } from '../../session/index.ts'
import { nodePlatform } from './platform.ts'
import { Server } from './server.ts'
import { ALPN, tlsDefaults, tlsFault } from './tls.ts'
import { nodeTransport } from './transport.ts'

export interface ServeOptions extends Partial<Omit<SessionOptions, 'initialData' | 'onError'>> {
  /** 0, when absent: a free port; see `server.address`. */
  readonly port?: number | undefined
  /** The address to listen on; all of them when absent. */
  readonly host?: string | undefined
  /** `key`, `cert` and Node's other TLS options. Without it the server speaks HTTP/2 in clear, by prior knowledge. RFC 9113 §3.3. */
  readonly tls?: TlsOptions | undefined
  /** Answers requests by the convention of Deno, Bun and Workers. */
  readonly fetch?: FetchHandler | undefined
  /** Answers extended CONNECT by `:protocol`. Having one advertises RFC 8441, unless `extendedConnect` says otherwise. */
  readonly connect?: Readonly<Record<string, ConnectHandler>> | undefined
  /** Sees every stream first; true: it was handled here. Alone, without `fetch` and `connect`, it handles all. */
  readonly onStream?: ((stream: Exchange) => boolean | undefined) | ((stream: Exchange) => void) | undefined
  /** `advertise` with a `connect` handler and `off` without, when absent. */
  readonly extendedConnect?: ExtendedConnectPolicy | undefined
  /**
   * Hears what a handler threw, and why a connection failed. Absent: what a handler threw is a warning of the process,
   * and failures of connections go unheard.
   */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Streams a client may have open at once: 100 when absent. Short for `limits.maxConcurrentStreams`. */
  readonly maxConcurrentStreams?: number | undefined
}

/**
 * Listens for HTTP/2 connections; resolves when it does, and rejects with the system's error when it can't.
 *
 * @example
 * const server = await serve({ port: 8443, tls: { key, cert }, fetch: () => new Response('hello') })
 * console.log(server.url)
 * await server.close({ drain: 10_000 })
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const { tls } = options
  const listener: NetServer =
    tls === undefined
      ? createTcpServer({ allowHalfOpen: true, noDelay: true })
      : createTlsServer({
          handshakeTimeout: 10_000,
          ...tlsDefaults,
          ...tls,
          allowHalfOpen: true,
          ALPNProtocols: ALPN,
        })
  const server = new Server(listener, tls === undefined ? 'http' : 'https')
  const accept = acceptor(server, options)
  if (tls === undefined) listener.on('connection', (socket: Socket) => accept(socket, undefined))
  else {
    listener.on('secureConnection', (socket: TLSSocket) => {
      // RFC 9113 §3.2: a client that doesn't ask for h2 doesn't get it
      if (socket.alpnProtocol !== 'h2') socket.destroy()
      else {
        socket.disableRenegotiation()
        accept(socket, tlsFault(socket))
      }
    })
    // A failed handshake is the client's affair; Node has destroyed its socket already.
    listener.on('tlsClientError', (_error, socket) => void socket.destroy())
  }
  await server.listen(options.port ?? 0, options.host)
  return server
}

/** What makes a session of each accepted socket. */
function acceptor(server: Server, options: ServeOptions): (socket: Socket, fault: string | undefined) => void {
  const { maxConcurrentStreams, connect } = options
  const sessionOptions = {
    ...options,
    platform: options.platform ?? nodePlatform,
    limits: maxConcurrentStreams === undefined ? options.limits : { ...options.limits, maxConcurrentStreams },
    extendedConnect: options.extendedConnect ?? (connect && Object.keys(connect).length > 0 ? 'advertise' : 'off'),
    onStream: streamHandler(options),
  }
  return (socket, fault) => {
    const onError = options.onError ?? ((error: unknown) => void (error === session.error || warn(error)))
    const session: ServerSession = new ServerSession(nodeTransport(socket), { ...sessionOptions, onError })
    server.add(session)
    if (fault !== undefined) session.abort(ErrorCode.INADEQUATE_SECURITY, fault)
  }
}

function streamHandler(options: ServeOptions): (stream: Exchange) => void {
  const { fetch, connect, onStream, onError = warn } = options
  // the shortest path: nothing stands between the session and a lone stream handler
  if (onStream !== undefined && fetch === undefined && connect === undefined) return onStream
  return router({ fetch, connect, onStream, onError })
}

/** A mistake in a handler must not pass in silence, and a peer's misbehaviour must not fill the log. */
function warn(error: unknown): void {
  if (error instanceof ConnectionError || error instanceof StreamError) return
  process.emitWarning(error instanceof Error ? error : String(error))
}
