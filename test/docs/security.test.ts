import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defaultLimits } from '../../src/connection/index.ts'
import { scenarios } from '../attacks/rows/index.ts'

/** docs/security.md names every limit with its default, and every attack with the reaction that is checked. */

const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')
const rows = (heading: string, columns: number): string[][] =>
  (page.split(`## ${heading}\n`)[1] ?? '')
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.includes('---'))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter((cells) => cells.length === columns)

test('each limit has a row with its default, and each row is a limit', () => {
  const listed = rows('Limits', 3).map(([name, value]) => `${name} ${value?.replaceAll(',', '').replace(' ms', '')}`)
  expect(listed).toEqual(Object.entries(defaultLimits).map(([name, value]) => `\`${name}\` ${value}`))
  for (const [, , what] of rows('Limits', 3)) expect(what).not.toBe('')
})

test('each attack has a row with its reaction, and each row is an attack', () => {
  const listed = rows('Attacks', 4).map(([row, name, , reaction]) => `${row} ${name}: ${reaction}`)
  expect(listed).toEqual(scenarios.map(({ row, name, expected }) => `${row} ${name}: ${expected}`))
})
