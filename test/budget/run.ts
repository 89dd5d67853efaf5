import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import type { Allocation } from './allocations.ts'

/** What test/budget.json holds, and what a measurement gives. */
export interface Budget {
  readonly allocations: Readonly<Record<string, Allocation>>
  readonly counts: Readonly<Record<string, number>>
}

/** Room for young objects, in MiB, that no sample fills. */
const YOUNG = 64

/** Measures in a process of its own: what else a test runner has in its heap would be seen. */
export async function measureBudget(node: string = process.execPath): Promise<Budget> {
  const folder = resolve('dist/run')
  mkdirSync(folder, { recursive: true })
  const outfile = resolve(folder, `budget-${process.pid}.mjs`)
  try {
    await build({
      entryPoints: ['test/budget/main.ts'],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      logLevel: 'warning',
    })
    const flags = [
      '--expose-gc',
      `--min-semi-space-size=${YOUNG}`,
      `--max-semi-space-size=${YOUNG}`,
      '--single-threaded',
    ]
    const child = spawnSync(node, [...flags, outfile], { encoding: 'utf8' })
    if (child.status !== 0) throw child.error ?? new Error(`the measurement failed: ${child.stderr}`)
    return JSON.parse(child.stdout)
  } finally {
    rmSync(outfile, { force: true })
  }
}
