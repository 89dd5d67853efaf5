import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, openBrowser } from '../../interop/peers/browsers.ts'
import { run, start } from '../../interop/support/processes.ts'
import type { Result } from '../contract/case.ts'
import type { Config, ContractConfig } from '../contract/config.ts'
import { moduleOf, scriptOf } from './bundle.ts'
import type { Identity } from './peer.ts'
import type { Runtime } from './runtimes.ts'
import { startWorkerd } from './workerd.ts'

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
