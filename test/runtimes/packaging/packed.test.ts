import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromium, openBrowser } from '../../interop/peers/browsers.ts'
import { temporaryFolder } from '../../interop/support/folders.ts'
import { describePeer } from '../../interop/support/presence.ts'
import { run, start } from '../../interop/support/processes.ts'
import { freePort } from '../support/peer.ts'
import { page, programs, workerd } from '../support/runtimes.ts'
import { answering, workerdConfig } from '../support/workerd.ts'
import { installPacked, lend, root } from './package.ts'

const folder = temporaryFolder()
let tarball: string

beforeAll(() => {
  tarball = installPacked(folder.path).tarball
  lend(folder.path, ['@types/node', 'undici-types', '@cloudflare/workers-types'])
})
afterAll(() => folder.remove())

const bin = (name: string): string => join(root, 'node_modules/.bin', name)

test('the packed package.json has no dependencies', () => {
  const own = JSON.parse(readFileSync(join(folder.path, 'node_modules/hyperduct/package.json'), 'utf8'))
  expect(own.name).toBe('hyperduct')
  expect(own.dependencies ?? {}).toEqual({})
})

test('publint has nothing to say', () => {
  const { status, stdout, stderr } = spawnSync(bin('publint'), ['--strict', tarball], { cwd: root, encoding: 'utf8' })
  expect(`${stdout}${stderr}`).toContain('All good!')
  expect(status).toBe(0)
})

test('attw finds the types of every entry point', () => {
  const { status, stdout, stderr } = spawnSync(bin('attw'), [tarball, '--profile', 'esm-only'], { encoding: 'utf8' })
  expect(status, `${stdout}${stderr}`).toBe(0)
  expect(stdout).toContain('hyperduct/workerd')
})

const core = ['frames', 'hpack', 'connection', 'websocket']

/** Programs that say what a name of the packed library is, for each world of types. */
const worlds = {
  node: {
    options: { types: ['node'], lib: ['es2022'] },
    entry: 'node',
    use: "export const session: Promise<all.OriginSession> = all.connect('https://localhost', { tls: { ca: '' } })",
  },
  DOM: {
    options: { types: [], lib: ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable'], customConditions: ['browser'] },
    entry: 'web',
    use: `const origin = 'https://localhost'
export const one: all.OriginSession = all.connect(new WebSocket('wss://localhost'), { origin })
export const two = all.connect(new MessageChannel().port1, { origin })
export const three = all.connect(new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>(), { origin })`,
  },
  Workers: {
    options: { types: ['@cloudflare/workers-types'], lib: ['es2022'], customConditions: ['workerd'] },
    entry: 'workerd',
    use: 'export const serve = (socket: Socket): all.ServerSession => all.accept(socket, { onError() {} })',
  },
}

describe('the packed types compile with skipLibCheck off', () => {
  test.each(Object.entries(worlds))('beside the types of %s', (name, { options, entry, use }) => {
    const project = join(folder.path, name)
    mkdirSync(project)
    const compilerOptions = { target: 'es2022', module: 'nodenext', strict: true, noEmit: true, skipLibCheck: false }
    const config = { compilerOptions: { ...compilerOptions, ...options }, include: ['*.ts'] }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config))
    const imports = core.map((each) => `export * as ${each} from 'hyperduct/${each}'`).join('\n')
    const own = `import * as all from 'hyperduct'\nexport * as entry from 'hyperduct/${entry}'\n${imports}\n${use}\n`
    writeFileSync(join(project, 'use.ts'), own)
    expect(spawnSync(bin('tsc'), ['-p', project], { encoding: 'utf8' }).stdout).toBe('')
    // That a mistake is found shows that the types were.
    writeFileSync(
      join(project, 'mistake.ts'),
      "import { UsageError } from 'hyperduct'\nexport const no: number = UsageError\n",
    )
    expect(spawnSync(bin('tsc'), ['-p', project], { encoding: 'utf8' }).stdout).toContain('mistake.ts(2,14)')
  })
})

/** A program that uses what the package exports on every runtime: a request and its answer within it. */
const program = (entry: string, platform: string): string => `
import { ClientSession, fetchOver, memoryPair, router, ServerSession, ${platform} as platform } from '${entry}'
import { FrameReader } from 'hyperduct/frames'
import * as hpack from 'hyperduct/hpack'
import { Connection } from 'hyperduct/connection'
import { WebSocketConnection } from 'hyperduct/websocket'
export async function main() {
  const [near, far] = memoryPair()
  const onStream = router({ fetch: (request) => new Response('packed ' + request.method), onError: console.error })
  new ServerSession(far, { platform, onStream })
  const session = new ClientSession(near, { platform })
  const answer = await (await fetchOver(session, 'https://localhost', '/')).text()
  await session.close()
  return answer + ' ' + [FrameReader, Object, Connection, WebSocketConnection].every((one) => typeof one === 'function') +
    ' ' + (Object.keys(hpack).length > 0)
}
`
const expected = 'packed GET true true'

for (const runtime of programs) {
  describePeer(runtime, 'imports the packed package', () => {
    test.each([
      ['hyperduct', 'nodePlatform'],
      ['hyperduct/node', 'nodePlatform'],
      ['hyperduct/web', 'webPlatform'],
    ])('%s', async (entry, platform) => {
      const file = join(folder.path, `${entry.replace('/', '-')}.mjs`)
      writeFileSync(file, `${program(entry, platform)}\nconsole.log(await main())\n`)
      const [command, ...args] = runtime.command
      const env = { ...process.env, HOME: folder.path, DENO_DIR: join(folder.path, 'deno') }
      const manual = runtime.name === 'Deno' ? ['--node-modules-dir=manual'] : []
      const { stdout, stderr } = await run(command, [...args, ...manual, file], { cwd: folder.path, env })
      expect(stdout.toString().trim(), stderr).toBe(expected)
    })
  })
}

/** Bundled as a tool for that runtime would, by the condition of `exports`. */
async function bundled(condition: string, source: string, format: 'esm' | 'iife'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: folder.path },
    bundle: true,
    write: false,
    format,
    platform: 'neutral',
    conditions: [condition],
    external: ['cloudflare:*'],
  })
  return outputFiles[0]!.text
}

describePeer(workerd, 'imports the packed package', () => {
  test('hyperduct', async () => {
    const source = `${program('hyperduct', 'webPlatform')}
export default { async fetch() { return new Response(await main()) } }`
    const port = await freePort()
    writeFileSync(join(folder.path, 'worker.mjs'), await bundled('workerd', source, 'esm'))
    writeFileSync(join(folder.path, 'config.capnp'), workerdConfig({ door: port }))
    const server = start(workerd.command[0], ['serve', join(folder.path, 'config.capnp')])
    try {
      const url = `http://127.0.0.1:${port}/`
      await answering(url, server.output)
      expect(await (await fetch(url)).text()).toBe(expected)
    } finally {
      await server.stop()
    }
  })
})

describePeer(page, 'imports the packed package', () => {
  test('hyperduct', async () => {
    const source = `${program('hyperduct', 'webPlatform')}\nglobalThis.main = main`
    const { browser, close } = await openBrowser(chromium)
    try {
      const tab = await browser.newPage()
      await tab.evaluate(await bundled('browser', source, 'iife'))
      expect(await tab.evaluate(() => (globalThis as unknown as { main(): Promise<string> }).main())).toBe(expected)
    } finally {
      await close()
    }
  })
})
