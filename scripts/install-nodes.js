// Puts other releases of Node into a folder of their own, as peers of the attack suite, and prints the flags that take them:
// `npm run test:attacks -- $(node scripts/install-nodes.js /tmp/nodes 24 26)`. Nothing of this one is changed.
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'

const [folder, ...versions] = process.argv.slice(2)
if (folder === undefined || versions.length === 0) {
  console.error('usage: node scripts/install-nodes.js FOLDER VERSION...')
  process.exit(2)
}
const name = `node-${process.platform}-${process.arch}`
const flags = versions.map((version) => {
  const prefix = resolve(folder, version)
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', prefix, `${name}@${version}`], {
    stdio: ['ignore', 2, 2],
  })
  return `--peer node:${resolve(prefix, 'node_modules', name, 'bin', 'node')}`
})
console.log(flags.join(' '))
