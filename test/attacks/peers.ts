import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Program, startProgram } from './processes.ts'
import type { VictimKind } from './scenario.ts'

/** Somebody whose programs are attacked. */
export interface Peer {
  readonly name: string
  /** Starts a server and answers its port; undefined where there is none of that kind. */
  server(kind: VictimKind): Promise<{ program: Program; port: number }> | undefined
  /** Starts a client that asks once; undefined where there is none. */
  client(port: number): Program | undefined
}

const RUN = 'scripts/run.js'
const CLIENT = 'test/attacks/victims/client.ts'

async function listening(program: Program): Promise<{ program: Program; port: number }> {
  const [, port = ''] = await program.line(/ on http:\/\/localhost:(\d+)/)
  return { program, port: Number(port) }
}

export const ours: Peer = {
  name: 'hyperduct',
  server: (kind) =>
    listening(
      startProgram(
        kind === 'hasty' ? [RUN, 'test/attacks/victims/hasty.ts'] : ['dist/demo.js', '--h2c', '--port', '0'],
      ),
    ),
  client: (port) => startProgram([RUN, CLIENT, String(port)]),
}

/** `node:http2` of a Node of one's choice. Short deadlines and odd handlers are ours alone. */
function nodePeer(binary: string): Peer {
  const { stdout, status } = spawnSync(binary, ['--version'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${binary} is no Node that runs here`)
  return {
    name: `node:http2 ${stdout.trim().slice(1)}`,
    server: (kind) =>
      kind === 'hasty'
        ? undefined
        : listening(startProgram([RUN, 'bench/node-http2.ts', '--h2c', '--port', '0'], binary)),
    client: (port) => startProgram([RUN, CLIENT, String(port), 'node'], binary),
  }
}

/** Of Debian's nghttp2-server. It serves files with the names and sizes of the demo's answers. */
function nghttpdPeer(): Peer {
  const { stdout, status } = spawnSync('nghttpd', ['--version'], { encoding: 'utf8' })
  if (status !== 0) throw new Error('nghttpd is missing: apt-get install nghttp2-server')
  return {
    name: `nghttpd ${/[\d.]+/.exec(stdout.split('/')[1] ?? '')?.[0] ?? ''}`,
    server: (kind) => (kind === 'hasty' ? undefined : startNghttpd()),
    client: () => undefined,
  }
}

async function startNghttpd(): Promise<{ program: Program; port: number }> {
  const root = mkdtempSync(join(tmpdir(), 'hyperduct-nghttpd-'))
  process.on('exit', () => rmSync(root, { recursive: true, force: true }))
  const file = (path: string, size: number): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), '')
    truncateSync(join(root, path), size)
  }
  file('hello', 11)
  for (const size of [1000, 100_000, 10_000_000, 100_000_000]) file(`bytes/${size}`, size)
  const port = await freePort()
  const program = startProgram(['--no-tls', '--echo-upload', '-d', root, String(port)], 'nghttpd')
  for (let i = 0; i < 100 && !(await accepts(port)); i++) await new Promise((resolve) => setTimeout(resolve, 50))
  return { program, port }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const answer = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return answer
}

/** `node`, `node:/path/to/node` or `nghttpd`. @throws Error for what is not there. */
export function peerNamed(name: string): Peer {
  if (name === 'nghttpd') return nghttpdPeer()
  const [kind, ...path] = name.split(':')
  if (kind !== 'node') throw new Error(`no such peer: ${name}. There are node, node:/path/to/node and nghttpd`)
  return nodePeer(path.length === 0 ? process.execPath : path.join(':'))
}
