import { connect } from 'hyperduct/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeHttp2 } from './peers/node-http2-client.ts'
import { type ReferenceServer, startReferenceServer } from './peers/node-http2-server.ts'
import { makeCertificate } from './support/certificate.ts'
import { echoPaths, flawless } from './support/exchange.ts'
import { exchange } from './support/our-client.ts'
import { binaryOf, bodyLengths } from './support/payloads.ts'
import { describePeer } from './support/presence.ts'

// Our client against other people's server: node:http2 does the connection, ws the frames of the WebSockets.
let h2: ReferenceServer
let h2c: ReferenceServer
let ca: string
beforeAll(async () => {
  const certificate = await makeCertificate()
  ca = certificate.ca
  h2 = await startReferenceServer({ tls: certificate })
  h2c = await startReferenceServer()
})
afterAll(async () => {
  await Promise.all([h2?.close(), h2c?.close()])
})

const transports = [
  { transport: 'h2c', dial: () => connect(h2c.url) },
  { transport: 'TLS', dial: () => connect(h2.url, { tls: { ca } }) },
]

describePeer(nodeHttp2, 'server with ws framing, our client', () => {
  for (const { transport, dial } of transports) {
    test(`RFC 8441 §5: each message is echoed and the close answered (${transport})`, async () => {
      const session = await dial()
      try {
        for (const path of echoPaths) {
          const socket = await session.webSocket(path, { perMessageDeflate: true })
          console.log(`node:http2 and ws (${transport}) ${path}: negotiated "${socket.extensions}"`)
          expect(await exchange(socket)).toEqual(flawless)
        }
      } finally {
        await session.close()
      }
    })

    for (const length of bodyLengths) {
      test(`RFC 9113 §8.1: our fetch gets ${length} bytes and posts as many (${transport})`, async () => {
        const session = await dial()
        try {
          const got = await session.fetch(`/bytes/${length}`)
          expect(got.status).toBe(200)
          expect((await got.arrayBuffer()).byteLength).toBe(length)
          const sent = Buffer.from(binaryOf(length))
          const echo = await session.fetch('/echo', { method: 'POST', body: binaryOf(length) as BodyInit })
          expect(echo.status).toBe(200)
          expect(Buffer.from(await echo.arrayBuffer()).equals(sent)).toBe(true)
        } finally {
          await session.close()
        }
      })
    }
  }

  test('RFC 8441 §4: many WebSockets run side by side on one connection', async () => {
    const session = await connect(h2c.url)
    try {
      const runs = Array.from({ length: 8 }, async () => exchange(await session.webSocket('/echo')))
      expect(await Promise.all(runs)).toEqual(runs.map(() => flawless))
    } finally {
      await session.close()
    }
  })

  test('RFC 8441 §3: without the setting a WebSocket is refused on our side, and the connection goes on', async () => {
    const plain = await startReferenceServer({ enableConnectProtocol: false })
    const session = await connect(plain.url)
    try {
      await expect(session.webSocket('/echo')).rejects.toMatchObject({ reason: 'not-supported' })
      expect((await session.fetch('/hello')).status).toBe(200)
    } finally {
      await session.close()
      await plain.close()
    }
  })

  test('RFC 8441 §4: a WebSocket to an unknown path fails with the status, and the connection goes on', async () => {
    const session = await connect(h2c.url)
    try {
      await expect(session.webSocket('/nowhere')).rejects.toMatchObject({ reason: 'status', status: 404 })
      expect(await (await session.fetch('/hello')).text()).toBe('hello world')
    } finally {
      await session.close()
    }
  })
})
