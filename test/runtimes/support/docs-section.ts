import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const path = fileURLToPath(new URL('../../../docs/runtimes.md', import.meta.url))

/**
 * Holds a part of docs/runtimes.md against what has just been run; `npm run test:runtimes -- -u` writes it anew.
 * The part stands between `<!-- begin NAME -->` and `<!-- end NAME -->`.
 */
export async function expectSection(name: string, lines: readonly string[]): Promise<void> {
  const page = readFileSync(path, 'utf8')
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/runtimes.md has no section ${name}`)
  const whole = `${page.slice(0, from)}${begin}\n\n${lines.join('\n')}\n\n${page.slice(to)}`
  await expect(whole).toMatchFileSnapshot(path)
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)]
}
