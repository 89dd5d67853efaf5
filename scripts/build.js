// Bundles each entry point into dist/*.js, the demo with its page too. The types beside them come from `tsc -b`.
// Many small modules would cost a program some 30 ms at its start; entry points share chunks, so that a class is one class.
import { copyFileSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

/** Entry points by the name they have in dist; `anywhere` ones must run on any engine with the web's globals, or with none. */
const entries = {
  node: 'src/runtime/node/index.ts',
  web: 'src/runtime/web/index.ts',
  workerd: 'src/runtime/workerd/index.ts',
  frames: 'src/frames/index.ts',
  hpack: 'src/hpack/index.ts',
  connection: 'src/connection/index.ts',
  websocket: 'src/websocket/index.ts',
  demo: 'src/demo/main.ts',
  'echo-client': 'src/demo/echo-client.ts',
}
const anywhere = ['frames', 'hpack', 'connection', 'websocket', 'web']

const common = { bundle: true, format: 'esm', target: 'es2022', metafile: true, logLevel: 'warning' }

const library = await build({
  ...common,
  entryPoints: entries,
  outdir: 'dist',
  splitting: true,
  chunkNames: 'chunk-[hash]',
  sourcemap: true,
  // They lead to the sources in the package.
  sourcesContent: false,
  // Nothing is resolved as if for Node; what needs Node says `node:` and stays an import.
  platform: 'neutral',
  external: ['node:*', 'cloudflare:*', '@peculiar/x509', 'reflect-metadata'],
})

const page = await build({
  ...common,
  entryPoints: ['src/demo/page/page.js', 'src/demo/page/page.css'],
  outdir: 'dist/page',
  platform: 'browser',
  minify: true,
})
copyFileSync('src/demo/page/index.html', 'dist/page/index.html')

/** The imports of an output file that stay imports, with those of the chunks it shares. */
function outsideImports(output, seen = new Set()) {
  if (seen.has(output)) return []
  seen.add(output)
  return library.metafile.outputs[output].imports.flatMap(({ path, external }) =>
    external ? [path] : outsideImports(path, seen),
  )
}

for (const entry of anywhere) {
  const outside = outsideImports(`dist/${entry}.js`)
  if (outside.length > 0) throw new Error(`dist/${entry}.js must run anywhere, but imports ${outside.join(', ')}`)
}
for (const [entry, own] of [
  ['node', 'node:'],
  ['workerd', 'cloudflare:'],
]) {
  const foreign = outsideImports(`dist/${entry}.js`).filter((path) => !path.startsWith(own))
  if (foreign.length > 0)
    throw new Error(`the library has no dependencies, but dist/${entry}.js imports ${foreign.join(', ')}`)
}

// Chunks of an earlier build go last, so that a program still reading them is not cut off half-way.
const made = new Set([...Object.keys(library.metafile.outputs), ...Object.keys(page.metafile.outputs)])
for (const name of readdirSync('dist')) {
  if (/^chunk-\w+\.js(\.map)?$/.test(name) && !made.has(`dist/${name}`)) rmSync(`dist/${name}`)
}
