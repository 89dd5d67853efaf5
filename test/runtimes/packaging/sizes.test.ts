import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'esbuild'
import { expect, test } from 'vitest'
import { expectSection, table } from '../support/docs-section.ts'
import { root } from './package.ts'

/**
 * What each entry point costs a bundle, in bytes: all that it exports, minified, `gzip -9`. A ceiling is for what is there
 * with little room above it; who needs more says why.
 */
const ceilings: readonly (readonly [what: string, source: string, ceiling: number])[] = [
  ['`hyperduct/frames`', "export * from 'hyperduct/frames'", 7_100],
  ['`hyperduct/hpack`', "export * from 'hyperduct/hpack'", 8_500],
  ['`hyperduct/websocket`', "export * from 'hyperduct/websocket'", 11_600],
  ['`hyperduct/connection`', "export * from 'hyperduct/connection'", 31_700],
  ['a client with WebSocket: `connect` of `hyperduct/web`', "export { connect } from 'hyperduct/web'", 58_700],
  [
    'one without fetch: `ClientSession`, `openWebSocket`, `pipeTransport` and `clientPlatform`',
    "export { ClientSession, clientPlatform, openWebSocket, pipeTransport } from 'hyperduct/web'",
    55_700,
  ],
  ['`hyperduct/web`', "export * from 'hyperduct/web'", 72_300],
  ['`hyperduct/workerd`', "export * from 'hyperduct/workerd'", 71_900],
  ['`hyperduct/node`', "export * from 'hyperduct/node'", 78_500],
]

async function size(source: string): Promise<number> {
  const options: BuildOptions = {
    stdin: { contents: source, resolveDir: root },
    bundle: true,
    // It warns of imports for side effects, which the package says it has none of.
    logLevel: 'error',
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    external: ['node:*', 'cloudflare:*'],
  }
  return gzipSync((await build(options)).outputFiles![0]!.contents, { level: 9 }).length
}

test.each(ceilings)('%s stays below its ceiling', async (_what, source, ceiling) => {
  const bytes = await size(source)
  expect(bytes).toBeGreaterThan(1000)
  expect(bytes).toBeLessThanOrEqual(ceiling)
})

test('docs/runtimes.md has the ceilings', async () => {
  await expectSection(
    'sizes',
    table(
      ['entry point', 'kB at most'],
      ceilings.map(([what, , bytes]) => [what, (bytes / 1000).toFixed(1)]),
    ),
  )
})
