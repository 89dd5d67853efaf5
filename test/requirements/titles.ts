import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface TestTitle {
  /** The title of the test alone. */
  readonly title: string
  /** With the titles of its `describe`s before it. */
  readonly path: string
}

/**
 * The titles of all tests that `npm test` runs, as vitest itself collects them without running any: titles that helpers
 * and tables make are there too. One thread for all files makes it 3 s and not 20.
 */
export async function collectTitles(): Promise<TestTitle[]> {
  const folder = await mkdtemp(join(tmpdir(), 'titles-'))
  try {
    const file = join(folder, 'titles.json')
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const args = ['list', `--json=${file}`, '--pool=threads', '--no-isolate', '--maxWorkers=1']
    await promisify(execFile)(process.execPath, [vitest, ...args], { cwd: root, env: ownEnvironment() })
    const listed = JSON.parse(await readFile(file, 'utf8')) as { name: string }[]
    return listed.map(({ name }) => ({ title: name.split(' > ').at(-1)!, path: name }))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The environment without what the vitest around this test has put into it for its own workers. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')))
}
