import { statSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeEventOf, exchangeInPage, extensionsInPage, protocolOfPage, welcomeInPage } from './peers/browser-page.ts'
import { type BrowserPeer, chromium, firefox, type OpenBrowser, openBrowser } from './peers/browsers.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { echoPaths, flawless } from './support/exchange.ts'
import { artifact } from './support/folders.ts'
import { describePeer } from './support/presence.ts'

// The page comes first: Chromium opens WebSockets on HTTP/2 only where a connection to the origin exists already.
function browserTests(peer: BrowserPeer): void {
  let demo: Demo
  let opened: OpenBrowser
  beforeAll(async () => {
    demo = await startDemo()
    opened = await openBrowser(peer)
  })
  afterAll(async () => {
    await opened?.close()
    await demo?.stop()
  })

  test('the page arrives over HTTP/2 and complains of nothing', async () => {
    const { page, complaints } = await opened.open(demo.url)
    expect(await protocolOfPage(page)).toBe('h2')
    // Time for its sockets to open and to show something.
    await page.waitForNetworkIdle({ idleTime: 300 }).catch(() => {})
    const file = artifact(`demo-page-${peer.name.toLowerCase()}.png`) as `${string}.png`
    await page.screenshot({ path: file, fullPage: true })
    expect(statSync(file).size).toBeGreaterThan(1000)
    expect(complaints).toEqual([])
    await page.close()
  })

  for (const path of echoPaths) {
    test(`RFC 8441 §5: ${path} echoes all messages and closes cleanly with code and reason`, async () => {
      const { page, complaints } = await opened.open(demo.url)
      expect(await exchangeInPage(page, path)).toEqual(flawless)
      expect(complaints).toEqual([])
      await page.close()
    })
  }

  test('RFC 7692 §5: what it negotiates is compression as offered', async () => {
    const { page } = await opened.open(demo.url)
    const extensions = await extensionsInPage(page, '/echo')
    console.log(`${peer.name}: negotiated "${extensions}"`)
    expect(extensions.split(';')[0]).toBe('permessage-deflate')
    await page.close()
  })

  test('RFC 8441 §4: WebSockets of the page run side by side, on streams of the one connection', async () => {
    const { page } = await opened.open(demo.url)
    const runs = await Promise.all([0, 1, 2, 3].map((i) => exchangeInPage(page, echoPaths[i % 2] ?? '')))
    expect(runs).toEqual(runs.map(() => flawless))
    const [first, second] = await Promise.all([welcomeInPage(page, '/chat'), welcomeInPage(page, '/chat')])
    // Only a stream id of HTTP/2 can be odd, above 1, and another one each time. RFC 9113 §5.1.1.
    expect(first).toMatchObject({ type: 'welcome', protocol: 'websocket', connection: second.connection })
    expect([first.stream % 2, second.stream % 2]).toEqual([1, 1])
    expect(first.stream).not.toBe(second.stream)
    expect(Math.min(first.stream, second.stream)).toBeGreaterThan(1)
    await page.close()
  })

  test('RFC 8441 §4: a WebSocket to an unknown path fails, and the next one opens', async () => {
    const { page } = await opened.open(demo.url)
    expect(await closeEventOf(page, '/nowhere')).toEqual({ code: 1006, wasClean: false })
    expect(await exchangeInPage(page, '/echo')).toEqual(flawless)
    await page.close()
  })
}

describePeer(chromium, 'against our server', () => browserTests(chromium))
describePeer(firefox, 'against our server', () => browserTests(firefox))
