import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createSecureServer, createServer, type Http2Server, type Http2ServerRequest } from 'node:http2'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serve } from '../../src/runtime/node/index.ts'
import { chromium, openBrowser } from '../interop/peers/browsers.ts'
import { makeCertificate } from '../interop/support/certificate.ts'
import { temporaryFolder } from '../interop/support/folders.ts'
import { describePeer } from '../interop/support/presence.ts'
import { run } from '../interop/support/processes.ts'
import { handlers } from './contract/handlers.ts'
import { moduleOf, scriptOf } from './support/bundle.ts'
import { expectSection, table } from './support/docs-section.ts'
import { type Identity, portOf, relayTo } from './support/peer.ts'
import { page, programs, type Runtime, runtimes, workerd } from './support/runtimes.ts'
import { startWorkerd } from './support/workerd.ts'

// For each runtime one thing that its own documented API cannot do, tried there, beside the same with this library.

interface Answer {
  readonly own: string
  readonly ours: string
}

const webSocket = 'its `WebSocket` opens one by RFC 8441 at a server that follows §5 to the letter'
const things: Readonly<Record<string, string>> = {
  'Node 20': webSocket,
  'Node 22': webSocket,
  'Node 24': webSocket,
  'Node 26': webSocket,
  Bun: webSocket,
  Deno: 'its `Deno.serve` takes a WebSocket by RFC 8441',
  workerd: 'its `fetch` opens a WebSocket at a server that speaks HTTP/2 alone',
  Chromium: 'its `fetch` opens a tunnel by CONNECT',
}

/** What each came to. */
const answers = new Map<string, Answer>()
const folder = temporaryFolder()
let identity: Identity
let secure: Server
let clear: Server

/**
 * Node's own HTTP/2 server as RFC 8441 §5 has it: a 200 without `sec-websocket-accept`, which belongs to HTTP/1.1 alone,
 * and then a text message.
 */
function greeter<S extends Http2Server>(server: S): S {
  // Without this listener the compatibility layer ends the stream of every CONNECT.
  server.on('connect', () => undefined)
  server.on('request', ({ stream }: Http2ServerRequest) => void stream.on('error', () => undefined))
  server.on('stream', (stream, headers) => {
    if (headers[':protocol'] !== 'websocket') return
    stream.on('error', () => undefined)
    stream.respond({ ':status': 200 })
    stream.write(Buffer.from([0x81, 5, ...Buffer.from('hello')]))
  })
  server.on('session', (session) => session.on('error', () => undefined))
  return server
}

beforeAll(async () => {
  identity = await makeCertificate()
  const settings = { enableConnectProtocol: true }
  secure = greeter(createSecureServer({ ...identity, settings } as object) as unknown as Http2Server)
  clear = greeter(createServer({ settings }))
  for (const server of [secure, clear]) await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterAll(() => {
  secure.close()
  clear.close()
  folder.remove()
})

async function compared(runtime: Runtime): Promise<Answer> {
  if (runtime.kind === 'page') return comparedInPage()
  if (runtime.kind === 'workerd') return comparedInWorkerd(runtime)
  const deno = runtime.name === 'Deno'
  const file = join(folder.path, `${runtime.name}.mjs`)
  writeFileSync(file, await moduleOf(deno ? 'own-deno-serve' : 'own-web-socket'))
  const authority = join(folder.path, 'ca.pem')
  writeFileSync(authority, identity.ca)
  const args = deno ? [JSON.stringify(identity)] : [`wss://localhost:${portOf(secure)}/`, identity.ca]
  const [command, ...first] = runtime.command
  const env = { ...process.env, HOME: folder.path, DENO_DIR: join(folder.path, 'deno'), NODE_EXTRA_CA_CERTS: authority }
  const { stdout, stderr } = await run(command, [...first, file, ...args], { env })
  const line = stdout
    .toString()
    .split('\n')
    .find((text) => text.startsWith('{'))
  if (line === undefined) throw new Error(`${runtime.name} said nothing:\n${stderr}`)
  return JSON.parse(line) as Answer
}

async function comparedInWorkerd(runtime: Runtime): Promise<Answer> {
  const worker = await startWorkerd(runtime, folder.path, identity, 'own-workerd-fetch')
  try {
    const response = await fetch(worker.door, { method: 'POST', body: `http://127.0.0.1:${portOf(clear)}/` })
    return (await response.json()) as Answer
  } finally {
    await worker.stop()
  }
}

async function comparedInPage(): Promise<Answer> {
  const server = await serve({ ...handlers, host: '127.0.0.1', onError: () => undefined })
  const relay = await relayTo(server.address.port)
  const { browser, close } = await openBrowser(chromium)
  try {
    const tab = await browser.newPage()
    await tab.evaluate(await scriptOf('own-page-fetch'))
    const compare = (url: string, through: string): Promise<Answer> =>
      (globalThis as unknown as { compare(url: string, through: string): Promise<Answer> }).compare(url, through)
    return await tab.evaluate(compare, server.url, relay.url)
  } finally {
    await close()
    relay.close()
    await server.close({ drain: 100 })
  }
}

for (const runtime of [...programs, workerd, page]) {
  describePeer(runtime, 'by itself', () => {
    test(`cannot, and this library can: ${things[runtime.name]}`, async () => {
      const answer = await compared(runtime)
      answers.set(runtime.name, answer)
      console.info(`${runtime.name} ${runtime.version()}: ${JSON.stringify(answer)}`)
      expect(answer.own).toMatch(/^fails: ./)
      expect(answer.ours).toBe('works: hello')
    })
  })
}

test('docs/runtimes.md has what they cannot do', async (context) => {
  if (answers.size < runtimes.length) context.skip('some runtimes are missing')
  const rows = runtimes.map(({ name, shownVersion }) => [
    `${name.replace(/ \d+$/, '')} ${shownVersion()}`,
    things[name]!,
    answers.get(name)!.own.split(':')[0]!,
    answers.get(name)!.ours.split(':')[0]!,
  ])
  await expectSection('own', table(['runtime', 'tried', 'its own', 'ours'], rows))
})
