import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Peer } from '../support/presence.ts'
import { run } from '../support/processes.ts'

// Debian's own interpreter: its packages are not seen by another one that may come first in the path.
const python = '/usr/bin/python3'
const script = fileURLToPath(new URL('hpack_codec.py', import.meta.url))

export const pythonHpack: Peer = {
  name: 'python3-hpack',
  version() {
    const { status, stdout } = spawnSync(python, ['-c', 'import hpack; print(hpack.__version__)'], { encoding: 'utf8' })
    return status === 0 ? stdout.trim() : undefined
  },
  install: 'apt-get install python3-hpack',
}

/** Name, value, and whether it is never to be indexed; one character for each octet. */
export type Line = readonly [name: string, value: string, sensitive: boolean]

/** What came out of the blocks of one connection, up to the first fault. */
export interface Decoded {
  readonly sections: readonly (readonly Line[])[]
  readonly error: string | null
}

/** A section to encode, before it a new size of the table or none. */
export type Step = readonly [size: number | null, huffman: boolean, fields: readonly Line[]]

/** One process for all connections, each with a codec of its own. */
async function ask(tasks: readonly unknown[]): Promise<unknown[]> {
  const input = Buffer.from(tasks.map((task) => `${JSON.stringify(task)}\n`).join(''))
  const { code, stdout, stderr } = await run(python, [script], { input, milliseconds: 170_000 })
  if (code !== 0) throw new Error(`hpack_codec.py ended with ${code}: ${stderr}`)
  const lines = stdout.toString().trimEnd().split('\n')
  if (lines.length !== tasks.length) throw new Error(`${lines.length} answers to ${tasks.length} tasks`)
  return lines.map((line): unknown => JSON.parse(line))
}

/** Decodes the blocks of each connection, given in hexadecimal. */
export async function decodeAll(connections: readonly (readonly string[])[]): Promise<Decoded[]> {
  return (await ask(connections.map((blocks) => ({ decode: blocks })))) as Decoded[]
}

/** Encodes the sections of each connection; answers blocks in hexadecimal. */
export async function encodeAll(connections: readonly (readonly Step[])[]): Promise<string[][]> {
  const answers = (await ask(connections.map((steps) => ({ encode: steps })))) as { blocks: string[] }[]
  return answers.map(({ blocks }) => blocks)
}
