/**
 * Lawful lives of two connected endpoints, as many as asked for: `npm run soak:model -- --runs 100000 --commands 100`.
 * Windows, states and data are held against a second telling of RFC 9113 §5.1 and §5.2. The seed of each batch is printed;
 * `--seed N --runs 1000` makes the batch of that seed again.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { growthByClosedStreams } from './closed-streams.ts'
import { taken } from './commands.ts'
import { runModel } from './model.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    commands: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(randomInt(2 ** 30)) },
  },
})
const runs = Number(values.runs)
const commands = Number(values.commands)
const BATCH = 1000

const begun = performance.now()
for (let done = 0; done < runs; done += BATCH) {
  const seed = Number(values.seed) + done / BATCH
  try {
    runModel({ runs: Math.min(BATCH, runs - done), commands, seed })
  } catch (error) {
    console.error(`seed ${seed}:`, error)
    process.exit(1)
  }
  const seconds = (performance.now() - begun) / 1000
  if ((done / BATCH) % 10 === 9) console.log(`${done + BATCH} runs in ${seconds.toFixed(0)} s, last seed ${seed}`)
}
const all = [...taken.values()].reduce((sum, n) => sum + n, 0)
const kinds = [...taken].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} ${n.toLocaleString('en')}`)
const seconds = (performance.now() - begun) / 1000
console.log(
  `${runs.toLocaleString('en')} runs, ${all.toLocaleString('en')} commands (${kinds.join(', ')}) in ${seconds.toFixed(0)} s, ` +
    `seeds from ${values.seed}: no counterexample`,
)

const CLOSED = 300_000
/** Code that is compiled meanwhile, and no more. */
const MAX_GROWTH = 2 ** 19
const growth = growthByClosedStreams(CLOSED)
console.log(
  `${CLOSED.toLocaleString('en')} streams closed on one connection: heap ${(growth / 1024).toFixed(0)} KiB more`,
)
if (growth > MAX_GROWTH) process.exit(1)
