import type { Server as NetServer, Socket } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import type { TLSSocket, TlsOptions } from 'node:tls'
import { type ConnectHandler, type Exchange, type FetchHandler, type ProxyHandler, router } from '../../api/index.ts'
import { type ExtendedConnectPolicy, type Limits, resolveLimits } from '../../connection/index.ts'
import { ConnectionError, ErrorCode, StreamError } from '../../errors/index.ts'
import type { HashingPlatform } from '../../platform/index.ts'
import { ServerSession, type SessionOptions, tellLast } from '../../session/index.ts'
import { builtin } from './builtin.ts'
import { Http1Server } from './http1-server.ts'
import { nodePlatform } from './platform.ts'
import { Server } from './server.ts'
import { sniff } from './sniff.ts'
import { ALPN, ALPN_BOTH, tlsDefaults, tlsFault } from './tls.ts'
import { nodeTransport } from './transport.ts'

export interface ServeOptions extends Partial<Omit<SessionOptions, 'initialData' | 'onError'>> {
  readonly platform?: HashingPlatform
  /** 0, when absent: a free port; see `server.address`. */
  readonly port?: number | undefined
  /** The address to listen on; all of them when absent. */
  readonly host?: string | undefined
  /** `key`, `cert` and Node's other TLS options. Without it the server speaks in clear: HTTP/2 by prior knowledge, RFC 9113 §3.3. */
  readonly tls?: TlsOptions | undefined
  /** Answers requests by the convention of Deno, Bun and Workers. */
  readonly fetch?: FetchHandler | undefined
  /**
   * HTTP/1.1 beside HTTP/2 on the same port, for the same handlers: true when absent. In TLS the client chooses by ALPN,
   * in clear by its first octets. False refuses every client that doesn't begin with HTTP/2.
   */
  readonly http1?: boolean | undefined
  /**
   * Answers extended CONNECT by `:protocol`, and the Upgrade of HTTP/1.1 by its token. Having one advertises RFC 8441,
   * unless `extendedConnect` says otherwise.
   */
  readonly connect?: Readonly<Record<string, ConnectHandler>> | undefined
  /**
   * Answers a plain CONNECT, of HTTP/2 and HTTP/1.1: `tcpProxy` opens TCP connections for clients. RFC 9113 §8.5. Without
   * it that is a 501.
   */
  readonly proxy?: ProxyHandler | undefined
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
 * Listens for HTTP/2 connections, and those of HTTP/1.1 beside them; resolves when it does, and rejects with the system's
 * error when it can't.
 *
 * @example
 * const server = await serve({ port: 8443, tls: { key, cert }, fetch: () => new Response('hello') })
 * console.log(server.url)
 * await server.close({ drain: 10_000 })
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const { tls } = options
  const settings = settingsOf(options)
  const http1 = options.http1 === false ? undefined : http1Server(settings)
  const listener: NetServer =
    tls === undefined
      ? createTcpServer({ allowHalfOpen: true, noDelay: true })
      : builtin('node:tls').createServer({
          handshakeTimeout: 10_000,
          ...tlsDefaults,
          ...tls,
          allowHalfOpen: true,
          ALPNProtocols: http1 === undefined ? ALPN : ALPN_BOTH,
        })
  const server = new Server(listener, tls === undefined ? 'http' : 'https', http1)
  const accept = acceptor(server, settings)
  if (tls === undefined) acceptClear(listener, http1, settings.limits, accept)
  else acceptTls(listener, http1, accept)
  try {
    await server.listen(options.port ?? 0, options.host)
  } catch (error) {
    await http1?.close(0)
    throw error
  }
  return server
}

type Accept = (socket: Socket, fault: string | undefined) => void

/** RFC 9113 §3.3: in clear, who begins with the preface knew beforehand. Alone, HTTP/2 judges what comes by itself. */
function acceptClear(listener: NetServer, http1: Http1Server | undefined, limits: Limits, accept: Accept): void {
  listener.on('connection', (socket: Socket) => {
    if (http1 === undefined) accept(socket, undefined)
    else {
      sniff(socket, limits.prefaceTimeout, (isHttp2) => (isHttp2 ? accept(socket, undefined) : http1.accept(socket)))
    }
  })
}

function acceptTls(listener: NetServer, http1: Http1Server | undefined, accept: Accept): void {
  listener.on('secureConnection', (socket: TLSSocket) => {
    socket.disableRenegotiation()
    // RFC 9113 §3.2: a client that doesn't ask for h2 doesn't get it. One without ALPN knows nothing but HTTP/1.1.
    if (socket.alpnProtocol === 'h2') accept(socket, tlsFault(socket))
    else if (http1 === undefined) socket.destroy()
    else http1.accept(socket)
  })
  // A failed handshake is the client's affair; Node has destroyed its socket already.
  listener.on('tlsClientError', (_error, socket) => void socket.destroy())
}

/** The options with all that is absent filled in. */
interface Settings extends ServeOptions {
  readonly platform: HashingPlatform
  readonly limits: Limits
  readonly extendedConnect: ExtendedConnectPolicy
  readonly handler: (stream: Exchange) => void
}

function settingsOf(options: ServeOptions): Settings {
  const { maxConcurrentStreams, connect } = options
  const limits = resolveLimits(options.limits)
  return {
    ...options,
    platform: options.platform ?? nodePlatform,
    limits: maxConcurrentStreams === undefined ? limits : { ...limits, maxConcurrentStreams },
    extendedConnect: options.extendedConnect ?? (connect && Object.keys(connect).length > 0 ? 'advertise' : 'off'),
    handler: streamHandler(options),
  }
}

function http1Server(settings: Settings): Http1Server {
  const { platform, limits, connect, onError = warn, extendedConnect } = settings
  const names = Object.keys(connect ?? {})
  // A stream handler alone sees what HTTP/2 would show it: any `:protocol`, but here a token that means WebSockets.
  if (connect === undefined && settings.onStream !== undefined) names.push('websocket')
  return new Http1Server({
    platform,
    limits,
    onStream: settings.handler,
    report: (error) => tellLast(onError, error),
    protocols: new Set(extendedConnect === 'off' ? [] : names.map((name) => name.toLowerCase())),
  })
}

/** What makes a session of each accepted socket. */
function acceptor(server: Server, settings: Settings): Accept {
  const sessionOptions = { ...settings, onStream: settings.handler }
  return (socket, fault) => {
    const onError = settings.onError ?? ((error: unknown) => void (error === session.error || warn(error)))
    const session: ServerSession = new ServerSession(nodeTransport(socket), { ...sessionOptions, onError })
    server.add(session)
    if (fault !== undefined) session.abort(ErrorCode.INADEQUATE_SECURITY, fault)
  }
}

function streamHandler(options: ServeOptions): (stream: Exchange) => void {
  const { fetch, connect, proxy, onStream, onError = warn } = options
  // the shortest path: nothing stands between the session and a lone stream handler
  const alone = fetch === undefined && connect === undefined && proxy === undefined
  if (onStream !== undefined && alone) return onStream
  return router({ fetch, connect, proxy, onStream, onError })
}

/** A mistake in a handler must not pass in silence, and a peer's misbehaviour must not fill the log. */
function warn(error: unknown): void {
  if (error instanceof ConnectionError || error instanceof StreamError) return
  process.emitWarning(error instanceof Error ? error : String(error))
}
