import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, openBrowser } from '../../interop/peers/browsers.ts'
import { run, start } from '../../interop/support/processes.ts'
import type { Result } from '../contract/case.ts'
import type { Config, ContractConfig } from '../contract/config.ts'
import { moduleOf, scriptOf } from './bundle.ts'
import { freePort, type Identity } from './peer.ts'
import type { Runtime } from './runtimes.ts'

/** Time for a whole run of the contract in one runtime. */
const LIMIT = 600_000

const parse = (lines: string): Result[] =>
  lines
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Result)

/** Runs the contract in a runtime; `folder` is for what it needs on disk. */
export async function contractIn(
  runtime: Runtime,
  config: ContractConfig,
  folder: string,
  identity: Identity,
  name = 'node',
): Promise<Result[]> {
  if (runtime.kind === 'page') return inPage(config)
  if (runtime.kind === 'workerd') {
    const worker = await startWorkerd(runtime, folder, identity)
    try {
      const response = await fetch(worker.door, { method: 'POST', body: JSON.stringify(config) })
      return parse(await response.text())
    } finally {
      await worker.stop()
    }
  }
  const { stdout, stderr, code } = await run(...(await commandOf(runtime, folder, config, name)), {
    milliseconds: LIMIT,
    env: environment(identity, folder),
  })
  if (code !== 0) throw new Error(`${runtime.name} ended with ${code}:\n${stdout.toString().slice(-2000)}\n${stderr}`)
  return parse(stdout.toString())
}

/** A runtime that listens. */
export interface Listening {
  /** An `http:` URL, and an `https:` one, where it can. */
  readonly tcp?: string
  readonly tls?: string
  /** All it has written so far. */
  output(): string
  stop(): Promise<void>
}

export async function listenIn(
  runtime: Runtime,
  folder: string,
  identity: Identity,
  name = 'node',
): Promise<Listening> {
  if (runtime.kind === 'workerd') {
    const { tcp, stop, output } = await startWorkerd(runtime, folder, identity)
    return { tcp, stop, output }
  }
  const { cert, key } = identity
  const [command, args] = await commandOf(runtime, folder, { mode: 'serve', cert, key }, name)
  const program = start(command, args, { env: environment(identity, folder) })
  const [line] = await program.waitFor(/^\{.*\}$/m, 60_000)
  return { ...(JSON.parse(line) as { tls: string }), stop: () => program.stop(), output: program.output }
}

async function commandOf(runtime: Runtime, folder: string, config: Config, name: string): Promise<[string, string[]]> {
  const file = join(folder, `${name}.mjs`)
  writeFileSync(file, await moduleOf(name))
  const [command, ...args] = runtime.command
  return [command, [...args, file, JSON.stringify(config)]]
}

/** Deno keeps its compiled modules below the home folder. */
const environment = (_identity: Identity, folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  HOME: folder,
  DENO_DIR: join(folder, 'deno'),
  NO_COLOR: '1',
})

/** Starts workerd with the program: a door for configs, and a port for HTTP/2 that its `connect` handler takes. */
export async function startWorkerd(
  runtime: Runtime,
  folder: string,
  { ca }: Identity,
  name = 'workerd',
): Promise<{ readonly door: string; readonly tcp: string; output(): string; stop(): Promise<void> }> {
  writeFileSync(join(folder, 'worker.mjs'), await moduleOf(name))
  const [door, tcp] = [await freePort(), await freePort()]
  writeFileSync(join(folder, 'config.capnp'), workerdConfig(door, tcp, ca))
  const program = start(runtime.command[0], ['serve', '--experimental', join(folder, 'config.capnp')])
  const url = `http://127.0.0.1:${door}/`
  await answering(url, program.output)
  return { door: url, tcp: `http://127.0.0.1:${tcp}/`, output: program.output, stop: () => program.stop() }
}

function workerdConfig(door: number, tcp: number, ca: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "everything", network = (
      allow = ["public", "private", "local"],
      tlsOptions = (trustedCertificates = [${JSON.stringify(ca)}]),
    )),
  ],
  sockets = [
    (name = "door", address = "127.0.0.1:${door}", http = (), service = "main"),
    (name = "http2", address = "127.0.0.1:${tcp}", tcp = (), service = "main"),
  ],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  compatibilityDate = "2026-11-01",
  globalOutbound = "everything",
);
`
}

/** Resolves when somebody answers there, whatever it is. */
async function answering(url: string, output: () => string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    try {
      await fetch(url)
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  throw new Error(`workerd doesn't answer:\n${output()}`)
}

async function inPage(config: ContractConfig): Promise<Result[]> {
  const { browser, close } = await openBrowser(chromium)
  try {
    const tab = await browser.newPage()
    const results: Result[] = []
    await tab.exposeFunction('tell', (result: Result) => void results.push(result))
    await tab.evaluate((source) => Object.assign(globalThis, { workerSource: source }), await scriptOf('worker'))
    await tab.evaluate(await scriptOf('page'))
    await tab.evaluate(
      (given) => (globalThis as unknown as { contract(config: unknown): Promise<void> }).contract(given),
      config as never,
    )
    return results
  } finally {
    await close()
  }
}
