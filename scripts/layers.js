// The arrows of the architecture, once: which folders of src a folder may import from.
// The compiler's project references and the linter's rules are generated from this table; `--check` fails if they differ.
import { readFileSync, writeFileSync } from 'node:fs'

const core = ['bytes', 'errors', 'frames', 'hpack', 'connection']
const library = [...core, 'websocket', 'platform', 'transport', 'session', 'api']
export const layers = {
  bytes: [],
  errors: [],
  frames: ['bytes', 'errors'],
  hpack: ['bytes', 'errors'],
  connection: ['bytes', 'errors', 'frames', 'hpack'],
  websocket: ['bytes', 'errors'],
  platform: [],
  transport: ['bytes', 'errors', 'platform'],
  session: [...core, 'platform', 'transport'],
  api: [...core, 'websocket', 'platform', 'transport', 'session'],
  'runtime/everywhere': library,
  'runtime/node': [...library, 'runtime/everywhere'],
  'runtime/web': [...library, 'runtime/everywhere'],
  'runtime/workerd': [...library, 'runtime/everywhere', 'runtime/web'],
  demo: [...library, 'runtime/node'],
}

/** What a layer may see beside the ES library: nothing, web globals (a runtime: clock and chance too), or Node. */
const globals = (folder) => {
  if (folder === 'runtime/node' || folder === 'demo') return 'node'
  if (folder.startsWith('runtime/')) return 'runtime'
  return ['platform', 'transport', 'session', 'api'].includes(folder) ? 'web' : 'none'
}

function projectFile(folder) {
  const up = '../'.repeat(folder.split('/').length)
  const kind = globals(folder)
  const options = {
    ...(kind === 'node' ? { types: ['node'] } : {}),
    // The certificate maker's own declarations want the DOM's names, which no program here is given.
    ...(folder === 'demo' ? { skipLibCheck: true } : {}),
    rootDir: up.slice(0, -1),
    outDir: `${up}../dist/types`,
    tsBuildInfoFile: `${up}../dist/types/${folder.replace('/', '-')}.tsbuildinfo`,
  }
  return {
    extends: `${up}../tsconfig.base.json`,
    compilerOptions: options,
    include: [
      '**/*.ts',
      ...(kind === 'web' || kind === 'runtime' ? [`${up}web-globals.d.ts`] : []),
      ...(kind === 'runtime' ? [`${up}runtime/runtime-globals.d.ts`] : []),
    ],
    references: layers[folder].map((target) => ({ path: `${up}${target}` })),
  }
}

/**
 * What the ES library itself offers and a layer must not use all the same, since the compiler cannot take it away.
 * Time and chance come in as arguments (a recording replays), and the core knows no promise: its events are drained.
 */
function forbiddenGlobals(folder) {
  const kind = globals(folder)
  if (kind === 'node' || kind === 'runtime') return {}
  const clock = `src/${folder} has no clock of its own: time comes in as an argument or from the platform`
  const promise = `src/${folder} is sans-I/O and knows no promise: events are drained by the caller`
  const deniedGlobals = { Date: clock, ...(kind === 'none' ? { Promise: promise } : {}) }
  return { noRestrictedGlobals: { level: 'error', options: { deniedGlobals } } }
}

function lintOverride(folder) {
  const group = [
    ...Object.keys(layers)
      .filter((other) => other !== folder && !layers[folder].includes(other))
      .flatMap((other) => [`**/${other}/*.ts`, `!./**`]),
    ...(globals(folder) === 'node' ? [] : ['node:*']),
  ]
  const message = `src/${folder} may import only from: ${layers[folder].join(', ') || 'nothing'} (docs/architecture.md)`
  return {
    includes: [`src/${folder}/**`],
    ...(['node', 'runtime'].includes(globals(folder)) ? {} : { plugins: ['./scripts/no-chance.grit'] }),
    linter: {
      rules: {
        style: {
          noRestrictedImports: { level: 'error', options: { patterns: [{ group: [...new Set(group)], message }] } },
          ...forbiddenGlobals(folder),
        },
      },
    },
  }
}

const files = new Map(Object.keys(layers).map((folder) => [`src/${folder}/tsconfig.json`, projectFile(folder)]))
const biome = JSON.parse(readFileSync('biome.json', 'utf8'))
const others = (biome.overrides ?? []).filter((o) => !o.includes?.[0]?.startsWith('src/'))
files.set('biome.json', { ...biome, overrides: [...others, ...Object.keys(layers).map(lintOverride)] })

const normal = (text) => JSON.stringify(JSON.parse(text))
const read = (path) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return 'null'
  }
}
const stale = [...files].filter(([path, content]) => normal(read(path)) !== JSON.stringify(content))
if (process.argv.includes('--check')) {
  for (const [path] of stale)
    console.error(`${path} differs from the table in scripts/layers.js: run node scripts/layers.js`)
  process.exitCode = stale.length ? 1 : 0
} else {
  for (const [path, content] of stale) writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`)
}
