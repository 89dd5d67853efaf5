import { request as httpsRequest } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket as WsSocket } from 'ws'
import { exchangeInPage, protocolOfPage, verdictOfPage, welcomeInPage } from './peers/browser-page.ts'
import { type BrowserPeer, chromium, firefox, type OpenBrowser, openBrowser } from './peers/browsers.ts'
import { curl, fetchWithCurl } from './peers/curl.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { echoPaths, flawless } from './support/exchange.ts'
import { binaryOf, bodyLengths } from './support/payloads.ts'
import { describePeer } from './support/presence.ts'

// HTTP/1.1 beside HTTP/2: the same two ports, and clients that take the older version or know no other.
let tls: Demo
let clear: Demo
beforeAll(async () => {
  tls = await startDemo()
  clear = await startDemo({ h2c: true })
})
afterAll(async () => {
  await Promise.all([tls?.stop(), clear?.stop()])
})

const transports = [
  { transport: 'in clear', demo: () => clear },
  { transport: 'TLS', demo: () => tls },
]

describePeer(curl, 'against our server, over HTTP/1.1', () => {
  for (const { transport, demo } of transports) {
    test.each(bodyLengths)(`RFC 9112 §6.3: %i bytes come, and come back (${transport})`, async (length) => {
      const { url, ca } = demo()
      const brought = await fetchWithCurl(new URL(`/bytes/${length}`, url), ca?.path, undefined, '--http1.1')
      expect({ ...brought, body: brought.body.length }).toMatchObject({ status: 200, httpVersion: '1.1', body: length })
      const sent = Buffer.from(binaryOf(length))
      const echoed = await fetchWithCurl(new URL('/echo', url), ca?.path, sent, '--http1.1')
      expect(echoed).toMatchObject({ status: 200, httpVersion: '1.1' })
      expect(echoed.body.equals(sent)).toBe(true)
    })
  }

  test('RFC 9113 §3.1: an offer to go on in h2c is no reason not to answer', async () => {
    const answer = await fetchWithCurl(new URL('/hello', clear.url), undefined, undefined, '--http2')
    expect(answer).toMatchObject({ status: 200, httpVersion: '1.1' })
  })
})

describe('Node itself, against our server, over HTTP/1.1', () => {
  test('RFC 9112 §7.1: fetch streams both ways', async () => {
    const sent = binaryOf(1_000_000)
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < sent.length; at += 50_000) controller.enqueue(sent.slice(at, at + 50_000))
        controller.close()
      },
    })
    const response = await fetch(new URL('/echo', clear.url), { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(sent))).toBe(true)
  })

  test('RFC 7301 §3.2: node:https, which offers nothing, is answered', async () => {
    const status = await new Promise((resolve, reject) => {
      const request = httpsRequest(new URL('/hello', tls.url), { ca: tls.ca!.pem }, (response) => {
        response.resume()
        resolve(`${response.httpVersion} ${response.statusCode}`)
      })
      request.on('error', reject).end()
    })
    expect(status).toBe('1.1 200')
  })
})

describe('ws, against our server, over HTTP/1.1', () => {
  for (const { transport, demo } of transports) {
    test.each(echoPaths)(`RFC 6455 §5.6: %s echoes, compressed and not (${transport})`, async (path) => {
      for (const perMessageDeflate of [true, false]) {
        const { url, ca } = demo()
        const socket = new WsSocket(new URL(path, url.href.replace('http', 'ws')), {
          perMessageDeflate,
          ...(ca && { ca: ca.pem }),
        })
        await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
        expect(socket.extensions !== '').toBe(perMessageDeflate)
        for (const length of bodyLengths) {
          const sent = Buffer.from(binaryOf(length))
          socket.send(sent)
          expect(sent.equals((await new Promise((resolve) => socket.once('message', resolve))) as Buffer)).toBe(true)
        }
        socket.close(4000, 'done')
        expect(await new Promise((resolve) => socket.on('close', (code, why) => resolve(`${code} ${why}`)))).toBe(
          '4000 done',
        )
      }
    })
  }
})

// Browsers speak HTTP/2 over TLS alone: a page in clear, and all its sockets, take HTTP/1.1.
function browserTests(peer: BrowserPeer): void {
  let opened: OpenBrowser
  beforeAll(async () => {
    opened = await openBrowser(peer)
  })
  afterAll(() => opened?.close())

  test('the page works over HTTP/1.1, says so, and complains of nothing', async () => {
    const { page, complaints } = await opened.open(clear.url)
    expect(await protocolOfPage(page)).toBe('http/1.1')
    expect(await verdictOfPage(page)).toMatch(/^This page came over HTTP\/1\.1, .* over TLS alone, and this is http:/)
    expect(complaints).toEqual([])
    await page.close()
  })

  test('RFC 6455 §4.2.2: WebSockets open by Upgrade and echo, each on a connection of its own', async () => {
    const { page, complaints } = await opened.open(clear.url)
    for (const path of echoPaths) expect(await exchangeInPage(page, path)).toEqual(flawless)
    const [one, two] = await Promise.all([welcomeInPage(page, '/chat'), welcomeInPage(page, '/chat')])
    expect([one.version, two.version]).toEqual(['1.1', '1.1'])
    expect(one.connection).not.toBe(two.connection)
    expect(complaints).toEqual([])
    await page.close()
  })
}

describePeer(chromium, 'against our server in clear', () => browserTests(chromium))
describePeer(firefox, 'against our server in clear', () => browserTests(firefox))
