import { UsageError } from '../../errors/index.ts'
import type { FieldInput } from '../../hpack/index.ts'
import type { ClientSession, ClientStream } from '../../session/index.ts'
import { appendHeaders } from '../header-fields.ts'
import { checkTime, extendedConnect, type HandshakeOptions } from './extended-connect.ts'
import { parseAuthority } from './proxy-request.ts'

/** A tunnel for some protocol to the server itself, by extended CONNECT. RFC 8441 §4. */
export interface ExtendedTunnelOptions extends HandshakeOptions {
  /** A token of the HTTP Upgrade Token registry, for example `connect-udp`. */
  readonly protocol: string
  /** Path and query. */
  readonly path: string
  readonly authority?: string | undefined
  /** `https` when absent. */
  readonly scheme?: string | undefined
  readonly headers?: ConstructorParameters<typeof Headers>[0]
}

/** A tunnel through the server, a proxy, to a TCP port elsewhere, by plain CONNECT. RFC 9113 §8.5. */
export interface ProxyTunnelOptions extends HandshakeOptions {
  readonly protocol?: undefined
  readonly path?: undefined
  readonly scheme?: undefined
  /** Host and port, both. */
  readonly authority: string
  /** For the proxy: `proxy-authorization`, for example. */
  readonly headers?: ConstructorParameters<typeof Headers>[0]
}

export type TunnelOptions = ExtendedTunnelOptions | ProxyTunnelOptions

/**
 * Opens a tunnel by CONNECT and resolves with its stream once the server has accepted: a duplex of bytes, whose END_STREAM
 * is the end of one direction. With a `protocol` it is extended CONNECT, RFC 8441 §4; without, the server is asked for a
 * TCP connection to `authority`, RFC 9113 §8.5. What the response said is in `stream.fields`.
 *
 * Rejects with a HandshakeError; see its `reason`. `tunnelStreams` makes Web Streams of the result.
 * @throws UsageError, as a rejection, for a protocol, path or authority that can't be sent.
 *
 * @example
 * const tunnel = await openTunnel(session, { protocol: 'connect-udp', path: '/masque', authority: 'localhost:8443' })
 * tunnel.onData = (bytes, endStream) => use(bytes)
 * tunnel.write(bytes)
 * const through = await openTunnel(proxySession, { authority: 'example.org:22' })
 */
export async function openTunnel(session: ClientSession, options: TunnelOptions): Promise<ClientStream> {
  checkTime('timeout', options.timeout)
  const headers = new Headers(options.headers)
  const fields: FieldInput[] = [{ name: ':method', value: 'CONNECT' }]
  if (options.protocol === undefined) proxyFields(fields, options)
  else extendedFields(fields, options, headers)
  headers.delete('host')
  appendHeaders(fields, headers)
  return extendedConnect(session, fields, options, (stream) => stream)
}

function extendedFields(fields: FieldInput[], options: ExtendedTunnelOptions, headers: Headers): void {
  const { protocol, path, scheme = 'https' } = options
  if (protocol === '') throw new UsageError('an extended CONNECT needs a protocol', 'RFC 8441 §4')
  if (!path?.startsWith('/')) throw new UsageError(`${path} is not a path`, 'RFC 9113 §8.3.1')
  fields.push(
    { name: ':protocol', value: protocol },
    { name: ':scheme', value: scheme },
    { name: ':path', value: path },
  )
  const authority = options.authority ?? headers.get('host') ?? undefined
  if (authority !== undefined) fields.push({ name: ':authority', value: authority })
}

/** RFC 9113 §8.5: a plain CONNECT has `:method` and `:authority` and no other pseudo-header field. */
function proxyFields(fields: FieldInput[], { authority, path, scheme }: ProxyTunnelOptions): void {
  if (path !== undefined || scheme !== undefined) {
    throw new UsageError('a CONNECT without a protocol has no path and no scheme', 'RFC 9113 §8.5')
  }
  if (parseAuthority(authority ?? '') === undefined) {
    throw new UsageError(`${authority} is not a host with a port`, 'RFC 9110 §9.3.6')
  }
  fields.push({ name: ':authority', value: authority })
}
