import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { root } from './package.ts'

/** What of Node's own a process has loaded after `source`. */
async function loaded(source: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hyperduct-loaded-'))
  try {
    const outfile = join(folder, 'program.mjs')
    const contents = `${source}\nconsole.log(JSON.stringify(process.moduleLoadList))`
    await build({
      stdin: { contents, resolveDir: root },
      bundle: true,
      logLevel: 'error',
      format: 'esm',
      platform: 'node',
      outfile,
    })
    return JSON.parse(execFileSync(process.execPath, [outfile], { encoding: 'utf8' }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test("a program that only loads hyperduct/node does not load Node's fetch with it", async () => {
  const fetchOfNode = /undici/
  const programs = [
    "import * as all from 'hyperduct/node'\nif (all.serve === undefined) throw new Error('nothing there')",
    'if (Response === undefined) throw new Error("no fetch")',
  ]
  const [ours, naming] = await Promise.all(programs.map(loaded))
  expect(ours!.filter((name) => fetchOfNode.test(name))).toEqual([])
  // or it could not be told
  expect(naming!.some((name) => fetchOfNode.test(name))).toBe(true)
})
