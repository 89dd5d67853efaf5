import { OriginSession } from '../../api/index.ts'
import { ClientSession, type ClientSessionOptions } from '../../session/index.ts'
import { type Pipe, pipeTransport } from './pipe.ts'
import { clientPlatform } from './platform.ts'

export interface ConnectOptions extends Partial<ClientSessionOptions> {
  /** Whom the bytes lead to, for example `https://example.org`: what requests have as their scheme and authority. */
  readonly origin: string | URL
}

/**
 * The client's side of an HTTP/2 connection over bytes that the program has already: a pair of Web Streams, a
 * `MessagePort`, a WebSocket to a relay, any `ByteTransport`. They are taken over. A web runtime opens no sockets of its
 * own, so TLS and ALPN are the affair of whoever did. RFC 9113 §3.3.
 *
 * @throws TypeError for an origin that is neither http nor https, and for streams that are locked.
 *
 * @example
 * const session = connect(new WebSocket('wss://relay.example/'), { origin: 'https://example.org' })
 * const response = await session.fetch('/')
 */
export function connect(pipe: Pipe, options: ConnectOptions): OriginSession {
  const { origin, ...rest } = options
  const url = httpUrl(origin)
  const session = new ClientSession(pipeTransport(pipe), { platform: clientPlatform, ...rest })
  return new OriginSession(session, url.origin)
}

/** @throws TypeError for a URL that no HTTP connection leads to. */
export function httpUrl(url: string | URL): URL {
  const target = new URL(url)
  if (target.protocol === 'https:' || target.protocol === 'http:') return target
  throw new TypeError(`connect takes an http: or https: URL, not ${target.protocol}`)
}
