// Runs a TypeScript program: `node scripts/run.js bench/h2load.ts --flag`. Bundled to a file inside the package, so that
// its imports of packages, this one among them, resolve as they do from the source; the file is gone when it ends.
import { mkdirSync, rmSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const [source, ...args] = process.argv.slice(2)
if (source === undefined) {
  console.error('usage: node scripts/run.js FILE.ts [ARGUMENT...]')
  process.exit(2)
}
const folder = fileURLToPath(new URL('../dist/run/', import.meta.url))
mkdirSync(folder, { recursive: true })
const outfile = resolve(folder, `${basename(source, '.ts')}-${process.pid}.mjs`)
const clean = () => rmSync(outfile, { force: true })
process.on('exit', clean)
await build({
  entryPoints: [source],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
})
process.argv = [process.argv[0], resolve(source), ...args]
try {
  await import(pathToFileURL(outfile).href)
} finally {
  // Loaded: from here on a signal may end the program without leaving the file behind.
  clean()
}
