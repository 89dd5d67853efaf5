import { connect as connectTls } from 'node:tls'
import { buildSchema } from 'graphql/index.js'
import { type Client, createClient, makeServer } from 'graphql-ws'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as sync from 'y-protocols/sync'
import { messageSync, WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { makeCertificate } from '../../src/demo/certificate.ts'
import {
  type ConnectHandler,
  type HandledWebSocket,
  type Server,
  serve,
  sharedDialer,
  WebSocket,
  webSocket,
} from '../../src/runtime/node/index.ts'

/**
 * Libraries that were written for the WebSocket of browsers, unmodified, with ours in its place: over HTTP/2, on a port
 * where there is nothing else. Both find the class by its global name.
 */

/** The server's log: what each WebSocket came as. */
const log: string[] = []
let server: Server
let ca: string
const browsers = globalThis.WebSocket
const cleanup: (() => unknown)[] = []

beforeAll(async () => {
  const certificate = await makeCertificate('localhost')
  ca = certificate.ca
  const { key, cert } = certificate
  const paths: Record<string, ConnectHandler> = { '/graphql': graphql(), '/room': rooms() }
  server = await serve({
    host: '127.0.0.1',
    tls: { key, cert },
    http1: false,
    connect: {
      websocket: (request) => {
        const { stream, url } = request
        log.push(`HTTP/${stream.httpVersion} :protocol=${request.protocol} ${url.pathname} stream ${stream.id}`)
        return paths[url.pathname]!(request)
      },
    },
  })
  // Only what a page can't need: whom to trust.
  class TrustingWebSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { tls: { ca } })
    }
  }
  globalThis.WebSocket = TrustingWebSocket as unknown as typeof globalThis.WebSocket
})

afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo()
  log.length = 0
})

afterAll(async () => {
  globalThis.WebSocket = browsers
  await sharedDialer.close({ drain: 0 })
  await server.close({ drain: 0 })
})

/** The server of graphql-ws, on the WHATWG class. */
function graphql(): ConnectHandler {
  const schema = buildSchema('type Query { hello(name: String!): String } type Subscription { count(to: Int!): Int }')
  const roots = {
    query: { hello: ({ name }: { name: string }) => `hello ${name}` },
    subscription: {
      async *count({ to }: { to: number }) {
        for (let count = 1; count <= to; count++) yield { count }
      },
    },
  }
  const graphqlServer = makeServer({ schema, roots })
  return webSocket(
    (socket) => {
      const closed = graphqlServer.opened(
        {
          protocol: socket.protocol,
          send: (data) => socket.send(data),
          close: (code, reason) => socket.close(code, reason),
          onMessage: (take) => {
            socket.onmessage = ({ data }) => void take(String(data))
          },
        },
        {},
      )
      socket.onclose = ({ code, reason }) => void closed(code, reason)
    },
    { protocols: ['graphql-transport-ws'] },
  )
}

/** The server side of y-websocket's protocol, on a handler object: one document, and all who have it open. */
function rooms(): ConnectHandler {
  const doc = new Y.Doc()
  const open = new Set<HandledWebSocket>()
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    const message = encoding.createEncoder()
    encoding.writeVarUint(message, messageSync)
    sync.writeUpdate(message, update)
    for (const socket of open) if (socket !== origin) socket.send(encoding.toUint8Array(message))
  })
  return webSocket({
    open(socket) {
      open.add(socket)
      const message = encoding.createEncoder()
      encoding.writeVarUint(message, messageSync)
      sync.writeSyncStep1(message, doc)
      socket.send(encoding.toUint8Array(message))
    },
    message(socket, data) {
      const decoder = decoding.createDecoder(data as Uint8Array)
      if (decoding.readVarUint(decoder) !== messageSync) return
      const answer = encoding.createEncoder()
      encoding.writeVarUint(answer, messageSync)
      sync.readSyncMessage(decoder, answer, doc, socket)
      if (encoding.length(answer) > 1) socket.send(encoding.toUint8Array(answer))
    },
    close: (socket) => void open.delete(socket),
  })
}

const address = (): string => `wss://localhost:${server.address.port}`

describe('in place of the global WebSocket', () => {
  it('RFC 7301 §3.2: the port takes no HTTP/1.1', async () => {
    const socket = connectTls({ port: server.address.port, host: 'localhost', ca, ALPNProtocols: ['http/1.1'] })
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.on('error', resolve))
    expect(error.code).toBe('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL')
  })

  it('RFC 8441 §5: graphql-ws asks, subscribes, and closes', async () => {
    const client: Client = createClient({ url: `${address()}/graphql`, lazy: false, retryAttempts: 0 })
    cleanup.push(() => client.dispose())
    const results: unknown[] = []
    for await (const { data } of client.iterate({ query: '{ hello(name: "HTTP/2") }' })) results.push(data)
    for await (const { data } of client.iterate({ query: 'subscription { count(to: 3) }' })) results.push(data)
    expect(results).toEqual([{ hello: 'hello HTTP/2' }, { count: 1 }, { count: 2 }, { count: 3 }])
    expect(log).toEqual(['HTTP/2 :protocol=websocket /graphql stream 1'])
    const closed = new Promise((resolve) => client.on('closed', resolve))
    await client.dispose()
    expect(await closed).toMatchObject({ code: 1000, wasClean: true })
  })

  it('RFC 8441 §5: y-websocket brings two documents together, on streams of one connection', async () => {
    const docs = [new Y.Doc(), new Y.Doc()]
    for (const doc of docs) {
      const provider = new WebsocketProvider(address(), 'room', doc, { disableBc: true })
      cleanup.push(() => provider.destroy())
      await new Promise((resolve) => provider.once('sync', resolve))
    }
    const [near, far] = docs.map((doc) => doc.getText('text'))
    const arrived = new Promise((resolve) => far!.observe(() => far!.length === 20_005 && resolve(far!.toString())))
    near!.insert(0, 'hello')
    far!.insert(0, 'x'.repeat(10_000))
    near!.insert(near!.length, 'y'.repeat(10_000))
    await arrived
    await expect.poll(() => near!.toString()).toBe(far!.toString())
    expect(far!.toString()).toContain('hello')
    expect(log).toEqual([
      expect.stringMatching(/^HTTP\/2 :protocol=websocket \/room stream \d+$/),
      expect.stringMatching(/^HTTP\/2 :protocol=websocket \/room stream \d+$/),
    ])
    expect(server.sessions.size).toBe(1)
  })
})
