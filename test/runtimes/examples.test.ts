import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, serve, webSocket } from '../../src/runtime/node/index.ts'
import { chromium, openBrowser } from '../interop/peers/browsers.ts'
import { makeCertificate } from '../interop/support/certificate.ts'
import { temporaryFolder } from '../interop/support/folders.ts'
import { describePeer } from '../interop/support/presence.ts'
import { run, start } from '../interop/support/processes.ts'
import { installPacked, lend, root } from './packaging/package.ts'
import { freePort, type Identity, relayTo } from './support/peer.ts'
import { page, programs, type Runtime, workerd } from './support/runtimes.ts'
import { answering, workerdConfig } from './support/workerd.ts'

const folder = temporaryFolder()
const at = (name: string): string => join(folder.path, name)
let identity: Identity

beforeAll(async () => {
  installPacked(folder.path)
  lend(folder.path, ['hono'])
  cpSync(join(root, 'examples'), folder.path, { recursive: true })
  identity = await makeCertificate()
  writeFileSync(at('key.pem'), identity.key)
  writeFileSync(at('cert.pem'), identity.cert)
})
afterAll(() => folder.remove())

const program = (name: string): Runtime => programs.find((runtime) => runtime.name === name)!

function commandFor(runtime: Runtime, ...args: string[]): [string, string[], object] {
  const [command, ...first] = runtime.command
  const manual = runtime.name === 'Deno' ? ['--node-modules-dir=manual'] : []
  const env = { ...process.env, PORT: '0', HOME: folder.path, DENO_DIR: at('deno'), NO_COLOR: '1' }
  return [command, [...first, ...manual, ...args], { cwd: folder.path, env }]
}

/** The answers to a request and to a message. */
async function visit(url: string, ca: string, path = '/', protocols: string[] = []): Promise<[string, unknown]> {
  const session = await connect(url, { tls: { ca } })
  const body = await (await session.fetch(path)).text()
  const socket = await session.webSocket('/echo', { protocols })
  const answer = await new Promise((resolve) => {
    socket.onmessage = ({ data }) => resolve(data)
    socket.send('a message')
  })
  await session.close({ drain: 0 })
  return [body, answer]
}

test('every example is run here', () => {
  const own = readFileSync(join(root, 'test/runtimes/examples.test.ts'), 'utf8')
  const names = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.js'))
  expect(names.filter((name) => !own.includes(`'${name}'`))).toEqual([])
  const readme = readFileSync(join(root, 'examples/README.md'), 'utf8')
  expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
})

for (const [name, file] of [
  ['Node 20', 'node-server.js'],
  ['Bun', 'bun-server.js'],
  ['Deno', 'deno-server.js'],
] as const) {
  describePeer(program(name), 'runs its server', () => {
    test(file, async () => {
      const server = start(...commandFor(program(name), file, 'key.pem', 'cert.pem'))
      try {
        const [, url] = await server.waitFor(/listening on (\S+)/, 60_000)
        const hello = `hello from ${name.replace(' 20', '')} at /\n`
        expect(await visit(url!, identity.ca)).toEqual([hello, 'a message'])
      } finally {
        await server.stop()
      }
    })
  })
}

describePeer(program('Node 20'), 'runs the others', () => {
  test('hono.js', async () => {
    const server = start(...commandFor(program('Node 20'), 'hono.js'))
    try {
      const [, url] = await server.waitFor(/listening on (\S+)/, 60_000)
      expect(await visit(url!, '', '/users/7', ['chat'])).toEqual(['{"id":"7"}', 'a message'])
    } finally {
      await server.stop()
    }
  })

  test('tunnel.js', async () => {
    const { stdout, stderr } = await run(...commandFor(program('Node 20'), 'tunnel.js'))
    expect(stdout.toString(), stderr).toBe('hyperduct\n')
  })
})

for (const runtime of programs) {
  describePeer(runtime, 'runs what is for any', () => {
    test('memory-echo.js', async () => {
      const { stdout, stderr } = await run(...commandFor(runtime, 'memory-echo.js'))
      expect(stdout.toString(), stderr).toBe('echo of a body\necho of a message\n')
    })
  })
}

/** A backend for the two clients, in clear. */
const backend = () =>
  serve({
    host: '127.0.0.1',
    fetch: () => new Response('hello'),
    connect: { websocket: webSocket({ message: (socket, data) => void socket.send(data) }) },
  })

async function bundled(file: string, options: { conditions: string[]; format: 'esm' | 'iife' }): Promise<string> {
  const common: BuildOptions = { bundle: true, write: false, platform: 'neutral', external: ['cloudflare:*'] }
  const { outputFiles } = await build({ ...common, ...options, entryPoints: [at(file)], globalName: 'example' })
  return outputFiles![0]!.text
}

describePeer(workerd, 'runs its client', () => {
  test('worker-client.js', async () => {
    const server = await backend()
    writeFileSync(at('worker.mjs'), await bundled('worker-client.js', { conditions: ['workerd'], format: 'esm' }))
    const door = await freePort()
    const url = `http://127.0.0.1:${door}/`
    writeFileSync(at('config.capnp'), workerdConfig({ door, ca: identity.ca, variables: { BACKEND: server.url } }))
    const worker = start(workerd.command[0], ['serve', at('config.capnp')])
    try {
      await answering(url, worker.output)
      expect(await (await fetch(url)).json()).toEqual({ greeting: 'hello', answer: 'hello from a Worker' })
    } finally {
      await worker.stop()
      await server.close({ drain: 100 })
    }
  })
})

describePeer(page, 'runs its client', () => {
  test('page-client.js', async () => {
    const server = await backend()
    const relay = await relayTo(server.address.port)
    const { browser, close } = await openBrowser(chromium)
    try {
      const tab = await browser.newPage()
      await tab.evaluate(`${await bundled('page-client.js', { conditions: ['browser'], format: 'iife' })}
globalThis.visit = example.visit`)
      const inPage = (through: string, origin: string): Promise<unknown> =>
        (globalThis as unknown as { visit(relay: string, origin: string): Promise<unknown> }).visit(through, origin)
      const answer = await tab.evaluate(inPage, relay.url, server.url)
      expect(answer).toEqual({ greeting: 'hello', answer: 'hello from a page' })
    } finally {
      await close()
      relay.close()
      await server.close({ drain: 100 })
    }
  })
})
