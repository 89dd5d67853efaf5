// What a page's own fetch makes of a CONNECT, and what ours does over a WebSocket to a relay.
import { connect, tunnelStreams } from '../../../src/runtime/web/index.ts'
import { joined, text, utf8 } from '../contract/check.ts'

async function own(url: string): Promise<string> {
  const response = await fetch(url, { method: 'CONNECT' })
  return `works: ${response.status}`
}

async function ours(relay: string): Promise<string> {
  const session = connect(new WebSocket(relay), { origin: 'http://localhost' })
  const { readable, writable } = tunnelStreams(await session.connect({ protocol: 'x-echo', path: '/' }))
  const writer = writable.getWriter()
  await writer.write(utf8('hello'))
  await writer.close()
  return `works: ${text(await joined(readable))}`
}

Object.assign(globalThis, {
  compare: async (url: string, relay: string) => ({
    own: await own(url).catch((error: unknown) => `fails: ${error}`),
    ours: await ours(relay).catch((error: unknown) => `fails: ${error}`),
  }),
})
