import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { ErrorCode } from '../../src/errors/index.ts'
import {
  ClientSession,
  type ClientStream,
  type Exchange,
  joinTcp,
  nodePlatform,
  nodeTransport,
  openTunnel,
  serve,
  tcpProxy,
} from '../../src/runtime/node/index.ts'
import { text, until, utf8 } from './pair.ts'

const page = readFileSync(fileURLToPath(new URL('../../docs/tunnels.md', import.meta.url)), 'utf8')
type Kind = 'websocket' | 'CONNECT'

interface Row {
  readonly side: string
  readonly act: string
  readonly outcome: Readonly<Record<Kind, string>>
}

/** The rows of the table in docs/tunnels.md. */
const rows: Row[] = [...page.matchAll(/^\| (client|server) +\|([^|]+)\|([^|]+)\|([^|]+)\|$/gm)].map((match) => {
  const [side, act, websocket, plain] = match.slice(1).map((cell) => cell.trim())
  return { side: side!, act: act!, outcome: { websocket: websocket!, CONNECT: plain! } }
})

const cleanup: (() => unknown)[] = []
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end()
})

/** A Close frame with 1000, masked with zeros as a client has to, or bare as a server. */
const CLOSE = { client: Uint8Array.of(0x88, 0x82, 0, 0, 0, 0, 3, 232), server: Uint8Array.of(0x88, 2, 3, 232) }

/** What one end has seen. */
interface Seen {
  bytes: string
  ended: boolean
  /** The code of RST_STREAM, or `TCP RST`. */
  reset: string | undefined
}

/** A client and a TCP target with a tunnel between them, and another stream beside it. */
interface Scene {
  readonly tunnel: ClientStream
  readonly session: ClientSession
  readonly socket: Socket
  readonly target: Socket
  readonly exchange: Exchange
  readonly client: Seen
  readonly server: Seen
}

async function scene(kind: Kind): Promise<Scene> {
  const client: Seen = { bytes: '', ended: false, reset: undefined }
  const seen: Seen = { bytes: '', ended: false, reset: undefined }
  const listener = createServer({ allowHalfOpen: true })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  cleanup.push(() => listener.close())
  const accepted = once(listener, 'connection') as Promise<[Socket]>

  let exchange!: Exchange
  const proxy = tcpProxy({ allow: ({ host }) => host === '127.0.0.1' })
  const server = await serve({
    host: '127.0.0.1',
    fetch: () => new Response('still here'),
    connect: {
      websocket: async ({ stream }) => {
        const socket = connectTcp({ host: '127.0.0.1', port, allowHalfOpen: true })
        await once(socket, 'connect')
        stream.respond([{ name: ':status', value: '200' }])
        joinTcp(stream, socket, { resetCode: ErrorCode.CANCEL })
      },
    },
    proxy,
    onStream: (stream) => {
      if (stream.fields[0]?.value === 'CONNECT') exchange = stream
      return false
    },
    onError: () => undefined,
  })
  cleanup.push(() => server.close({ drain: 0 }))
  const socket = connectTcp({ host: '127.0.0.1', port: server.address.port, allowHalfOpen: true })
  await once(socket, 'connect')
  const session = new ClientSession(nodeTransport(socket), { platform: nodePlatform })
  cleanup.push(() => session.abort())
  const authority = `127.0.0.1:${port}`
  const tunnel = await openTunnel(
    session,
    kind === 'CONNECT' ? { authority } : { authority, protocol: 'websocket', path: '/', scheme: 'http' },
  )
  tunnel.onData = (data, endStream) => {
    client.bytes += text(data)
    client.ended ||= endStream
  }
  tunnel.onReset = ({ code }) => {
    client.reset = code === ErrorCode.CANCEL ? 'CANCEL' : code === ErrorCode.CONNECT_ERROR ? 'CONNECT_ERROR' : `${code}`
  }
  const [target] = await accepted
  cleanup.push(() => target.destroy())
  target.on('data', (chunk) => {
    seen.bytes += text(chunk)
  })
  target.on('end', () => {
    seen.ended = true
  })
  target.on('error', (error: NodeJS.ErrnoException) => {
    seen.reset = error.code === 'ECONNRESET' ? 'TCP RST' : error.code
  })
  return { tunnel, session, socket, target, exchange, client, server: seen }
}

const acts: Record<string, (scene: Scene) => void> = {
  'client END_STREAM': ({ tunnel }) => tunnel.end(),
  'client RST_STREAM CANCEL': ({ tunnel }) => tunnel.reset(),
  'client RST_STREAM CONNECT_ERROR': ({ tunnel }) => tunnel.reset(ErrorCode.CONNECT_ERROR),
  'client FIN of its connection': ({ socket }) => void socket.end(),
  'client RST of its connection': ({ socket }) => void socket.resetAndDestroy(),
  'client Close frame, END_STREAM': ({ tunnel }) => tunnel.end(CLOSE.client),
  'server END_STREAM': ({ exchange }) => exchange.end(),
  'server RST_STREAM CANCEL': ({ exchange }) => exchange.reset(),
  'server RST_STREAM CONNECT_ERROR': ({ exchange }) => exchange.reset(ErrorCode.CONNECT_ERROR),
  'server FIN of its connection': ({ target }) => void target.end(),
  'server RST of its connection': ({ target }) => void target.resetAndDestroy(),
  'server Close frame, FIN': ({ target }) => void target.end(CLOSE.server),
}

/** What the table's words mean for the side that did not act. */
async function check(outcome: string, scene: Scene, side: string, before: string): Promise<void> {
  const { client, server, tunnel, target, session } = scene
  const other = side === 'client' ? server : client
  if (outcome === 'TCP RST' || outcome.startsWith('RST_STREAM')) {
    await until(() => other.reset !== undefined)
    expect([other.reset, other.ended]).toEqual([outcome.replace('RST_STREAM ', ''), false])
    return
  }
  await until(() => other.ended)
  const close = side === 'client' ? CLOSE.client : CLOSE.server
  expect(other.bytes).toBe(before + (outcome.startsWith('bytes') ? text(close) : ''))
  // The other direction flows on, as much as it likes, and ends in its own time.
  const more = 'x'.repeat(100_000)
  if (side === 'client') target.end(more)
  else tunnel.end(utf8(more))
  const first = side === 'client' ? client : server
  await until(() => first.ended)
  expect(first.bytes).toBe(before + more)
  await until(() => session.streamCount === 0)
  expect([client.reset, server.reset]).toEqual([undefined, undefined])
}

describe('docs/tunnels.md, who hears what', () => {
  it('has a row for each side and each thing it can do', () => {
    expect(rows.map(({ side, act }) => `${side} ${act}`)).toEqual(Object.keys(acts))
  })

  const cells = rows.flatMap((row) =>
    (['websocket', 'CONNECT'] as const).flatMap((kind) =>
      ['before', 'after'].map((when) => [row.side, row.act, when, kind, row.outcome[kind]] as const),
    ),
  )

  it.each(cells)('RFC 9113 §8.5: %s %s, %s data, in a tunnel of %s: %s', async (side, act, when, kind, expected) => {
    const made = await scene(kind)
    let before = ''
    if (when === 'after') {
      before = 'hello'
      made.tunnel.write(utf8(before))
      made.target.write(before)
      await until(() => made.client.bytes === before && made.server.bytes === before)
    }
    acts[`${side} ${act}`]!(made)
    await check(expected, made, side, before)
    if (side === 'client' && act.endsWith('of its connection')) return
    // RFC 9113 §5.4.2: what befalls a tunnel befalls no other stream.
    const fields = [
      { name: ':method', value: 'GET' },
      { name: ':scheme', value: 'http' },
      { name: ':authority', value: 'localhost' },
      { name: ':path', value: '/' },
    ]
    const stream = await made.session.request(fields, { endStream: true })
    expect((await stream.response())[0]!.value).toBe('200')
  })
})
