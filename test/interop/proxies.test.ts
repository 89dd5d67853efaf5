import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Dialer } from 'hyperduct/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { apache, haproxy, hypercorn, lighttpd, nghttpx, type Proxied } from './peers/proxies.ts'
import { makeCertificate } from './support/certificate.ts'
import { flawless } from './support/exchange.ts'
import { temporaryFolder } from './support/folders.ts'
import { exchange } from './support/our-client.ts'
import { freePort, listening } from './support/ports.ts'
import { describePeer } from './support/presence.ts'
import { type Running, start } from './support/processes.ts'

// Our client against other people's servers for RFC 8441, most of them proxies before an echo by ws over HTTP/1.1.
let certificate: Awaited<ReturnType<typeof makeCertificate>>
let backend: Server

beforeAll(async () => {
  certificate = await makeCertificate()
  backend = createServer()
  const echo = new WebSocketServer({ server: backend, perMessageDeflate: { threshold: 0 } })
  echo.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })))
  backend.listen(0, '127.0.0.1')
  await once(backend, 'listening')
})
afterAll(() => {
  backend?.closeAllConnections()
  backend?.close()
})

function suite(proxy: Proxied): void {
  describePeer(proxy, 'as the server of our client', () => {
    const folder = temporaryFolder()
    let running: Running | undefined
    let dialer: Dialer
    let url: string

    beforeAll(async () => {
      const port = await freePort()
      const { port: backendPort } = backend.address() as AddressInfo
      const [command, ...args] = proxy.command({ folder: folder.path, port, backend: backendPort, ...certificate })
      running = start(command, args, { cwd: folder.path })
      await listening(port, running)
      url = `wss://localhost:${port}/echo`
      dialer = new Dialer({ defaults: { tls: { ca: certificate.ca } } })
    })
    afterAll(async () => {
      await dialer?.close({ drain: 0 })
      await running?.stop()
      folder.remove()
    })

    test('RFC 8441 §5: dial comes to HTTP/2, each message is echoed and the close answered', async () => {
      const socket = await dialer.dial(url)
      expect(socket.streamId).toBe(1)
      expect(await exchange(socket)).toEqual(flawless)
    })

    test('RFC 7692 §5: so it does when compression was offered', async () => {
      const socket = await dialer.dial(url, { http2: 'only', perMessageDeflate: { threshold: 0 } })
      console.log(`${proxy.name}: negotiated "${socket.extensions}"`)
      expect(['', 'permessage-deflate']).toContain(socket.extensions.split(';')[0])
      expect(await exchange(socket)).toEqual(flawless)
    })

    test('RFC 8441 §4: many at once, on one connection where it has room', async () => {
      const dedicated = !proxy.keepsConnection
      // None waits for all others to open: apache works on six streams of a connection until some of them have ended.
      const results = await Promise.all(
        Array.from({ length: 10 }, async () => {
          const socket = await dialer.dial(url, { http2: 'only', dedicated })
          return { streamId: socket.streamId, echoed: await exchange(socket) }
        }),
      )
      if (!dedicated) expect(new Set(results.map(({ streamId }) => streamId)).size).toBeGreaterThan(1)
      expect(results.map(({ echoed }) => echoed)).toEqual(results.map(() => flawless))
    })

    test('RFC 6455 §4.1: the Upgrade of HTTP/1.1 works there too', async () => {
      const socket = await dialer.dial(url, { http2: 'off', perMessageDeflate: true })
      expect(socket.streamId).toBeUndefined()
      expect(await exchange(socket)).toEqual(flawless)
    })
  })
}

for (const proxy of [haproxy, nghttpx, apache, lighttpd, hypercorn]) suite(proxy)
