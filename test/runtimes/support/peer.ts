import { once } from 'node:events'
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { WebSocketServer, type WebSocket as WsSocket } from 'ws'
import { nodePlatform, nodeTransport, serve } from '../../../src/runtime/node/index.ts'
import { accept } from '../../../src/runtime/web/index.ts'
import type { ContractConfig, ServerAddress } from '../contract/config.ts'
import { handlers } from '../contract/handlers.ts'
import type { Runtime } from './runtimes.ts'

/** The servers that every runtime connects to: one in clear, two with TLS, and a relay for pages. */
export interface ContractPeer {
  /** The config of a runtime's run of the contract. */
  config(runtime: Runtime): ContractConfig
  close(): Promise<void>
}

export interface Identity {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

const onError = (): void => undefined

export async function startPeer({ ca, cert, key }: Identity): Promise<ContractPeer> {
  const tcp = await serve({ ...handlers, host: '127.0.0.1', onError })
  const tls = await serve({ ...handlers, host: '127.0.0.1', onError, tls: { key, cert } })
  const blind = await listening(blindTls(cert, key))
  const relay = await relayTo(tcp.address.port)
  return {
    config({ kind }) {
      const clear: ServerAddress = { link: 'TCP', url: tcp.url, ...(kind === 'page' ? { relay: relay.url } : {}) }
      const url = kind === 'workerd' ? `https://localhost:${portOf(blind)}/` : tls.url
      return { mode: 'contract', own: true, ca, servers: [clear, { link: 'TLS', url }] }
    },
    async close() {
      relay.close()
      blind.close()
      await Promise.all([tcp.close({ drain: 100 }), tls.close({ drain: 100 })])
    },
  }
}

/** A server with TLS that speaks HTTP/2 to everybody, without ALPN: for a client that has none. RFC 9113 §3.2. */
function blindTls(cert: string, key: string): Server {
  return createTlsServer({ cert, key, allowHalfOpen: true } as object, (socket) => {
    accept(nodeTransport(socket), { ...handlers, platform: nodePlatform, onError })
  })
}

async function listening(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = await listening(createTcpServer())
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

/** Passes the binary messages of each WebSocket on to a TCP connection of its own, and back. */
export async function relayTo(port: number): Promise<{ readonly url: string; close(): void }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  await once(server, 'listening')
  server.on('connection', (socket: WsSocket) => {
    const tcp = connectTcp({ host: '127.0.0.1', port })
    socket.on('message', (data: Buffer) => void tcp.write(data))
    tcp.on('data', (chunk) => socket.send(chunk))
    tcp.on('error', onError).on('close', () => socket.close())
    socket.on('error', onError).on('close', () => tcp.end())
  })
  const close = (): void => {
    for (const client of server.clients) client.terminate()
    server.close()
  }
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, close }
}
