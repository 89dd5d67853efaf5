import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { type ClientHttp2Stream, connect } from 'node:http2'
import { Session } from 'node:inspector/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type Server, serve, webSocket } from '../../src/runtime/node/index.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(`${root}docs/architecture.md`, 'utf8')

/** The rows `| file | functions | … |` of the walk, in its order. */
function walk(): { file: string; functions: string[] }[] {
  const section = page.split(/^## /m).find((part) => part.startsWith('The way of a DATA frame'))
  if (section === undefined) throw new Error('docs/architecture.md has no section "The way of a DATA frame"')
  return [...section.matchAll(/^\| `(src\/[^`]+)` +\| ([^|]+)\|/gm)].map(([, file, functions]) => ({
    file: file!,
    functions: [...functions!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  }))
}

/** A masked WebSocket frame with five bytes, binary; the key is zero. RFC 6455 §5.2 */
const MESSAGE = Buffer.from([0x82, 0x85, 0, 0, 0, 0, 1, 2, 3, 4, 5])

async function openSocket(server: Server): Promise<ClientHttp2Stream> {
  const client = connect(server.url)
  await once(client, 'remoteSettings')
  const stream = client.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':path': '/',
    'sec-websocket-version': '13',
  })
  await once(stream, 'response')
  return stream
}

async function echoOnce(stream: ClientHttp2Stream): Promise<void> {
  stream.write(MESSAGE)
  const [answer] = (await once(stream, 'data')) as [Buffer]
  expect([...answer]).toEqual([0x82, 5, 1, 2, 3, 4, 5])
}

/** The functions of src that run while one message goes from the socket to the handler and its echo back. */
async function whatRuns(): Promise<Map<string, Set<string>>> {
  const message = (socket: { send(data: string | Uint8Array): boolean }, data: string | Uint8Array) => socket.send(data)
  const server = await serve({ port: 0, host: '127.0.0.1', connect: { websocket: webSocket({ message }) } })
  const stream = await openSocket(server)
  await echoOnce(stream)
  const inspector = new Session()
  inspector.connect()
  await inspector.post('Profiler.enable')
  await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  await inspector.post('Profiler.takePreciseCoverage') // forgets what ran before
  await echoOnce(stream)
  const { result } = await inspector.post('Profiler.takePreciseCoverage')
  inspector.disconnect()
  stream.session!.close()
  stream.end()
  await server.close({ drain: 1000 })

  const ran = new Map<string, Set<string>>()
  for (const { url, functions } of result) {
    const file = url.startsWith('file:') ? fileURLToPath(url) : url
    if (!file.startsWith(`${root}src/`) || file.endsWith('/index.ts')) continue
    const names = functions.filter(({ functionName, ranges }) => functionName !== '' && ranges[0]!.count > 0)
    if (names.length === 0) continue
    ran.set(file.slice(root.length), new Set(names.map(({ functionName }) => functionName.replace(/^get /, ''))))
  }
  return ran
}

describe('docs/architecture.md, the way of a DATA frame', () => {
  it('names just the files and functions that run for one WebSocket message', async () => {
    const ran = await whatRuns()
    const named = walk()
    expect(new Set(named.map(({ file }) => file))).toEqual(new Set(ran.keys()))
    const idle = named.flatMap(({ file, functions }) =>
      functions.filter((name) => !ran.get(file)?.has(name)).map((name) => `${file} ${name}`),
    )
    expect(idle, 'named functions that did not run').toEqual([])
    expect(named.every(({ functions }) => functions.length > 0)).toBe(true)
  })
})

it('every file that docs/architecture.md names exists', () => {
  const files = [...page.matchAll(/`((?:src|docs|scripts|test)\/[\w./-]+\.\w+)`/g)].map(([, file]) => file!)
  expect(files.length).toBeGreaterThan(30)
  expect(files.filter((file) => !existsSync(root + file))).toEqual([])
})
