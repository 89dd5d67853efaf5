// The contract over the raw TLS sockets of Bun and Deno, without their Node layer: `program CONFIG`, as `node.ts` is.
import * as pako from 'pako'
import type { OriginSession } from '../../../src/api/index.ts'
import {
  accept,
  type BunSocketHandlers,
  bunHandlers,
  connect,
  type DenoConn,
  denoTransport,
  pakoDeflate,
  webPlatform,
} from '../../../src/runtime/web/index.ts'
import type { ByteTransport } from '../../../src/transport/index.ts'
import type { Config, ContractConfig, ServeConfig } from '../contract/config.ts'
import { handlers } from '../contract/handlers.ts'
import { runContract } from '../contract/run.ts'

interface BunOptions {
  readonly hostname: string
  readonly port: number
  readonly allowHalfOpen: true
  readonly tls: object
  readonly socket: BunSocketHandlers
}
declare const Bun:
  | undefined
  | { connect(options: BunOptions): Promise<unknown>; listen(options: BunOptions): { readonly port: number } }

interface TlsConn extends DenoConn {
  handshake(): Promise<{ readonly alpnProtocol: string | null }>
}
declare const Deno: {
  connectTls(options: object): Promise<TlsConn>
  listenTls(options: object): AsyncIterable<TlsConn> & { readonly addr: { readonly port: number } }
}

const config = JSON.parse(process.argv.at(-1)!) as Config
const platform = { ...webPlatform, deflate: pakoDeflate(pako) }
const hostname = 'localhost'

function requireH2(protocol: string | false | null | undefined): void {
  if (protocol !== 'h2') throw new Error(`ALPN chose ${protocol}`)
}

async function dial(url: string, ca: string): Promise<OriginSession> {
  const port = Number(new URL(url).port)
  const over = (transport: ByteTransport): OriginSession => connect(transport, { origin: url, platform })
  if (typeof Bun === 'undefined') {
    const conn = await Deno.connectTls({ hostname, port, caCerts: [ca], alpnProtocols: ['h2'] })
    requireH2((await conn.handshake()).alpnProtocol)
    return over(denoTransport(conn))
  }
  return new Promise((resolve, reject) => {
    const ready = (
      transport: ByteTransport,
      { alpnProtocol }: { readonly alpnProtocol?: string | false | null },
    ): void => {
      requireH2(alpnProtocol)
      resolve(over(transport))
    }
    const socket = bunHandlers(ready, { tls: true })
    const tls = { ca, ALPNProtocols: '\x02h2', serverName: hostname }
    Bun.connect({ hostname, port, allowHalfOpen: true, tls, socket }).catch(reject)
  })
}

/** Serves one connection, and logs how each stream was asked for. */
function serveOver(transport: ByteTransport): void {
  accept(transport, {
    ...handlers,
    platform,
    onStream(stream) {
      for (const { name, value } of stream.fields) if (name === ':protocol') console.log(`:protocol ${value}`)
      return handlers.onStream(stream)
    },
    onError: () => undefined,
  })
}

function listen({ key, cert }: ServeConfig): number {
  if (typeof Bun !== 'undefined') {
    const tls = { key, cert, ALPNProtocols: '\x02h2' }
    const socket = bunHandlers(serveOver, { tls: true })
    return Bun.listen({ hostname, port: 0, allowHalfOpen: true, tls, socket }).port
  }
  const listener = Deno.listenTls({ hostname, port: 0, key, cert, alpnProtocols: ['h2'] })
  const acceptAll = async (): Promise<void> => {
    for await (const conn of listener) {
      conn.handshake().then(
        () => serveOver(denoTransport(conn)),
        () => conn.close(),
      )
    }
  }
  void acceptAll()
  return listener.addr.port
}

async function contract({ servers, ca }: ContractConfig): Promise<void> {
  const links = servers.map(({ link, url }) => ({ name: link, open: () => dial(url, ca) }))
  await runContract(links, {}, (result) => console.log(JSON.stringify(result)))
  process.exit()
}

if (config.mode === 'contract') await contract(config)
else console.log(JSON.stringify({ tls: `https://localhost:${listen(config)}/` }))
