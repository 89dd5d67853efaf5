/**
 * `npm run budget` prints what the operations cost now, beside their budget; `npm run budget -- --write` makes what they
 * cost now the budget. `--node PATH` measures under another Node.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Budget, measureBudget } from './run.ts'

const file = 'test/budget.json'
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false }, node: { type: 'string' } } })
const measured = await measureBudget(values.node)
if (values.write) writeFileSync(file, `${JSON.stringify(measured, undefined, 2)}\n`)
const budget: Budget = JSON.parse(readFileSync(file, 'utf8'))
for (const [name, { heap, buffers }] of Object.entries(measured.allocations)) {
  const allowed = budget.allocations[name]
  console.log(`${name}: heap ${heap} of ${allowed?.heap} bytes, buffers ${buffers} of ${allowed?.buffers}`)
}
for (const [name, count] of Object.entries(measured.counts)) {
  console.log(`${name}: ${count} of ${budget.counts[name]}`)
}
