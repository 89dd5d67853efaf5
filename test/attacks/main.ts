/**
 * Known attacks on HTTP/2 implementations, performed on ours and on `node:http2` over real sockets: `npm run test:attacks`.
 * `--only H14` takes the rows whose number or name has that in it, `--ours` leaves the other victim out. Ends with 1 when
 * ours does not react as docs/security.md says, grows, burns, or lets a polite neighbour suffer.
 */
import { parseArgs } from 'node:util'
import { scenarios as all } from './rows/index.ts'
import type { Scenario } from './scenario.ts'
import { type Report, Victims } from './victim.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    ours: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})

const isWanted = ({ row, name }: Scenario): boolean =>
  values.only === undefined || row === values.only || name.includes(values.only)
const scenarios = all.filter(isWanted)

/** MiB: what a connection may hold by docs/security.md, and what V8 takes before it collects garbage. */
const PEAK = 32
/** Seconds for one attack, and for each MiB that the attacker sent; its deadlines aside, an attack is over in these. */
const PROCESSOR = 0.5
const PROCESSOR_PER_MIB = 0.1
/** Milliseconds beyond twice the quiet time. */
const NEIGHBOUR = 100
/** A shared machine has its own hiccups: an attack that seems to delay the neighbour is made again, so often at most. */
const REPEATS = 3

const LATE = 'the neighbour had to wait'

/** What is wrong with how ours fared, in words. */
function faults(scenario: Scenario, report: Report, quiet: number): string[] {
  const wrong: string[] = []
  if (report.reaction !== scenario.expected) wrong.push(`expected ${scenario.expected}`)
  if (report.peak > (scenario.peak ?? PEAK)) wrong.push('memory')
  if (report.processor > PROCESSOR + (PROCESSOR_PER_MIB * report.sent) / 2 ** 20) wrong.push('processor time')
  if (report.failed > 0) wrong.push(`${report.failed} requests of the neighbour failed`)
  if (report.p99 > 2 * quiet + NEIGHBOUR) wrong.push(LATE)
  return wrong
}

/** Attacks ours, and again where the neighbour alone had to wait. */
async function attackOurs(scenario: Scenario, quiet: number): Promise<{ report: Report; wrong: string[] }> {
  for (let attempt = 0; ; attempt++) {
    const report = await ours.attack(scenario)
    const wrong = faults(scenario, report, quiet)
    if (wrong.join() !== LATE || attempt === REPEATS) return { report, wrong }
  }
}

const cell = (report: Report | undefined): string =>
  report === undefined
    ? ''
    : [
        report.reaction,
        `${Math.max(0, report.peak).toFixed(0)} MiB`,
        `${report.processor.toFixed(2)} s`,
        Number.isNaN(report.p99) ? '-' : `${report.p99.toFixed(0)} ms`,
      ].join(' | ')

if (values.list) {
  for (const { row, name, expected } of scenarios) console.log(`| ${row} | ${name} | ${expected} |`)
  process.exit(0)
}
const ours = new Victims('ours')
const theirs = values.ours ? undefined : new Victims('node:http2')
const quiet = await ours.quiet()
console.log(`node:http2 is that of Node ${process.versions.node}. A quiet neighbour's p99: ${quiet.toFixed(1)} ms.`)
console.log('| # | attack | hyperduct | peak | CPU | p99 | node:http2 | peak | CPU | p99 | |')
console.log('|---|---|---|--:|--:|--:|---|--:|--:|--:|---|')
let failed = 0
let compared = 0
let sameElsewhere = 0
for (const scenario of scenarios) {
  const { report, wrong } = await attackOurs(scenario, quiet)
  // Short deadlines and odd handlers are ours alone: there is nothing to compare with.
  const other = scenario.victim === 'hasty' ? undefined : await theirs?.attack(scenario)
  if (wrong.length > 0) failed++
  if (other !== undefined) compared++
  if (other?.reaction === scenario.expected) sameElsewhere++
  const verdict = wrong.length === 0 ? 'held' : `FAILED: ${wrong.join(', ')}`
  console.log(`| ${scenario.row} | ${scenario.name} | ${cell(report)} | ${cell(other) || '| | |'} | ${verdict} |`)
}
await ours.stop()
await theirs?.stop()
const count = scenarios.length
console.log(
  `\n${count - failed} of ${count} held.${theirs === undefined ? '' : ` node:http2 reacted the same way to ${sameElsewhere} of ${compared}.`}`,
)
process.exit(failed === 0 && count > 0 ? 0 : 1)
