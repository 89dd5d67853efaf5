import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { haproxyClient, nghttpxClient, type ProxyClient } from './peers/proxy-clients.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { type Exchange, echoPaths, flawless } from './support/exchange.ts'
import { temporaryFolder } from './support/folders.ts'
import { binaryOf, closing, messages, textOf } from './support/payloads.ts'
import { freePort, listening } from './support/ports.ts'
import { describePeer } from './support/presence.ts'
import { type Running, start } from './support/processes.ts'

// Other people's clients for RFC 8441: an Upgrade by ws goes into a proxy, an extended CONNECT comes out to our server.
let h2: Demo
let h2c: Demo
beforeAll(async () => {
  h2 = await startDemo({ flags: ['--no-http1'] })
  h2c = await startDemo({ h2c: true, flags: ['--no-http1'] })
})
afterAll(async () => {
  await Promise.all([h2?.stop(), h2c?.stop()])
})

async function next(socket: WebSocket): Promise<{ data: Buffer; isBinary: boolean }> {
  const [data, isBinary] = await once(socket, 'message')
  return { data, isBinary }
}

async function exchange(socket: WebSocket): Promise<Exchange> {
  const echoes: Exchange['echoes'][number][] = []
  for (const { kind, length } of messages) {
    const sent = kind === 'text' ? textOf(length) : binaryOf(length)
    const answer = next(socket)
    socket.send(sent)
    const { data, isBinary } = await answer
    const exact = isBinary === (kind === 'binary') && data.equals(Buffer.from(sent as Uint8Array))
    echoes.push({ kind: isBinary ? 'binary' : 'text', length: data.length, exact })
  }
  const closed = once(socket, 'close')
  socket.close(closing.code, closing.reason)
  const [code, reason] = await closed
  // The class of ws has no word for it: a Close that was answered is one whose code came back.
  return { echoes, close: { code, reason: String(reason), clean: code === closing.code } }
}

function suite(proxy: ProxyClient): void {
  const cases = [
    { transport: 'TLS', demo: () => h2 },
    { transport: 'h2c', demo: () => h2c },
  ]
  for (const { transport, demo } of cases) {
    describePeer(proxy, `as the client of our server (${transport})`, () => {
      const folder = temporaryFolder()
      let running: Running | undefined
      let origin: string

      beforeAll(async () => {
        const port = await freePort()
        const place = { folder: folder.path, port, backend: Number(demo().url.port), tls: transport === 'TLS' }
        const [command, ...args] = proxy.command(place)
        running = start(command, args, { cwd: folder.path })
        await listening(port, running)
        origin = `ws://127.0.0.1:${port}`
      })
      afterAll(async () => {
        await running?.stop()
        folder.remove()
      })

      const open = async (path: string, perMessageDeflate: boolean): Promise<WebSocket> => {
        const socket = new WebSocket(`${origin}${path}`, { perMessageDeflate })
        await once(socket, 'open')
        return socket
      }

      test('RFC 8441 §4: the server sees an extended CONNECT over HTTP/2', async () => {
        const socket = new WebSocket(`${origin}/chat`)
        const { data } = await next(socket)
        const { version, protocol, stream } = JSON.parse(data.toString())
        console.log(`${proxy.name} (${transport}): HTTP/${version}, :protocol ${protocol}, stream ${stream}`)
        expect({ version, protocol }).toEqual({ version: '2', protocol: 'websocket' })
        const closed = once(socket, 'close')
        socket.close()
        await closed
      })

      test.each(echoPaths)(
        'RFC 8441 §5: %s echoes all messages and answers the close, compressed or not',
        async (path) => {
          for (const perMessageDeflate of [false, true]) {
            const socket = await open(path, perMessageDeflate)
            console.log(`${proxy.name} (${transport}) ${path}: negotiated "${socket.extensions}"`)
            expect(socket.extensions).toBe(perMessageDeflate ? 'permessage-deflate' : '')
            expect(await exchange(socket)).toEqual(flawless)
          }
        },
      )

      test('RFC 8441 §4: ten at once', async () => {
        const sockets = await Promise.all(Array.from({ length: 10 }, () => open('/echo', true)))
        expect(await Promise.all(sockets.map(exchange))).toEqual(sockets.map(() => flawless))
      })
    })
  }
}

for (const proxy of [haproxyClient, nghttpxClient]) suite(proxy)
