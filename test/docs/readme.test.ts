import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** The examples of the README are run as they stand there, against the built package under its own name. */

const root = fileURLToPath(new URL('../..', import.meta.url))
const writtenPort = '8080'

let readme: string
let folder: string
let port: string
let server: ChildProcess | undefined

/** The block that begins with `// name`, as JavaScript on a port that is free. */
async function example(name: string): Promise<string> {
  const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1])
  const block = blocks.find((text) => text.startsWith(`// ${name}\n`)) ?? ''
  expect(block.split('\n').length).toBeLessThan(20)
  expect(block).toContain(writtenPort)
  const { code } = await transform(block.replaceAll(writtenPort, port), {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
  })
  const file = join(folder, `${name}.mjs`)
  await writeFile(file, code)
  return file
}

async function freePort(): Promise<string> {
  const probe = createServer().listen(0)
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return String(typeof address === 'object' && address !== null ? address.port : 0)
}

/** What a process says until `enough` is satisfied, or to its end. */
function output(child: ChildProcess, enough: (text: string) => boolean = () => false): Promise<string> {
  return new Promise((done) => {
    let text = ''
    const add = (piece: Buffer) => {
      text += piece.toString()
      if (enough(text)) done(text)
    }
    child.stdout?.on('data', add)
    child.stderr?.on('data', add)
    child.on('close', () => done(text))
  })
}

beforeAll(async () => {
  readme = await readFile(join(root, 'README.md'), 'utf8')
  port = await freePort()
  // Within the package, so that `hyperduct/node` means this one.
  folder = await mkdtemp(join(root, 'dist', 'readme-'))
})

afterAll(async () => {
  server?.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

describe('README', () => {
  test('the server and the client of the README talk to each other', async () => {
    server = spawn(process.execPath, [await example('server')], { cwd: folder })
    const ready = await output(server, (text) => text.includes('\n'))
    expect(ready).toBe(`listening on http://localhost:${port}/\n`)

    const client = spawn(process.execPath, [await example('client')], { cwd: folder })
    const ended = once(client, 'close')
    expect(await output(client)).toBe('200 hello from /world\nechoed: hello\n')
    expect(await ended).toEqual([0, null])

    const dialing = spawn(process.execPath, [await example('dial')], { cwd: folder })
    const over = once(dialing, 'close')
    const begun = Date.now()
    expect(await output(dialing)).toBe('dialed: hello\n')
    // The connection that the sockets shared stays for a while, but nobody has to wait for it.
    expect(await over).toEqual([0, null])
    expect(Date.now() - begun).toBeLessThan(20_000)

    const stopped = once(server, 'close')
    server.kill('SIGINT')
    expect(await stopped).toEqual([0, null])
  })

  test('the two commands it begins with are those of the package', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    expect(readme).toMatch(/^npm ci && npm start\b/m)
    expect(readme).toMatch(/^npm ci && npm test\b/m)
    expect(scripts.start).toContain('dist/demo.js')
    expect(scripts.test).toContain('vitest')
  })

  test('every entry point it names is exported, and every exported one is named', async () => {
    const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    const named = new Set([...readme.matchAll(/`(hyperduct(?:\/[a-z]+)?)`/g)].map((match) => match[1]))
    const exported = Object.keys(exports).filter((path) => path !== './package.json')
    expect([...named].sort()).toEqual(exported.map((path) => path.replace('.', 'hyperduct')).sort())
  })

  test('the files it links to exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1])
    expect(links.length).toBeGreaterThan(2)
    for (const link of links) expect(existsSync(join(root, link)), link).toBe(true)
  })
})
