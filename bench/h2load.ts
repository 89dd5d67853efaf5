// Small requests over cleartext HTTP/2, ours against node:http2: `npm run bench:h2load`. The server has one core and the
// load generator the other; both servers run in turn, so that a machine that slows down slows down both.
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Load, loadWithH2load } from '../test/interop/peers/h2load.ts'
import { type Running, start } from '../test/interop/support/processes.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '200000' },
    clients: { type: 'string', default: '8' },
    streams: { type: 'string', default: '32' },
    rounds: { type: 'string', default: '5' },
  },
})
const requests = Number(values.requests)
const shape = { requests, clients: Number(values.clients), streams: Number(values.streams) }
const rounds = Number(values.rounds)

const programs = [
  { name: 'hyperduct', command: ['node', 'dist/demo.js'] },
  { name: 'node:http2', command: ['node', 'scripts/run.js', 'bench/node-http2.ts'] },
] as const

// The same path each time fits HPACK's dynamic table; 1,000 paths keep it turning over. RFC 7541 §2.3.2.
const pathFile = join(tmpdir(), `hyperduct-paths-${process.pid}`)
const paths = Array.from({ length: 1000 }, (_, i) => `/hello/${(i * 2654435761) % 2 ** 32}`)
const workloads = [{ name: '/hello' }, { name: '1,000 paths', urls: pathFile }] as const

async function startServer(command: readonly string[]): Promise<{ running: Running; url: URL }> {
  const running = start('taskset', ['-c', '0', ...command, '--h2c', '--port', '0'])
  const [, url = ''] = await running.waitFor(/ on (http:\/\/\S+)/)
  return { running, url: new URL('/hello', url) }
}

/** One measurement; an answer other than 2xx makes it worthless. */
async function measure(url: URL, load: { requests: number; urls?: string }): Promise<number> {
  const result: Load = await loadWithH2load(url, { ...shape, ...load, prefix: ['taskset', '-c', '1'] })
  if (result.status2xx !== load.requests) throw new Error(`not all requests succeeded:\n${result.output}`)
  return result.requestsPerSecond
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
const format = (number: number): string => Math.round(number).toLocaleString('en').padStart(9)

writeFileSync(pathFile, `${paths.map((path) => `http://localhost${path}`).join('\n')}\n`)
const servers: { name: string; running: Running; url: URL }[] = []
try {
  for (const { name, command } of programs) servers.push({ name, ...(await startServer(command)) })
  console.log(`h2load -n ${requests} -c ${shape.clients} -m ${shape.streams}, ${rounds} rounds, requests per second`)
  for (const { name: workload, ...rest } of workloads) {
    const rates = new Map(servers.map(({ name }): [string, number[]] => [name, []]))
    // Compiled code is what a server runs nearly all of its life.
    for (const { url } of servers) await measure(url, { ...rest, requests: Math.ceil(requests / 4) })
    for (let round = 0; round < rounds; round++) {
      for (const { name, url } of servers) rates.get(name)?.push(await measure(url, { ...rest, requests }))
    }
    const [ours = 0, theirs = 0] = servers.map(({ name }) => median(rates.get(name) ?? []))
    for (const [name, all] of rates) console.log(`${workload.padEnd(12)} ${name.padEnd(11)}${all.map(format).join('')}`)
    console.log(
      `${workload.padEnd(12)} medians${format(ours)} to${format(theirs)}: ${(ours / theirs).toFixed(2)} times`,
    )
  }
} finally {
  for (const { running } of servers) await running.stop()
  rmSync(pathFile, { force: true })
}
