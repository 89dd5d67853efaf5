// Puts the runtimes that `npm run test:runtimes` runs in into test/runtimes/binaries, as its lock file says; a machine
// that tests nothing of the kind is spared their 700 MB.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../test/runtimes/binaries', import.meta.url))
execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--prefix', folder], { stdio: 'inherit' })
