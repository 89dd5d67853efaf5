import { afterEach, describe, expect, it } from 'vitest'
import { connect, serve, sharedDialer, WebSocketStream, webSocketStream } from '../../src/runtime/node/index.ts'

const cleanup: (() => unknown)[] = []
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end()
  await sharedDialer.close({ drain: 0 })
})

/** A server that echoes message by message, and says what it was that carried them. */
async function echo() {
  const versions: string[] = []
  const server = await serve({
    host: '127.0.0.1',
    connect: {
      websocket: webSocketStream(
        async (socket, { stream }) => {
          versions.push(stream.httpVersion)
          const { readable, writable } = await socket.opened
          await readable.pipeTo(writable)
        },
        { protocols: ['echo'], perMessageDeflate: { threshold: 0 }, keepAlive: { interval: 10, timeout: 10_000 } },
      ),
    },
  })
  cleanup.push(() => server.close({ drain: 0 }))
  return { server, versions }
}

async function talk(socket: WebSocketStream): Promise<void> {
  const { writable, protocol, extensions } = await socket.opened
  expect([protocol, extensions]).toEqual(['echo', 'permessage-deflate'])
  const writer = writable.getWriter()
  const messages = socket[Symbol.asyncIterator]()
  for (const message of ['hello', 'ü'.repeat(1000), new Uint8Array(5000)]) {
    await writer.write(message)
    expect((await messages.next()).value).toEqual(message)
  }
  socket.close({ closeCode: 3000, reason: 'done' })
  expect((await messages.next()).done).toBe(true)
  expect(await socket.closed).toEqual({ closeCode: 3000, reason: 'done' })
}

describe('a WebSocket as streams, over sockets', () => {
  it('RFC 6455 §4: new WebSocketStream dials, here by the Upgrade of HTTP/1.1', async () => {
    const { server, versions } = await echo()
    const socket = new WebSocketStream(`ws://127.0.0.1:${server.address.port}/`, {
      protocols: ['echo'],
      perMessageDeflate: true,
    })
    await talk(socket)
    expect(versions).toEqual(['1.1'])
    expect(() => new WebSocketStream('ftp://x')).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
  })

  it('RFC 8441 §5: a session opens one on its connection', async () => {
    const { server, versions } = await echo()
    const session = await connect(server.url)
    cleanup.push(() => session.close({ drain: 0 }))
    const socket = await session.webSocketStream('/', { protocols: ['echo'], perMessageDeflate: true })
    expect(socket).toBeInstanceOf(WebSocketStream)
    await talk(socket)
    expect(versions).toEqual(['2'])
  })
})
