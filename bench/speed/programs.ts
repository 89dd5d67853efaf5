import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import { type Running, run, start } from '../../test/interop/support/processes.ts'

/** What is measured has the first core for itself, and what puts load on it the second. */
export const MEASURED_CORE = '0'
export const LOAD_CORE = '1'

const folder = resolve(`dist/run/speed-${process.pid}`)
let built: Promise<unknown> | undefined

/** The programs of this folder, bundled as the package is; gone when this process ends. */
function bundles(): Promise<unknown> {
  if (built !== undefined) return built
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const names = readdirSync('bench/speed/programs').filter((name) => name !== 'common.ts')
  built = build({
    entryPoints: names.map((name) => `bench/speed/programs/${name}`),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  })
  return built
}

/**
 * The command that runs a program of this folder on one core, under the Node that runs this. It has an environment of its own: that of
 * who runs the bench may cost each start something, as a bundle of certificates does Node 20 some 40 ms.
 */
async function command(core: string, program: string, nodeFlags: readonly string[]): Promise<readonly string[]> {
  await bundles()
  const environment = ['env', '-i', `PATH=${process.env.PATH ?? ''}`]
  return ['-c', core, ...environment, process.execPath, ...nodeFlags, resolve(folder, `${program}.mjs`)]
}

export interface Server {
  readonly port: number
  readonly running: Running
}

/** What to start: a program of this folder, or nghttpd with a folder of files. */
export interface ServerSpec {
  readonly program: 'ours' | 'node-http2' | 'ws' | 'plain' | 'nghttpd'
  readonly flags?: readonly string[]
}

export async function startServer(spec: ServerSpec, nodeFlags: readonly string[] = []): Promise<Server> {
  if (spec.program === 'nghttpd') return startNghttpd(spec.flags ?? [])
  const words = await command(MEASURED_CORE, spec.program, nodeFlags)
  const running = start('taskset', [...words, ...(spec.flags ?? [])])
  const [, port] = await running.waitFor(/on (\d+)/)
  return { port: Number(port), running }
}

async function startNghttpd(flags: readonly string[]): Promise<Server> {
  const port = await freePort()
  const running = start('taskset', ['-c', MEASURED_CORE, 'nghttpd', '--no-tls', '-a', '127.0.0.1', ...flags, `${port}`])
  for (let attempt = 0; !(await accepts(port)); attempt++) {
    if (attempt > 100) throw new Error(`nghttpd doesn't listen: ${running.output()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { port, running }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

/** Runs a program of this folder to its end and reads the line of JSON that it prints. */
export async function runProgram<T>(
  core: string,
  program: string,
  flags: readonly string[],
  nodeFlags: readonly string[] = [],
): Promise<T> {
  const words = await command(core, program, nodeFlags)
  const { code, stdout, stderr } = await run('taskset', [...words, ...flags], { milliseconds: 120_000 })
  if (code !== 0) throw new Error(`${program} ${flags.join(' ')}: ${stderr || code}`)
  const text = stdout.toString()
  return text === '' ? (undefined as T) : JSON.parse(text)
}

/** Starts a load that stays until it is stopped. */
export async function startLoad(program: string, flags: readonly string[]): Promise<Running> {
  return start('taskset', [...(await command(LOAD_CORE, program, [])), ...flags])
}

/** Seconds of processor time that a process has used, with all its threads. The kernel counts hundredths. */
export function processorTime(pid: number): number {
  // The name in parentheses may hold anything; user and system time are the 12th and 13th number after it.
  const numbers = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(numbers[11]) + Number(numbers[12])) / 100
}

/** MiB of memory that a process has resident. */
export function residentMemory(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
