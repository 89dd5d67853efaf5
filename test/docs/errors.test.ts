import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/errors/index.ts'
import { CloseCode } from '../../src/websocket/index.ts'

/** docs/errors.md and the source say the same: each use of a code has a row, and each row a use. */

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')

/** Files of `src`, by their path in it, as code without comments. */
const files: ReadonlyMap<string, string> = new Map(
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path.replaceAll('\\', '/'), withoutComments(readFileSync(join(root, 'src', path), 'utf8'))]),
)

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')
}

/** What is thrown at the caller has no code and no row. */
function withoutUsageErrors(source: string): string {
  return source.replace(/(?:new UsageError|\bmisuse|\brequireInteger)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g, '')
}

interface Row {
  readonly code: string
  readonly section: string
  readonly file: string
}

/** The rows below the headings of one half of the page. */
function rowsOf(half: string): Row[] {
  return half.split(/^### /m).flatMap((part) => {
    const code = /^\w+/.exec(part)?.[0] ?? ''
    return [...part.matchAll(/^\|.*?(RFC \d+ §[\d.]+).*`(\S+\.ts)`\s*\|$/gm)].map(([, section = '', file = '']) => ({
      code,
      section,
      file,
    }))
  })
}

const halves = {
  ErrorCode: /## Error codes[\s\S]*?(?=\n## )/.exec(page)?.[0] ?? '',
  CloseCode: /## Close codes[\s\S]*/.exec(page)?.[0] ?? '',
}

/** Where faults of the peer are made, with the section beside them. */
const faultFiles = [...files.keys()].filter((path) =>
  /^(connection\/.*|frames\/rules|hpack\/(block-reader|decoder)|websocket\/(close-frame|frame-header|frame-reader|message-inflater))\.ts$/.test(
    path,
  ),
)

/** Rules of which a fault is made in another file: the row names where the rule is. */
const rulesApart = [
  'connection/field-syntax.ts',
  'connection/field-validation.ts',
  'frames/layout.ts',
  'hpack/decoder.ts',
]

describe.each([
  { registry: 'ErrorCode', codes: ErrorCode, half: halves.ErrorCode, definition: 'errors/error-code.ts' },
  { registry: 'CloseCode', codes: CloseCode, half: halves.CloseCode, definition: 'websocket/close-code.ts' },
] as const)('docs/errors.md, $registry', ({ registry, codes, half, definition }) => {
  const rows = rowsOf(half)

  test('has a heading for each code with its number, in the order of the registry', () => {
    const headings = [...half.matchAll(/^### (\w+) \((\w+)\)$/gm)].map(([, name, number]) => [name, Number(number)])
    expect(headings).toEqual(Object.entries(codes))
  })

  test('has a row for each file that uses a code', () => {
    const missing: string[] = []
    for (const [file, source] of files) {
      if (file === definition) continue
      for (const [, code] of source.matchAll(new RegExp(`\\b${registry}\\.([A-Z0-9_]+)`, 'g'))) {
        if (!rows.some((row) => row.code === code && row.file === file)) missing.push(`${code} in ${file}`)
      }
    }
    expect(missing).toEqual([])
  })

  test('has no row for a file that does not use its code', () => {
    const stale = rows.filter(({ code, file }) => {
      const source = files.get(file)
      return source === undefined || !(source.includes(`${registry}.${code}`) || rulesApart.includes(file))
    })
    expect(stale).toEqual([])
    expect(rows.length).toBeGreaterThan(10)
  })
})

describe('docs/errors.md, sections', () => {
  const rows = [...rowsOf(halves.ErrorCode), ...rowsOf(halves.CloseCode)]

  test('every section that a fault names has a row for its file', () => {
    const missing: string[] = []
    for (const file of faultFiles) {
      const source = withoutUsageErrors(files.get(file) ?? '')
      // frame-header.ts writes the number of the RFC once, and only the section beside each rule.
      for (const [, rfc, section] of source.matchAll(/['`](RFC \d+ )?(§[\d.]+)['`]/g)) {
        const named = `${rfc ?? 'RFC 6455 '}${section}`
        if (!rows.some((row) => row.file === file && row.section === named)) missing.push(`${named} in ${file}`)
      }
    }
    expect(missing).toEqual([])
  })

  test('every row of a fault names a section that its file has', () => {
    const all = (file: string): string => readFileSync(join(root, 'src', file), 'utf8')
    const wrong = rows.filter(
      ({ file, section }) => faultFiles.includes(file) && !all(file).includes(section.replace(/^RFC \d+ /, '')),
    )
    expect(wrong).toEqual([])
  })
})
