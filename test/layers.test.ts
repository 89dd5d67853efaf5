import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/**
 * The arrows between the layers hold because tools enforce them. Here each kind of violation is planted in a copy of the
 * sources, and the tool that is meant to catch it has to.
 */

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name: string) => resolve(root, 'node_modules/.bin', name)

interface Violation {
  readonly kind: string
  readonly file: string
  readonly source: string
  /** What the compiler says of it, as a code; undefined: it has no objection. */
  readonly compiler?: RegExp
  /** The rule by which the linter objects. */
  readonly linter?: string
}

const restrictedImport = 'lint/style/noRestrictedImports'
const restrictedGlobal = 'lint/style/noRestrictedGlobals'
const outsideProject = /TS6307/
const unknownName = /TS2304|TS2580|TS2584|TS2591|TS2552/

const violations: readonly Violation[] = [
  {
    kind: 'an import upward',
    file: 'bytes/planted-upward.ts',
    source: "export { FrameType } from '../frames/index.ts'\n",
    compiler: outsideProject,
    linter: restrictedImport,
  },
  {
    kind: 'an import upward, of a type alone',
    file: 'connection/planted-type.ts',
    source: "export type { Session } from '../session/index.ts'\n",
    compiler: outsideProject,
    linter: restrictedImport,
  },
  {
    kind: 'an import sideways',
    file: 'frames/planted-sideways.ts',
    source: "export { HpackDecoder } from '../hpack/index.ts'\n",
    compiler: outsideProject,
    linter: restrictedImport,
  },
  {
    kind: 'an import when the program runs',
    file: 'websocket/planted-dynamic.ts',
    source: "export const later: () => unknown = () => import('../frames/index.ts')\n",
    compiler: outsideProject,
    linter: restrictedImport,
  },
  {
    kind: 'an import of Node in the core',
    file: 'hpack/planted-node.ts',
    source: "import { readFileSync } from 'node:fs'\n\nexport const read: unknown = readFileSync\n",
    compiler: unknownName,
    linter: restrictedImport,
  },
  {
    kind: 'an import of Node in the session',
    file: 'session/planted-node.ts',
    source: "import { Socket } from 'node:net'\n\nexport const socket: unknown = Socket\n",
    compiler: unknownName,
    linter: restrictedImport,
  },
  {
    kind: 'an import of a program by the library',
    file: 'api/planted-program.ts',
    source: "export { readFlags } from '../demo/flags.ts'\n",
    compiler: outsideProject,
    linter: restrictedImport,
  },
  {
    kind: 'an import of a program by a runtime',
    file: 'runtime/node/planted-program.ts',
    source: "export { readFlags } from '../../demo/flags.ts'\n",
    compiler: outsideProject,
    linter: restrictedImport,
  },
  {
    kind: 'a global of the DOM in the core',
    file: 'connection/planted-dom.ts',
    source: 'export const title: unknown = document.title\n',
    compiler: unknownName,
  },
  {
    kind: 'a web global in the core',
    file: 'websocket/planted-web.ts',
    source: 'export const decoder: unknown = new TextDecoder()\n',
    compiler: unknownName,
  },
  {
    kind: 'a global of Node in the session',
    file: 'session/planted-node-global.ts',
    source: 'export const bytes: unknown = Buffer.from(process.version)\n',
    compiler: unknownName,
  },
  {
    kind: 'a timer in the core',
    file: 'connection/planted-timer.ts',
    source: 'export const wait: unknown = setTimeout(() => {}, 1)\n',
    compiler: unknownName,
  },
  {
    kind: 'a clock of the platform in the core',
    file: 'frames/planted-performance.ts',
    source: 'export const now: number = performance.now()\n',
    compiler: unknownName,
  },
  {
    kind: 'a clock of the language in the core',
    file: 'connection/planted-date.ts',
    source: 'export const now: number = Date.now()\n',
    linter: restrictedGlobal,
  },
  {
    kind: 'a clock of the language in the session',
    file: 'session/planted-date.ts',
    source: 'export const now: number = new Date().getTime()\n',
    linter: restrictedGlobal,
  },
  {
    kind: 'chance in the core',
    file: 'websocket/planted-chance.ts',
    source: 'export const key: number = Math.random()\n',
    linter: 'plugin',
  },
  {
    kind: 'a promise in the core',
    file: 'hpack/planted-promise.ts',
    source: 'export async function decode(): Promise<void> {}\n',
    linter: restrictedGlobal,
  },
]

/** What the layers do allow, lest a tool that objects to everything pass here. */
const allowed: readonly { file: string; source: string }[] = [
  {
    file: 'connection/planted-allowed.ts',
    source: "export { ByteWriter } from '../bytes/index.ts'\nexport const most: number = Math.max(1, 2)\n",
  },
  { file: 'session/planted-allowed.ts', source: "export { ErrorCode } from '../errors/index.ts'\n" },
  {
    file: 'demo/planted-allowed.ts',
    source: "import { hostname } from 'node:os'\n\nexport const host: string = hostname() + Date.now()\n",
  },
]

/** Both tools end with a failure here, so only what they print is asked for. */
function output(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((done) => {
    execFile(command, args, { cwd, maxBuffer: 1 << 26 }, (_error, stdout) => done(stdout))
  })
}

interface LintReport {
  readonly diagnostics: readonly { category: string; location: { path: string | { file: string } } }[]
}

let copy: string
let compiled: string
let linted: Map<string, string[]>

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'layers-'))
  const parts = ['src', 'scripts', 'biome.json', 'tsconfig.base.json', 'tsconfig.json', 'package.json', '.gitignore']
  for (const part of parts) await cp(join(root, part), join(copy, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  const planted = [...violations, ...allowed]
  for (const { file, source } of planted) await writeFile(join(copy, 'src', file), source)
  const projects = [...new Set(planted.map(({ file }) => join('src', file, '..')))]
  const files = planted.map(({ file }) => join('src', file))
  const [types, lint] = await Promise.all([
    output(bin('tsc'), ['-b', '--pretty', 'false', ...projects], copy),
    output(bin('biome'), ['lint', '--reporter=json', '--max-diagnostics=none', ...files], copy),
  ])
  compiled = types
  linted = new Map()
  for (const { category, location } of (JSON.parse(lint) as LintReport).diagnostics) {
    const path = typeof location.path === 'string' ? location.path : location.path.file
    linted.set(path, [...(linted.get(path) ?? []), category])
  }
}, 60_000)

afterAll(() => rm(copy, { recursive: true, force: true }))

/** The compiler's complaints about one file. */
function complaints(file: string): string[] {
  return compiled.split('\n').filter((line) => line.replaceAll('\\', '/').startsWith(`src/${file}(`))
}

describe('layers: what may import and see what', () => {
  for (const { kind, file, compiler, linter } of violations) {
    if (compiler !== undefined) {
      test(`${kind} is caught by the compiler`, () => {
        expect(complaints(file).filter((line) => compiler.test(line))).not.toEqual([])
      })
    }
    if (linter !== undefined) {
      test(`${kind} is caught by the linter`, () => {
        expect(linted.get(`src/${file}`) ?? []).toContain(linter)
      })
    }
  }

  test('what is allowed is not caught by either', () => {
    for (const { file } of allowed) {
      expect(complaints(file)).toEqual([])
      expect(linted.get(`src/${file}`) ?? []).toEqual([])
    }
  })

  test('the projects and the linter rules are those of the one table', async () => {
    const failure = await new Promise((done) => {
      execFile(process.execPath, ['scripts/layers.js', '--check'], { cwd: root }, done)
    })
    expect(failure).toBeNull()
  })
})
