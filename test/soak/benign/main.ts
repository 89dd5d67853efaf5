/**
 * Guards must not fire at the polite: `npm run soak:benign`. A server with default limits, and clients that do much that is
 * lawful and looks like an attack. Clients are ours, `node:http2`, and h2load where it is installed. Nothing may fail.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { startProgram } from '../../attacks/processes.ts'
import { h2load, loadWithH2load } from '../../interop/peers/h2load.ts'
import { type Client, nodes, ours } from './clients.ts'
import { cancels, crumbs, type Finding, fragments, idle, octets, padded, requests } from './parts.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    only: { type: 'string' },
  },
})
const count = Number(values.requests)
const seed = Number(values.seed)
console.log(`seed ${seed}`)

const program = startProgram(['scripts/run.js', 'test/soak/benign/server.ts'])
const [, port = ''] = await program.line(/ on http:\/\/localhost:(\d+)/)
const connectors = [() => ours(Number(port)), () => nodes(Number(port))]
let faults = 0

async function part(name: string, run: () => Promise<Finding>): Promise<void> {
  if (values.only !== undefined && !name.includes(values.only)) return
  const begun = performance.now()
  const { done, failed } = await run()
  const seconds = (performance.now() - begun) / 1000
  console.log(`${name}: ${done.toLocaleString('en')}, ${failed} failed, ${seconds.toFixed(0)} s`)
  if (failed > 0) faults++
}

/** The same with each client library, on so many connections. */
async function withEach(
  name: string,
  connections: number,
  run: (clients: readonly Client[]) => Promise<Finding>,
): Promise<void> {
  for (const open of connectors) {
    const clients: Client[] = []
    for (let i = 0; i < connections; i++) clients.push(await open())
    await part(`${name}, ${clients[0]!.name}`, () => run(clients))
    for (const client of clients) client.close()
  }
}

await withEach('requests on one connection', 1, ([client]) => requests(client!, count))
if (h2load.version() !== undefined) {
  await part('requests on one connection, h2load', async () => {
    const url = new URL(`http://127.0.0.1:${port}/`)
    const { status2xx } = await loadWithH2load(url, { requests: count, clients: 1, streams: 32 })
    return { done: count, failed: count - status2xx }
  })
}
// 100 streams are what a connection may have, so two of them.
await withEach('octets on 200 streams at once', 2, (clients) => octets(clients, 200, count / 2000))
await withEach('requests of which 30 % are cancelled', 1, ([client]) => cancels(client!, count / 20, seed))
await withEach('requests with 150 cookie crumbs', 1, ([client]) => crumbs(client!, count / 500))
await part('padded DATA frames, node:http2', () => padded(Number(port), count / 10))
await part('fragments of one WebSocket message', () => fragments(Number(port), 16_000))
await part('PINGs in an hour beside 50 idle tunnels', async () => idle(3600))
await program.stop()
process.exit(faults === 0 ? 0 : 1)
