import { readFileSync } from 'node:fs'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DialedServer } from '../runtime/support/dialed-server.ts'
import { situations } from '../runtime/support/situations.ts'
import { type BrowserPeer, chromium, firefox, type OpenBrowser, openBrowser } from './peers/browsers.ts'
import { makeCertificate } from './support/certificate.ts'
import { describePeer } from './support/presence.ts'

/** docs/fallback.md says what the browsers do; here they do it, wherever a page of the same server can be loaded first. */

const file = readFileSync(new URL('../../docs/fallback.md', import.meta.url), 'utf8')
const rows = file
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| situation'))
  .map((line) => {
    const cells = line.slice(2).replace(/ \|$/, '').split(' | ')
    return { situation: cells[0] ?? '', columns: cells.slice(4) }
  })

/** `2` or `1.1` for a socket that opened, by what the server saw last; otherwise the code of its close event. */
async function outcome(page: Page, server: DialedServer): Promise<string> {
  const code = await page.evaluate(async (url: string) => {
    const socket = new WebSocket(url)
    return await new Promise<number>((resolve) => {
      socket.onopen = () => resolve(0)
      socket.onclose = (event) => resolve(event.code)
      setTimeout(() => resolve(-1), 10_000)
    })
  }, server.url)
  return code === 0 ? (server.tried.at(-1) ?? '') : String(code)
}

function suite(peer: BrowserPeer, column: number): void {
  let opened: OpenBrowser
  let certificate: Awaited<ReturnType<typeof makeCertificate>>
  beforeAll(async () => {
    certificate = await makeCertificate()
    opened = await openBrowser(peer)
  })
  afterAll(async () => {
    await opened?.close()
  })

  const played = rows.filter(({ columns }) => columns[column] !== '-')

  test('has a value wherever a page can be loaded first, and nowhere else', () => {
    const possible = situations.filter(({ server, client, before, after }) => {
      const special = client ?? before ?? after ?? server?.http2 ?? server?.port
      const alpn = server?.tlsOptions === undefined ? ['h2'] : server.tlsOptions.ALPNProtocols
      return special === undefined && server?.tls !== false && Array.isArray(alpn) && alpn.includes('h2')
    })
    expect(played.map(({ situation }) => situation).sort()).toEqual(possible.map(({ name }) => name).sort())
  })

  test.each(played)('$situation', async ({ situation, columns }) => {
    const server = await DialedServer.start(certificate, situations.find(({ name }) => name === situation)!.server)
    const { page } = await opened.open(new URL(server.url.replace('wss', 'https')))
    try {
      server.nextTime()
      const got = await outcome(page, server)
      expect(got).toBe(columns[column])
    } finally {
      await page.close()
      await server.close()
    }
  })
}

describePeer(chromium, 'and the column of docs/fallback.md that is about it', () => suite(chromium, 0))
describePeer(firefox, 'and the column of docs/fallback.md that is about it', () => suite(firefox, 1))
