import { connect as connectTcp, isIP, type Socket } from 'node:net'
import type { TLSSocket, ConnectionOptions as TlsConnectionOptions } from 'node:tls'
import { HandshakeError, type HandshakeFailure } from '../../api/index.ts'
import { LONGEST_TIMER } from '../../platform/index.ts'
import { builtin } from './builtin.ts'
import { tlsDefaults } from './tls.ts'

/** What a server answers that has other protocols than those offered. RFC 7301 §3.2. */
const NO_PROTOCOL = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'

export interface NodeSocketOptions {
  /** Gives up the attempt; once connected it means nothing any more. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until TCP and TLS must stand: 30,000 when absent. */
  readonly connectTimeout?: number | undefined
  /** Node's TLS options: `ca`, `rejectUnauthorized`, `servername`, … ALPN and what RFC 9113 §9.2 demands are set already. */
  readonly tls?: TlsConnectionOptions | undefined
}

/** A name of ALPN: what is offered to the server, and what it may choose. RFC 7301 §6. */
export type AlpnName = 'h2' | 'http/1.1'

/**
 * Opens a TCP connection to `target`, with TLS and ALPN on it for `https:`, and resolves when it stands.
 * Rejects with a HandshakeError (`unreachable`, `tls`, `alpn`, `timeout`), or with the reason of the signal.
 */
export async function openSocket(target: URL, alpn: readonly AlpnName[], options: NodeSocketOptions): Promise<Socket> {
  options.signal?.throwIfAborted()
  return target.protocol === 'https:'
    ? connected(builtin('node:tls').connect(tlsOptions(target, alpn, options)), 'secureConnect', alpn, options)
    : connected(connectTcp({ ...address(target, 80), allowHalfOpen: true }), 'connect', alpn, options)
}

/** What the server chose; a server without ALPN speaks HTTP/1.1. RFC 9113 §3.2. */
export function chosenProtocol(socket: Socket): string {
  return (socket as TLSSocket).alpnProtocol || 'http/1.1'
}

function tlsOptions(target: URL, alpn: readonly AlpnName[], options: NodeSocketOptions): TlsConnectionOptions {
  const { host, port } = address(target, 443)
  return {
    ...tlsDefaults,
    host,
    port,
    allowHalfOpen: true,
    ALPNProtocols: alpn,
    // RFC 6066 §3: server_name carries no addresses
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...options.tls,
  } as TlsConnectionOptions
}

function address(target: URL, defaultPort: number): { host: string; port: number } {
  // the URL's brackets around an IPv6 address aren't part of it
  return { host: target.hostname.replace(/^\[|\]$/g, ''), port: Number(target.port) || defaultPort }
}

/** Resolves when the socket stands; destroys it when it doesn't, or isn't wanted any more. */
function connected(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  alpn: readonly AlpnName[],
  options: NodeSocketOptions,
): Promise<Socket> {
  const { signal, connectTimeout = 30_000 } = options
  return new Promise((resolve, reject) => {
    // TCP comes first: what fails after it is TLS, or the reading of what the server chose.
    let failing: HandshakeFailure = 'unreachable'
    const give = (reason: unknown) => {
      done()
      socket.on('error', () => {}) // it may fail once more while it is being destroyed
      socket.destroy()
      reject(reason)
    }
    const failed = (cause: unknown) => give(connectFailure(failing, alpn, cause))
    const late = () => give(new HandshakeError('timeout', `no connection within ${connectTimeout} ms`))
    const abort = () => give(signal?.reason)
    const closed = () => give(new HandshakeError(failing, 'the peer closed the connection before it stood'))
    const reached = () => {
      failing = 'tls'
    }
    const ready = () => {
      done()
      resolve(socket)
    }
    const timer = setTimeout(late, Math.min(connectTimeout, LONGEST_TIMER))
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      socket.off(event, ready).off('connect', reached).off('error', failed).off('close', closed)
    }
    socket.on('connect', reached).on(event, ready).on('error', failed).on('close', closed)
    signal?.addEventListener('abort', abort)
  })
}

function connectFailure(reason: HandshakeFailure, alpn: readonly AlpnName[], cause: unknown): HandshakeError {
  const error = cause as SocketError
  if (error.code === NO_PROTOCOL) {
    const offered = alpn.map((name) => (name === 'h2' ? 'HTTP/2' : 'HTTP/1.1')).join(' and ')
    return new HandshakeError('alpn', `the peer refused ${offered} in ALPN (RFC 7301 §3.2)`, { cause })
  }
  return new HandshakeError(reason, words(error), { cause })
}

/** What Node's sockets fail with. */
interface SocketError extends NodeJS.ErrnoException {
  /** A name with several addresses fails with an error for each, and no message of its own. */
  readonly errors?: readonly Error[]
  /** OpenSSL's, in words; the message has them between a thread's number and the line of a source file. */
  readonly reason?: string
}

function words({ message, errors = [], code = '', reason }: SocketError): string {
  if (code.startsWith('ERR_SSL_') && reason !== undefined) return `TLS failed: ${reason} (${code})`
  return message || errors.map((one) => one.message).join(', ')
}
