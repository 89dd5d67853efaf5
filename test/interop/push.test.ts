import { createServer, type Http2Server } from 'node:http2'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodePlatform } from '../../src/runtime/node/platform.ts'
import { nodeTransport } from '../../src/runtime/node/transport.ts'
import { ClientSession, type ClientSessionOptions, type ClientStream } from '../../src/session/index.ts'
import { readText } from '../session/support/pair.ts'
import { nodeHttp2 } from './peers/node-http2-client.ts'
import { describePeer } from './support/presence.ts'

// Our client takes what the server of node:http2 pushes. RFC 9113 §8.4
let server: Http2Server
const large = 'x'.repeat(300_000)

beforeAll(async () => {
  server = createServer()
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {}) // a cancelled push is no fault of this server's
    if (!stream.pushAllowed) {
      stream.respond({ ':status': 200 })
      stream.end('no push')
      return
    }
    for (const path of ['/style.css', '/script.js']) {
      stream.pushStream({ ':path': path }, (error, pushed) => {
        if (error) throw error
        pushed.on('error', () => {})
        pushed.respond({ ':status': 200, 'x-path': path })
        pushed.end(path + large)
      })
    }
    stream.respond({ ':status': 200 })
    stream.end(`page ${headers[':path']}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())))

async function session(options: Partial<ClientSessionOptions>): Promise<ClientSession> {
  const socket: Socket = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true })
  return new ClientSession(nodeTransport(socket), { platform: nodePlatform, ...options })
}

const page = [
  { name: ':method', value: 'GET' },
  { name: ':scheme', value: 'http' },
  { name: ':authority', value: 'localhost' },
  { name: ':path', value: '/index.html' },
]

describePeer(nodeHttp2, 'server that pushes, our client', () => {
  test('RFC 9113 §8.4: pushed streams arrive with their requests, flow-controlled, and one of them is refused', async () => {
    const client = await session({ enablePush: true })
    try {
      const stream = await client.request(page, { endStream: true })
      const pushed: ClientStream[] = []
      stream.onPush = (push) => {
        if (push.promised!.some(({ name, value }) => name === ':path' && value === '/script.js')) push.reset()
        else pushed.push(push)
      }
      expect(await readText(stream)).toBe('page /index.html')
      expect(pushed).toHaveLength(1)
      const [push] = pushed
      expect(push!.promised).toContainEqual({ name: ':path', value: '/style.css', sensitive: false })
      expect((await push!.response()).find(({ name }) => name === 'x-path')?.value).toBe('/style.css')
      expect(await readText(push!)).toBe(`/style.css${large}`)
      const again = await client.request(page, { endStream: true }) // unclaimed pushes harm nothing
      expect(await readText(again)).toBe('page /index.html')
      expect(client.state).toBe('open')
    } finally {
      await client.close()
    }
    expect(client.error).toBeUndefined()
  })

  test('RFC 9113 §8.4: a server is told that it may not push, and obeys', async () => {
    const client = await session({})
    try {
      expect(await readText(await client.request(page, { endStream: true }))).toBe('no push')
    } finally {
      await client.close()
    }
  })
})
