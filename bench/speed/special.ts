import type { Case, Entry, Outcome, PrepareOptions } from '../measure.ts'
import { volume } from './loads.ts'
import {
  LOAD_CORE,
  MEASURED_CORE,
  residentMemory,
  runProgram,
  type ServerSpec,
  startLoad,
  startServer,
} from './programs.ts'

/** What is not a rate of something over a socket. Each turn starts everything anew. */

const ours = (handler: string): ServerSpec => ({ program: 'ours', flags: ['--handler', handler] })
const nodeHttp2: ServerSpec = { program: 'node-http2' }
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

/** MiB that a server has after a collection of garbage. */
async function settled({ pid, waitFor }: Awaited<ReturnType<typeof startServer>>['running'], collections: number) {
  process.kill(pid, 'SIGUSR2')
  await waitFor(new RegExp(`(collected\\s+){${collections}}`))
  await pause(300)
  return residentMemory(pid)
}

const SOCKETS = 10_000

async function idleSockets(spec: ServerSpec, http1: boolean): Promise<Outcome> {
  const server = await startServer(spec, ['--expose-gc'])
  const shape = http1
    ? ['--http1', '--connections', `${SOCKETS}`]
    : ['--connections', '10', '--sockets', `${SOCKETS / 10}`]
  try {
    const before = await settled(server.running, 1)
    const load = await startLoad('websocket-load', ['--port', `${server.port}`, '--hold', ...shape])
    try {
      await load.waitFor(/opened/, 40_000)
      await pause(500)
      const mebibytes = (await settled(server.running, 2)) - before
      return { checksum: 1, seconds: mebibytes, passes: SOCKETS }
    } finally {
      await load.stop()
    }
  } finally {
    await server.running.stop()
  }
}

const memory: Entry = {
  name: 'speed memory, idle WebSockets',
  unit: 'WebSockets',
  per: 'MiB',
  targets: { 'ws on node:http2': 3, 'ws over HTTP/1.1': 3 },
  rounds: 3,
  prepare: () => ({
    operations: 1,
    sides: {
      ours: () => idleSockets(ours('object'), false),
      'ws on node:http2': () => idleSockets(nodeHttp2, false),
      'ws over HTTP/1.1': () => idleSockets({ program: 'ws' }, true),
    },
    notes: ['resident memory of the server beyond that before the first socket, both after a collection'],
  }),
}

interface Latency {
  readonly idle: number
  readonly busy: number
}

async function latency(spec: ServerSpec, milliseconds: number, heard: Latency[]): Promise<Outcome> {
  const server = await startServer(spec)
  try {
    const flags = ['--port', `${server.port}`, '--bytes', `${volume(milliseconds)}`]
    const result = await runProgram<Latency>(LOAD_CORE, 'latency-load', flags)
    heard.push(result)
    return { checksum: 1, seconds: result.busy, passes: result.idle }
  } finally {
    await server.running.stop()
  }
}

function latencyNote(name: string, heard: readonly Latency[]): string {
  const times = (key: keyof Latency): string => heard.map((one) => one[key].toFixed(2)).join(' ')
  return `${name}: p99 alone ${times('idle')} ms, beside the download ${times('busy')} ms`
}

const busyLatency: Entry = {
  name: 'speed p99 of a small message beside 1 GiB',
  unit: 'p99 alone',
  per: 'p99 beside a download',
  targets: { 'ws on node:http2': 1 },
  rounds: 5,
  // a turn is one download, however long the pass is
  milliseconds: 0,
  prepare: ({ short }: PrepareOptions): Case => {
    const heard: Record<'ours' | 'theirs', Latency[]> = { ours: [], theirs: [] }
    const length = short ? 0 : 1000
    return {
      operations: 1,
      sides: {
        ours: () => latency(ours('transfer'), length, heard.ours),
        'ws on node:http2': () => latency(nodeHttp2, length, heard.theirs),
      },
      finish: async () => ({
        notes: [latencyNote('ours', heard.ours), latencyNote('ws on node:http2', heard.theirs)],
      }),
    }
  },
}

const STARTS = 5

async function coldStarts(program: string): Promise<Outcome> {
  const start = performance.now()
  for (let i = 0; i < STARTS; i++) await runProgram<void>(MEASURED_CORE, program, [])
  return { checksum: 1, seconds: (performance.now() - start) / 1000, passes: STARTS }
}

const coldStart: Entry = {
  name: 'speed cold start: import, serve, connect, first answer',
  unit: 'starts',
  // 1.2 times the time
  targets: { 'node:http2': 1 / 1.2 },
  rounds: 9,
  prepare: () => ({
    operations: 1,
    sides: { ours: () => coldStarts('cold-ours'), 'node:http2': () => coldStarts('cold-node') },
    notes: ['the start of Node itself is in both'],
  }),
}

export const special: readonly Entry[] = [memory, busyLatency, coldStart]
