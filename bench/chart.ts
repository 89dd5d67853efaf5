/**
 * `npm run bench:chart -- FILE...` writes the figures of docs/performance.md and the picture beside it from what
 * `npm run bench -- --only speed --profile --out FILE` has left. So no figure in the page is typed by hand.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { svg } from './speed/svg.ts'
import { type Measurement, missed, profiles, table, versions } from './speed/table.ts'

const PAGE = 'docs/performance.md'
const RESULTS = 'bench/results'

function read(file: string): readonly Measurement[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const results = lines.map((line): Measurement => JSON.parse(line))
  return results.filter(({ name }) => name.startsWith('speed '))
}

/** Puts `text` between the two marks of that name. */
function replaced(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error(`${PAGE} has no ${begin} with ${end} after it`)
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`
}

const given = process.argv.slice(2)
const files = given.length > 0 ? given : readdirSync(RESULTS).map((name) => `${RESULTS}/${name}`)
const results = files.flatMap(read)
const machines = [...new Set(results.map(({ machine }) => machine ?? 'an unknown machine'))]
const nodes = versions(results).map((node) => node.slice(1))
const origin = `Measured on ${machines.join(' and ')} under Node ${nodes.join(' and ')}.`
let page = readFileSync(PAGE, 'utf8')
page = replaced(page, 'figures', `${origin}\n\n![factors](performance.svg)\n\n${table(results)}`)
page = replaced(page, 'missed', missed(results))
page = replaced(page, 'profiles', profiles(results))
writeFileSync(PAGE, page)
writeFileSync('docs/performance.svg', svg(results))
console.log(`${PAGE} and docs/performance.svg from ${files.join(', ')}`)
