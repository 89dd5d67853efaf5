import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { programs } from '../../runtimes/support/runtimes.ts'
import type { Peer } from '../support/presence.ts'
import { run } from '../support/processes.ts'
import type { Report } from './web-socket-program.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const undiciFolder = here('../../runtimes/binaries/node_modules/undici/')

/** Somebody else's WebSocket class that speaks RFC 8441, in a process of its own. */
export interface RuntimeSocket extends Peer {
  /** Talks to `path` of the demo, and to its chat. */
  exchange(url: URL, path: string, ca: string): Promise<Report>
}

function runtimeNamed(name: string) {
  const found = programs.find((program) => program.name === name)
  if (found === undefined) throw new Error(`there is no ${name} among the runtimes`)
  return found
}

const node = runtimeNamed('Node 26')
const deno = runtimeNamed('Deno')

function runner([command, ...args]: readonly [string, ...string[]], more: readonly string[] = []) {
  return async (url: URL, path: string, ca: string): Promise<Report> => {
    const program = [...args, here('web-socket-program.ts'), url.href, path, ...more]
    // Each has a variable of its own for whom to trust.
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: ca, DENO_CERT: ca, NO_COLOR: '1' }
    const { code, signal, stdout, stderr } = await run(command, program, { env })
    if (code !== 0 || stdout.length === 0) throw new Error(`ended with ${code ?? signal}: ${stderr}`)
    return JSON.parse(stdout.toString())
  }
}

export const node26: RuntimeSocket = { ...node, name: "Node 26's own WebSocket", exchange: runner(node.command) }

export const denoSocket: RuntimeSocket = { ...deno, name: "Deno's own WebSocket", exchange: runner(deno.command) }

export const undici: RuntimeSocket = {
  name: 'undici',
  version: () =>
    existsSync(undiciFolder) && node.version() !== undefined
      ? JSON.parse(readFileSync(`${undiciFolder}package.json`, 'utf8')).version
      : undefined,
  install: node.install,
  exchange: runner(node.command, [`${undiciFolder}index.js`]),
}
