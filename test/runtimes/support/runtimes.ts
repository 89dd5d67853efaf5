import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from '../../interop/peers/browsers.ts'
import { type Peer, printedVersion } from '../../interop/support/presence.ts'

/** A real runtime, and how the contract gets into it. */
export interface Runtime extends Peer {
  readonly kind: 'program' | 'workerd' | 'page'
  /** The command that runs a file, without the file; for a page the browser. */
  readonly command: readonly [string, ...string[]]
  /** As the documentation has it: exact for those that the lock file pins, else as much as is in the name. */
  shownVersion(): string
}

const folder = fileURLToPath(new URL('../binaries/node_modules/', import.meta.url))
const install = 'node scripts/install-runtimes.js'

function program(name: string, path: string, args: readonly string[] = []): Runtime {
  const version = () => (existsSync(path) ? printedVersion(path, ['--version']) : undefined)
  // The release of the machine's own Node is in its name.
  const shownVersion = () => (path === process.execPath ? '20' : (version() ?? ''))
  return { name, kind: 'program', command: [path, ...args], version, shownVersion, install }
}

/** The Node that runs the tests; the contract wants release 20 there, the oldest that is supported. */
const thisNode = program('Node 20', process.execPath)

export const programs: readonly Runtime[] = [
  thisNode,
  program('Node 22', `${folder}node-22/bin/node`),
  program('Node 24', `${folder}node-24/bin/node`),
  program('Node 26', `${folder}node-26/bin/node`),
  program('Bun', `${folder}@oven/bun-linux-x64/bin/bun`),
  program('Deno', `${folder}@deno/linux-x64-glibc/deno`, ['run', '--allow-all', '--no-check', '--quiet']),
]

const workerdPath = `${folder}@cloudflare/workerd-linux-64/bin/workerd`

/** The date that workerd's version is. */
function printedDate(path: string): string | undefined {
  return /\d{4}-\d\d-\d\d/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[0]
}

export const workerd: Runtime = {
  name: 'workerd',
  kind: 'workerd',
  command: [workerdPath],
  version: () => (existsSync(workerdPath) ? printedDate(workerdPath) : undefined),
  shownVersion: () => printedDate(workerdPath) ?? '',
  install,
}

export const page: Runtime = {
  ...chromium,
  kind: 'page',
  command: [chromium.executablePath],
  // Debian's moves on.
  shownVersion: () => chromium.version()?.split('.')[0] ?? '',
}

export const runtimes: readonly Runtime[] = [...programs, workerd, page]
