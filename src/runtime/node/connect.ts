import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { HandshakeError, OriginSession } from '../../api/index.ts'
import { ErrorCode } from '../../errors/index.ts'
import { ClientSession, type ClientSessionOptions } from '../../session/index.ts'
import { chosenProtocol, type NodeSocketOptions, openSocket } from './open-socket.ts'
import { nodePlatform } from './platform.ts'
import { tlsFault } from './tls.ts'
import { nodeTransport } from './transport.ts'

export interface ConnectOptions extends Partial<ClientSessionOptions>, NodeSocketOptions {}

/**
 * Opens one HTTP/2 connection: over TLS with ALPN `h2` for `https:`, by prior knowledge for `http:`. RFC 9113 §3.2, §3.3.
 * Rejects with a HandshakeError: `unreachable` without TCP, `tls` without TLS or with one too weak for HTTP/2, `alpn`
 * when the peer doesn't choose HTTP/2, `timeout`; its `cause` is the system's error. An abort rejects with the signal's
 * reason.
 *
 * @example
 * const session = await connect('https://localhost:8443')
 * const response = await session.fetch('/')
 * await session.close()
 */
export async function connect(url: string | URL, options: ConnectOptions = {}): Promise<OriginSession> {
  const target = new URL(url)
  if (target.protocol !== 'https:' && target.protocol !== 'http:') {
    throw new TypeError(`connect takes an http: or https: URL, not ${target.protocol}`)
  }
  options.signal?.throwIfAborted()
  const socket = await openSocket(target, ['h2'], options)
  if (target.protocol === 'https:') requireH2(socket as TLSSocket, target.origin)
  const session = new ClientSession(nodeTransport(socket), { platform: nodePlatform, ...options })
  return new OriginSession(session, target.origin)
}

/** @throws HandshakeError when the peer didn't choose `h2`, or the TLS connection may not carry it; the socket is ended. */
export function requireH2(socket: TLSSocket, origin: string): void {
  if (chosenProtocol(socket) !== 'h2') {
    socket.destroy()
    throw new HandshakeError('alpn', `${origin} didn't choose HTTP/2: no "h2" in its ALPN answer (RFC 9113 §3.2)`)
  }
  socket.disableRenegotiation()
  const fault = tlsFault(socket)
  if (fault === undefined) return
  refuse(socket, fault)
  throw new HandshakeError('tls', `${origin} can't be used for HTTP/2: ${fault} (RFC 9113 §9.2)`)
}

/** RFC 9113 §9.2: the peer hears why, in a GOAWAY. */
function refuse(socket: Socket, fault: string): void {
  new ClientSession(nodeTransport(socket), { platform: nodePlatform }).abort(ErrorCode.INADEQUATE_SECURITY, fault)
}
