import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * Where undici 8 is: in a folder of its own, since it takes a newer Node than this package; fetched when first needed.
 * Undefined with a note where it can't be had.
 */
export function undiciModule(notes: string[]): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 19)) {
    notes.push('undici 8 takes Node 22.19, so it is left out here')
    return undefined
  }
  const prefix = resolve('dist/bench/undici-8')
  const module = resolve(prefix, 'node_modules/undici/index.js')
  if (existsSync(module)) return module
  try {
    const flags = ['install', '--no-audit', '--no-fund', '--prefix', prefix, 'undici@8']
    execFileSync('npm', flags, { stdio: ['ignore', 'ignore', 'pipe'] })
    return module
  } catch (error) {
    notes.push(`undici 8 could not be fetched: ${String(error).split('\n')[0]}`)
    return undefined
  }
}
