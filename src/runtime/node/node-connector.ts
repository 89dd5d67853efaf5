import type { TLSSocket } from 'node:tls'
import type { Connected, Connector, DialTarget, HttpVersion } from '../../api/index.ts'
import { requireH2 } from './connect.ts'
import { type AlpnName, chosenProtocol, type NodeSocketOptions, openSocket } from './open-socket.ts'
import { tlsIdentity } from './tls-identity.ts'
import { nodeTransport } from './transport.ts'

const alpnNames: Readonly<Record<HttpVersion, AlpnName>> = { '2': 'h2', '1.1': 'http/1.1' }

/** Opens the sockets of a dialer. */
export const nodeConnector: Connector<Omit<NodeSocketOptions, 'signal'>> = {
  async connect(
    target: DialTarget,
    versions: readonly HttpVersion[],
    { tls, connectTimeout }: Omit<NodeSocketOptions, 'signal'>,
    signal: AbortSignal,
  ): Promise<Connected> {
    const alpn = versions.map((version) => alpnNames[version])
    const socket = await openSocket(target.url, alpn, { tls, connectTimeout, signal })
    const version = target.secure ? chosenVersion(chosenProtocol(socket), versions) : versions[0]!
    if (target.secure && version === '2') requireH2(socket as TLSSocket, target.url.origin)
    return {
      version,
      transport: nodeTransport(socket),
      setBusy: (busy) => void (busy ? socket.ref() : socket.unref()),
    }
  },
  identity: ({ tls }) => tlsIdentity(tls),
}

function chosenVersion(protocol: string, versions: readonly HttpVersion[]): HttpVersion {
  return protocol !== 'h2' && versions.includes('1.1') ? '1.1' : '2'
}
