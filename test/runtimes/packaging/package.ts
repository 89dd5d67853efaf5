import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../../../', import.meta.url))

/** Packs the library as for publication and installs it into `folder`, which becomes a package of its own. */
export function installPacked(folder: string): { readonly tarball: string } {
  const npm = (args: string[], cwd: string): string =>
    execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  const tarball = join(folder, npm(['pack', '--silent', '--pack-destination', folder], root).trim())
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  npm(['install', '--no-audit', '--no-fund', tarball], folder)
  return { tarball }
}

/** Lets the consumer see packages that the library develops with, as if it had installed them itself. */
export function lend(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const target = join(folder, 'node_modules', name)
    mkdirSync(join(target, '..'), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), target)
  }
}
