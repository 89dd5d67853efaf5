import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** The examples of the pages in docs are run as they stand there; what uses them is added below them. */

const root = fileURLToPath(new URL('../..', import.meta.url))
const children: ChildProcess[] = []
let folder: string

beforeAll(async () => {
  // Within the package, so that `hyperduct/node` means this one.
  folder = await mkdtemp(join(root, 'dist', 'examples-'))
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

const page = (name: string): Promise<string> => readFile(join(root, 'docs', name), 'utf8')
const blocksOf = (text: string): string[] => [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1]!)

async function freePort(): Promise<number> {
  const probe = createServer().listen(0)
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, 'localhost')
    const stands = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (stands) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Runs an example; `said` grows with what it writes. */
async function run(name: string, code: string): Promise<{ child: ChildProcess; said: () => string }> {
  const file = join(folder, `${name}.mjs`)
  await writeFile(file, (await transform(code, { loader: 'ts', format: 'esm', target: 'node20' })).code)
  const child = spawn(process.execPath, [file], { cwd: folder })
  children.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
  return { child, said: () => text }
}

/** Runs a program to its end. */
async function output(name: string, code: string): Promise<string> {
  const { child, said } = await run(name, code)
  await once(child, 'close')
  return said()
}

describe('docs', () => {
  test('websockets.md: the server lets its origin in and nobody else, and says how each socket ended', async () => {
    const [example = ''] = blocksOf(await page('websockets.md'))
    const port = await freePort()
    const { said } = await run('websockets', example.replace('8080', String(port)))
    await listening(port)
    const client = await output(
      'websockets-client',
      `import { dial } from 'hyperduct/node'
       const open = (origin) => dial('ws://localhost:${port}/', {
         http2: 'only', protocols: ['chat'], perMessageDeflate: true, headers: { origin },
       })
       const socket = await open('https://example.org')
       socket.send('hello')
       const { data } = await new Promise((resolve) => (socket.onmessage = resolve))
       console.log(data, socket.protocol, socket.extensions)
       socket.close(1000)
       await open('https://example.com').catch(({ status }) => console.log(status))
       process.exit(0)`,
    )
    expect(client).toBe('hello chat permessage-deflate\n403\n')
    await expect.poll(said).toBe('1000 0\n')
  })

  test('tunnels.md: both kinds of tunnel come through', async () => {
    const [server = '', client = ''] = blocksOf(await page('tunnels.md'))
    const database = createServer((socket) => socket.pipe(socket)).listen(0, 'localhost')
    await once(database, 'listening')
    const ports = { 8080: await freePort(), 5432: (database.address() as AddressInfo).port }
    const place = (code: string) => code.replace(/8080|5432/g, (port) => String(ports[port as unknown as 8080 | 5432]))
    await run('tunnels', place(server))
    await listening(ports[8080])
    const said = await output(
      'tunnels-client',
      `import { connect } from 'hyperduct/node'
       ${place(client)}
       for (const [name, tunnel] of Object.entries({ echo, database })) {
         let heard = ''
         await new Promise((resolve) => {
           tunnel.onData = (data, end) => {
             heard += new TextDecoder().decode(data)
             if (end) resolve()
           }
           tunnel.end(new TextEncoder().encode('through a tunnel'))
         })
         console.log(name, heard)
       }
       await session.close()`,
    )
    database.close()
    expect(said).toBe('echo through a tunnel\ndatabase through a tunnel\n')
  })

  test('no other page has an example that nobody runs', async () => {
    const counts: Record<string, number> = {}
    for (const name of await readdir(join(root, 'docs'))) {
      if (!name.endsWith('.md')) continue
      const { length } = blocksOf(await page(name))
      if (length > 0) counts[name] = length
    }
    expect(counts).toEqual({ 'websockets.md': 1, 'tunnels.md': 2 })
    expect(blocksOf(await readFile(join(root, 'README.md'), 'utf8')).map((code) => code.split('\n')[0])).toEqual([
      '// server',
      '// client',
      '// dial',
    ])
  })
})
