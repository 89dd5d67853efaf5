import { HandshakeError, OriginSession } from '../../api/index.ts'
import { ClientSession, type ClientSessionOptions } from '../../session/index.ts'
import { httpUrl } from '../web/index.ts'
import { clientPlatform } from '../web/platform.ts'
import { CONNECT_TIMEOUT, inTime, type SocketOptions, socketTransport } from './socket.ts'

export interface ConnectOptions extends Partial<ClientSessionOptions>, SocketOptions {}

/**
 * Opens one HTTP/2 connection: by prior knowledge for `http:` (RFC 9113 §3.3), over TLS for `https:`. There workerd offers
 * no ALPN, against RFC 9113 §3.2, so that only a server which takes HTTP/2 without can be reached: haproxy, hypercorn, or
 * one of this library in front of which TLS is ended. It resolves when the server's SETTINGS have come.
 *
 * Rejects with a HandshakeError: `unreachable`, `timeout`, and `alpn` when what answers over TLS isn't HTTP/2; its `cause`
 * is what came. An abort rejects with the signal's reason.
 *
 * @example
 * const session = await connect('http://backend.internal:8080')
 * const response = await session.fetch('/')
 * await session.close()
 */
export async function connect(url: string | URL, options: ConnectOptions = {}): Promise<OriginSession> {
  const target = httpUrl(url)
  const { connectTimeout = CONNECT_TIMEOUT, signal } = options
  const transport = await socketTransport(target, options)
  const session = new ClientSession(transport, { platform: clientPlatform, ...options })
  try {
    // RFC 9113 §3.4: a server's SETTINGS come first, whatever the client sends.
    await inTime(session.ready(), connectTimeout, signal)
  } catch (cause) {
    session.abort()
    if (signal?.aborted === true) throw signal.reason
    if (cause instanceof HandshakeError) throw cause
    throw noHttp2(target, cause)
  }
  return new OriginSession(session, target.origin)
}

function noHttp2({ origin, protocol }: URL, cause: unknown): HandshakeError {
  if (protocol === 'http:') return new HandshakeError('connection', `${origin} doesn't speak HTTP/2`, { cause })
  const reason = `${origin} doesn't speak HTTP/2 over TLS without ALPN, which workerd can't offer (RFC 9113 §3.2)`
  return new HandshakeError('alpn', reason, { cause })
}
