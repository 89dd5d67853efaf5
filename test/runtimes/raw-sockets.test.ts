import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../src/runtime/node/index.ts'
import { chromium, openBrowser } from '../interop/peers/browsers.ts'
import { makeCertificate } from '../interop/support/certificate.ts'
import { temporaryFolder } from '../interop/support/folders.ts'
import { describePeer } from '../interop/support/presence.ts'
import type { Result } from './contract/case.ts'
import { cases, runContract } from './contract/run.ts'
import { type Identity, startPeer } from './support/peer.ts'
import { programs } from './support/runtimes.ts'
import { contractIn, type Listening, listenIn } from './support/start.ts'

const failures = (results: readonly Result[]): unknown[] =>
  results.filter(({ outcome }) => outcome !== 'passed').map(({ name, message }) => [name, message])

let identity: Identity
const folder = temporaryFolder()

beforeAll(async () => {
  identity = await makeCertificate()
})
afterAll(() => folder.remove())

/** In the page: echoes a text and then closes; resolves with what came of it. */
const echoInPage = (url: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url)
    let text = ''
    socket.onopen = () => socket.send('from a browser')
    socket.onmessage = ({ data }) => {
      text = data
      socket.close(3001)
    }
    socket.onclose = ({ code, wasClean }) => resolve(`${text} ${code} ${wasClean}`)
  })

for (const runtime of programs.filter(({ name }) => name === 'Bun' || name === 'Deno')) {
  describePeer(runtime, 'with raw TLS sockets', () => {
    let server: Listening
    beforeAll(async () => {
      server = await listenIn(runtime, folder.path, identity, 'raw')
    })
    afterAll(() => server.stop())

    test('keeps the contract as a client', async () => {
      const peer = await startPeer(identity)
      try {
        const { servers, ca } = peer.config(runtime)
        const tls = servers.filter(({ link }) => link === 'TLS')
        const config = { mode: 'contract', own: false, ca, servers: tls } as const
        const results = await contractIn(runtime, config, folder.path, identity, 'raw')
        expect(failures(results)).toEqual([])
        expect(results).toHaveLength(cases.length)
      } finally {
        await peer.close()
      }
    })

    test('keeps the contract as a server', async () => {
      const results: Result[] = []
      const open = () => connect(server.tls!, { tls: { ca: identity.ca } })
      await runContract([{ name: 'raw TLS', open }], {}, (result) => results.push(result))
      expect(failures(results)).toEqual([])
      expect(results).toHaveLength(cases.length)
    })

    describePeer(chromium, 'as its client', () => {
      test('RFC 8441 §5: opens a WebSocket over HTTP/2, and the server sees its :protocol', async () => {
        const before = server.output().length
        const { browser, close } = await openBrowser(chromium)
        try {
          const tab = await browser.newPage()
          await tab.goto(`${server.tls}hello`)
          const url = `${server.tls!.replace('https:', 'wss:')}ws/handler`
          expect(await tab.evaluate(echoInPage, url)).toBe('from a browser 3001 true')
        } finally {
          await close()
        }
        expect(server.output().slice(before)).toContain(':protocol websocket\n')
      })
    })
  })
}
