import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { messages } from '../support/payloads.ts'
import type { Peer } from '../support/presence.ts'
import { run } from '../support/processes.ts'

// Debian's own interpreter: its packages are not seen by another one that may come first in the path.
const python = '/usr/bin/python3'
const script = fileURLToPath(new URL('h2_wsproto_client.py', import.meta.url))

export const pythonH2: Peer = {
  name: 'python3-h2',
  version() {
    const print = 'import h2, wsproto; print(f"{h2.__version__} + wsproto {wsproto.__version__}")'
    const { status, stdout } = spawnSync(python, ['-c', print], { encoding: 'utf8' })
    return status === 0 ? stdout.trim() : undefined
  },
  install: 'apt-get install python3-h2 python3-wsproto',
}

/** The steps of the run that every WebSocket peer makes, the close left to the caller. */
export const messageSteps: readonly string[] = messages.map(({ kind, length }) => `${kind}:${length}`)

/** Runs the steps (h2_wsproto_client.py lists them) and returns what each reported, the response's status first. */
export async function runSteps(url: URL, ca: string | undefined, steps: readonly string[]): Promise<unknown[]> {
  const args = [script, ...(ca === undefined ? [] : ['--ca', ca]), url.href, ...steps]
  const { code, stdout, stderr } = await run(python, args)
  if (code !== 0) throw new Error(`h2_wsproto_client.py ended with ${code}: ${stderr}\n${stdout}`)
  const lines = stdout.toString().trim().split('\n')
  return lines.map((line): unknown => JSON.parse(line))
}
