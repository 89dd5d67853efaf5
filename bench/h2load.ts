// Small requests over cleartext HTTP/2, ours against node:http2: `npm run bench:h2load`. The server has one core and the
// load generator the other; both servers run in turn, so that a machine that slows down slows down both. Beside requests
// per second there are requests per second of the server's own processor time: what it would do with nothing in its way,
// neither the load generator nor other work on the machine.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
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

interface Server {
  readonly name: string
  readonly running: Running
  readonly url: URL
}

async function startServer(name: string, command: readonly string[]): Promise<Server> {
  const running = start('taskset', ['-c', '0', ...command, '--h2c', '--port', '0'])
  const [, url = ''] = await running.waitFor(/ on (http:\/\/\S+)/)
  return { name, running, url: new URL('/hello', url) }
}

/** Seconds of processor time that the program has used, with all its threads. The kernel counts hundredths. */
function processorTime(pid: number): number {
  // The name in parentheses may hold anything; user and system time are the 12th and 13th number after it.
  const numbers = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(numbers[11]) + Number(numbers[12])) / 100
}

interface Rate {
  readonly wall: number
  readonly processor: number
}

/** One measurement; an answer other than 2xx makes it worthless. */
async function measure(server: Server, load: { requests: number; urls?: string }): Promise<Rate> {
  const before = processorTime(server.running.pid)
  const result: Load = await loadWithH2load(server.url, { ...shape, ...load, prefix: ['taskset', '-c', '1'] })
  if (result.status2xx !== load.requests) throw new Error(`not all requests succeeded:\n${result.output}`)
  const seconds = processorTime(server.running.pid) - before
  return { wall: result.requestsPerSecond, processor: load.requests / seconds }
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
const format = (number: number): string => Math.round(number).toLocaleString('en').padStart(9)

writeFileSync(pathFile, `${paths.map((path) => `http://localhost${path}`).join('\n')}\n`)
const servers: Server[] = []
try {
  for (const { name, command } of programs) servers.push(await startServer(name, command))
  console.log(`h2load -n ${requests} -c ${shape.clients} -m ${shape.streams}, medians of ${rounds} rounds`)
  for (const { name: workload, ...rest } of workloads) {
    const rates = new Map(servers.map((server): [Server, Rate[]] => [server, []]))
    // Compiled code is what a server runs nearly all of its life.
    for (const server of servers) await measure(server, { ...rest, requests: Math.ceil(requests / 4) })
    for (let round = 0; round < rounds; round++) {
      for (const server of servers) rates.get(server)?.push(await measure(server, { ...rest, requests }))
    }
    for (const [what, key] of [
      ['per second', 'wall'],
      ['per processor second', 'processor'],
    ] as const) {
      const all = servers.map((server) => rates.get(server)?.map((rate) => rate[key]) ?? [])
      const [ours = 0, theirs = 0] = all.map(median)
      console.log(`\n${workload}, requests ${what}: ${(ours / theirs).toFixed(2)} times node:http2`)
      servers.forEach(({ name }, i) => {
        const each = all[i] ?? []
        console.log(`  ${name.padEnd(11)}${format(median(each))}   of${each.map(format).join('')}`)
      })
    }
  }
} finally {
  for (const { running } of servers) await running.stop()
  rmSync(pathFile, { force: true })
}
