// Where the library says `ErrorCode.CANCEL`, the bundles say 8, as compilers do with an enum. A minifier keeps the names of
// properties: those of the registries were 1.4 of the 58 kB of a client.
import { readFileSync } from 'node:fs'
import { build } from 'esbuild'

/** Modules that export registries: objects in which each name has a whole number. What else they export stays as it is. */
const modules = [
  'connection/field-syntax.ts',
  'connection/message-phase.ts',
  'connection/stream-state.ts',
  'errors/error-code.ts',
  'frames/read-status.ts',
  'frames/registry.ts',
  'session/stream-base.ts',
  'websocket/close-code.ts',
  'websocket/opcode.ts',
]

/** The number behind each `Registry.NAME`. */
async function readNumbers() {
  const contents = modules.map((path) => `export * from './src/${path}'`).join('\n')
  const stdin = { contents, resolveDir: process.cwd() }
  const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', target: 'es2022', write: false })
  const exported = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`)
  const registries = Object.entries(exported).filter(
    ([, value]) => typeof value === 'object' && Object.values(value).every(Number.isInteger),
  )
  return new Map(
    registries.flatMap(([registry, names]) =>
      Object.entries(names).map(([name, number]) => [`${registry}.${name}`, String(number)]),
    ),
  )
}

/** A plugin for esbuild. What it writes is as long as what it replaces, so that source maps stay right. */
export const registryNumbers = {
  name: 'registry-numbers',
  async setup(bundle) {
    const numbers = await readNumbers()
    bundle.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/(?<![\w.])[A-Z]\w+\.[A-Z]\w*/g, (use) =>
        (numbers.get(use) ?? use).padEnd(use.length),
      ),
      loader: 'ts',
    }))
  },
}
