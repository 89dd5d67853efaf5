/**
 * Known attacks on HTTP/2 implementations, performed on ours and on others over real sockets: `npm run test:attacks`.
 * `--only H14` takes the rows whose number or name has that in it, `--times 10` makes each attack on ours so often. Others are
 * `--peer node` (the default: `node:http2` of this Node), `--peer node:/path/to/node` and `--peer nghttpd`, any number of
 * them; `--ours` leaves them out. Ends with 1 when ours does not react as docs/security.md says, each time and so that the
 * attacker hears it, or grows, or burns, or fails a polite neighbour. That one's waits are told, and are no failure.
 */
import { setPriority } from 'node:os'
import { parseArgs } from 'node:util'
import { judge, PEAK } from './judge.ts'
import { ours as oursPeer, peerNamed } from './peers.ts'
import { scenarios as all } from './rows/index.ts'
import type { Scenario } from './scenario.ts'
import { type Report, Victims } from './victim.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    ours: { type: 'boolean', default: false },
    peer: { type: 'string', multiple: true, default: ['node'] },
    times: { type: 'string', default: '1' },
    list: { type: 'boolean', default: false },
  },
})

const isWanted = ({ row, name }: Scenario): boolean =>
  values.only === undefined || row === values.only || name.includes(values.only)
const scenarios = all.filter(isWanted)

const cell = (report: Report | undefined): string =>
  report === undefined
    ? ' | | | '
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
const times = Number(values.times)
const ours = new Victims(oursPeer)
const others = values.ours
  ? []
  : values.peer.map((name) => ({ victims: new Victims(peerNamed(name)), same: 0, made: 0 }))
await Promise.all([ours, ...others.map(({ victims }) => victims)].map((victims) => victims.start()))
const quiet = await ours.quiet(1500)
// Not those started so far. What the neighbour is to feel is the victim's work: the attacker's own, on the same processors, comes last.
setPriority(10)
console.log(`A quiet neighbour's p99: ${quiet.toFixed(1)} ms. Ours may grow by ${PEAK.toFixed(0)} MiB.`)
const names = [oursPeer.name, ...others.map(({ victims }) => victims.peer.name)]
console.log(`| # | attack |${names.map((name) => ` ${name} | peak | CPU | p99 |`).join('')} |`)
console.log(`|---|---|${names.map(() => '---|--:|--:|--:|').join('')}---|`)
let failed = 0
let waited = 0
for (const scenario of scenarios) {
  const { report, wrong, held, late } = await judge(ours, scenario, times, quiet)
  if (wrong.length > 0) failed++
  if (late) waited++
  const cells = [cell(report)]
  for (const other of others) {
    const theirs = await other.victims.attack(scenario)
    cells.push(cell(theirs))
    if (theirs !== undefined) other.made++
    if (theirs?.reaction === scenario.expected) other.same++
  }
  const verdict = wrong.length === 0 ? `held${times > 1 ? ` ${held} of ${times}` : ''}` : `FAILED: ${wrong.join('; ')}`
  const wait = late ? ', the neighbour waited' : ''
  console.log(`| ${scenario.row} | ${scenario.name} | ${cells.join(' | ')} | ${verdict}${wait} |`)
}
await ours.stop()
for (const { victims } of others) await victims.stop()
const count = scenarios.length
console.log(`\n${count - failed} of ${count} held${times > 1 ? `, each ${times} times` : ''}.`)
console.log(`The neighbour waited longer than twice its quiet time, or 5 ms, in ${waited} of them.`)
for (const { victims, same, made } of others) {
  console.log(`${victims.peer.name} reacted the same way to ${same} of the ${made} that could be made on it.`)
}
process.exit(failed === 0 && count > 0 ? 0 : 1)
