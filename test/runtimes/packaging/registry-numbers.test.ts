import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './package.ts'

const dist = `${root}dist/`
const modules = readdirSync(dist).filter((name) => name.endsWith('.js'))

function read(path: string): string {
  return readFileSync(path, 'utf8')
}

/** Line and column of the only place where `what` stands. */
function place(text: string, what: string): { line: number; column: number } | undefined {
  const [before, ...behind] = text.split(what)
  if (behind.length !== 1) return undefined
  const lines = before!.split('\n')
  return { line: lines.length - 1, column: lines.at(-1)!.length }
}

describe('the numbers of registries in bundles', () => {
  it('stand where the sources have names', () => {
    const names = modules.flatMap((name) =>
      [...read(dist + name).matchAll(/(?<![\w.])(?:ErrorCode|FrameType|Flag|Setting|StreamState)\.[A-Z]\w+/g)].map(
        ([use]) => `${name}: ${use}`,
      ),
    )
    expect(names).toEqual([])
  })

  it('leave the source maps right, which lead to the sources in the package', () => {
    // It stands behind a name, on the same line.
    const what = "'DATA beyond the connection window'"
    const source = `${root}src/connection/recv-data.ts`
    const { line, column } = place(read(source), what)!
    expect(read(source).split('\n')[line]!.slice(0, column)).toContain('ErrorCode.')
    const [name] = modules.filter((each) => place(read(dist + each), what.replaceAll("'", '"')) !== undefined)
    const made = place(read(dist + name!), what.replaceAll("'", '"'))!
    const map = JSON.parse(read(`${dist}${name}.map`)) as SourceMapPayload
    expect(map.sourcesContent).toBeUndefined()
    expect(map.sources.filter((each) => !existsSync(resolve(dist, each)))).toEqual([])
    expect(new SourceMap(map).findEntry(made.line, made.column)).toMatchObject({
      originalSource: '../src/connection/recv-data.ts',
      originalLine: line,
      originalColumn: column,
    })
  })
})
