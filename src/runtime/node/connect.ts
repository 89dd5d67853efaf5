import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket, type ConnectionOptions as TlsConnectionOptions } from 'node:tls'
import { ErrorCode } from '../../errors/index.ts'
import { ClientSession, type SessionOptions } from '../../session/index.ts'
import { NodeClientSession } from './node-client-session.ts'
import { nodePlatform } from './platform.ts'
import { ALPN, tlsDefaults, tlsFault } from './tls.ts'
import { nodeTransport } from './transport.ts'

/** What a server answers that has other protocols than `h2`. RFC 7301 §3.2. */
const NO_PROTOCOL = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'

export interface ConnectOptions extends Partial<SessionOptions> {
  /** Gives up the attempt; once connected it means nothing any more. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until TCP and TLS must stand: 30,000 when absent. */
  readonly connectTimeout?: number | undefined
  /** Node's TLS options: `ca`, `rejectUnauthorized`, `servername`, … ALPN and what RFC 9113 §9.2 demands are set already. */
  readonly tls?: TlsConnectionOptions | undefined
}

/**
 * Opens one HTTP/2 connection: over TLS with ALPN `h2` for `https:`, by prior knowledge for `http:`. RFC 9113 §3.2, §3.3.
 * Rejects with the system's error when there is no way through, and says so when the peer doesn't choose HTTP/2.
 *
 * @example
 * const session = await connect('https://localhost:8443')
 * const response = await session.fetch('/')
 * await session.close()
 */
export async function connect(url: string | URL, options?: ConnectOptions): Promise<NodeClientSession> {
  const target = new URL(url)
  if (target.protocol !== 'https:' && target.protocol !== 'http:') {
    throw new TypeError(`connect takes an http: or https: URL, not ${target.protocol}`)
  }
  options?.signal?.throwIfAborted()
  const socket = target.protocol === 'https:' ? openTls(target, options) : openTcp(target)
  await connected(socket, target.protocol === 'https:' ? 'secureConnect' : 'connect', options)
  const fault = target.protocol === 'https:' ? checkTls(socket as TLSSocket, target) : undefined
  const session = new ClientSession(nodeTransport(socket), { platform: nodePlatform, ...options })
  if (fault !== undefined) {
    session.abort(ErrorCode.INADEQUATE_SECURITY, fault)
    throw new Error(`${target.origin} can't be used for HTTP/2: ${fault} (RFC 9113 §9.2)`)
  }
  return new NodeClientSession(session, target.origin)
}

function openTcp(target: URL): Socket {
  return connectTcp({ ...address(target, 80), allowHalfOpen: true })
}

function openTls(target: URL, options: ConnectOptions | undefined): TLSSocket {
  const { host, port } = address(target, 443)
  return connectTls({
    ...tlsDefaults,
    host,
    port,
    allowHalfOpen: true,
    ALPNProtocols: ALPN,
    // RFC 6066 §3: server_name carries no addresses
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...options?.tls,
  } as TlsConnectionOptions)
}

function address(target: URL, defaultPort: number): { host: string; port: number } {
  // the URL's brackets around an IPv6 address aren't part of it
  return { host: target.hostname.replace(/^\[|\]$/g, ''), port: Number(target.port) || defaultPort }
}

/** Resolves when the socket stands; destroys it when it doesn't, or isn't wanted any more. */
function connected(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  options: ConnectOptions | undefined,
): Promise<void> {
  const signal = options?.signal
  const milliseconds = options?.connectTimeout ?? 30_000
  return new Promise((resolve, reject) => {
    const give = (cause: unknown) => {
      const refused = (cause as NodeJS.ErrnoException | undefined)?.code === NO_PROTOCOL
      const error = refused ? new Error(`the peer refused HTTP/2 in ALPN (RFC 9113 §3.2)`, { cause }) : cause
      done()
      socket.on('error', () => {}) // it may fail once more while it is being destroyed
      socket.destroy()
      reject(error)
    }
    const late = () => give(new Error(`no connection within ${milliseconds} ms`))
    const abort = () => give(signal?.reason)
    const closed = () => give(new Error('the peer closed the connection before it stood'))
    const ready = () => {
      done()
      resolve()
    }
    const timer = setTimeout(late, milliseconds)
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      socket.off(event, ready).off('error', give).off('close', closed)
    }
    socket.on(event, ready).on('error', give).on('close', closed)
    signal?.addEventListener('abort', abort)
  })
}

/** @throws Error when the peer didn't choose `h2`. Answers what is wrong with the TLS connection otherwise. */
function checkTls(socket: TLSSocket, target: URL): string | undefined {
  if (socket.alpnProtocol !== 'h2') {
    socket.destroy()
    throw new Error(`${target.origin} didn't choose HTTP/2: no "h2" in its ALPN answer (RFC 9113 §3.2)`)
  }
  socket.disableRenegotiation()
  return tlsFault(socket)
}
