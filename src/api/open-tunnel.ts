import { UsageError } from '../errors/index.ts'
import type { FieldInput } from '../hpack/index.ts'
import type { ClientSession, ClientStream } from '../session/index.ts'
import { extendedConnect, type HandshakeOptions } from './extended-connect.ts'
import { appendHeaders } from './header-fields.ts'

export interface TunnelOptions extends HandshakeOptions {
  /** A token of the HTTP Upgrade Token registry, for example `connect-udp`. RFC 8441 §4. */
  readonly protocol: string
  /** Path and query. */
  readonly path: string
  readonly authority?: string | undefined
  /** `https` when absent. */
  readonly scheme?: string | undefined
  readonly headers?: ConstructorParameters<typeof Headers>[0]
}

/**
 * Opens a tunnel by extended CONNECT and resolves with its stream once the server has accepted: a duplex of bytes, whose
 * END_STREAM is the end of one direction. RFC 8441 §4. What the response said is in `stream.fields`.
 *
 * Rejects with a HandshakeError; see its `reason`.
 * @throws UsageError, as a rejection, for a protocol or path that can't be sent.
 *
 * @example
 * const tunnel = await openTunnel(session, { protocol: 'connect-udp', path: '/masque', authority: 'localhost:8443' })
 * tunnel.onData = (bytes, endStream) => use(bytes)
 * tunnel.write(bytes)
 */
export async function openTunnel(session: ClientSession, options: TunnelOptions): Promise<ClientStream> {
  const { protocol, path, authority, scheme = 'https' } = options
  if (protocol === '') throw new UsageError('an extended CONNECT needs a protocol', 'RFC 8441 §4')
  if (!path.startsWith('/')) throw new UsageError(`${path} is not a path`, 'RFC 9113 §8.3.1')
  const headers = new Headers(options.headers)
  const host = authority ?? headers.get('host') ?? undefined
  headers.delete('host')
  const fields: FieldInput[] = [
    { name: ':method', value: 'CONNECT' },
    { name: ':protocol', value: protocol },
    { name: ':scheme', value: scheme },
    { name: ':path', value: path },
  ]
  if (host !== undefined) fields.push({ name: ':authority', value: host })
  appendHeaders(fields, headers)
  return extendedConnect(session, fields, options, (stream) => stream)
}
