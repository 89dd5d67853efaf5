/**
 * All benchmarks in one program: `npm run bench -- --help`. How to read what it prints: bench/README.md.
 *
 * Each entry is measured in a process of its own, so that its figures do not depend on which others ran before it; the
 * sides of one entry take turns within that process.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { entries } from './entries.ts'
import { measure } from './measure.ts'
import { type Result, resultOf, text } from './report.ts'

const usage = `npm run bench -- [--only NAME]... [--rounds N] [--milliseconds N] [--json] [--out FILE] [--profile]
                [--check] [--node PATH] [--list]

  --only NAME        entries whose name has all words of NAME in it; may be given several times
  --rounds N         turns of each side; when absent as the entry has it, mostly 11
  --milliseconds N   the least length of a turn; when absent as the entry has it, mostly 40
  --json             one JSON object for each entry, a line each
  --out FILE         the same into a file, from which npm run bench:chart makes docs/performance.md
  --profile          what our side's time goes to, where the entry runs whole programs
  --check            exit code 1 when a target is missed
  --node PATH        the Node that measures; also as BENCH_NODE in the environment
  --list             the names of all entries`

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    milliseconds: { type: 'string' },
    out: { type: 'string' },
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    node: { type: 'string', default: process.env.BENCH_NODE ?? process.execPath },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    // Given to the process that measures one entry.
    entry: { type: 'string' },
  },
})

function isChosen(name: string): boolean {
  return values.only.length === 0 || values.only.some((words) => words.split(' ').every((word) => name.includes(word)))
}

/** Measures one entry under the chosen Node and waits for it: two at once would disturb each other. */
function measureApart(name: string): Result {
  const { rounds, milliseconds, profile } = values
  const flags = ['--entry', name]
  if (rounds !== undefined) flags.push('--rounds', rounds)
  if (milliseconds !== undefined) flags.push('--milliseconds', milliseconds)
  if (profile) flags.push('--profile')
  const child = spawnSync(values.node, [fileURLToPath(import.meta.url), ...flags], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.status !== 0) throw child.error ?? new Error(`${name}: ended with ${child.status ?? child.signal}`)
  return JSON.parse(child.stdout)
}

/** A run of many minutes goes on when one entry fails. */
function measured(name: string): Result | undefined {
  try {
    return measureApart(name)
  } catch (error) {
    console.error(String(error))
    process.exitCode = 1
    return undefined
  }
}

async function measureHere(name: string): Promise<Result> {
  const entry = entries.find((candidate) => candidate.name === name)
  if (entry === undefined) throw new Error(`there is no entry ${name}`)
  const rounds = Number(values.rounds ?? entry.rounds ?? 11)
  const milliseconds = Number(values.milliseconds ?? entry.milliseconds ?? 40)
  const short = values.milliseconds !== undefined && milliseconds < 1000
  const ready = await entry.prepare({ milliseconds, short, profile: values.profile })
  return resultOf(entry, await measure(ready, { rounds, milliseconds }))
}

function runAll(): void {
  const chosen = entries.filter(({ name }) => isChosen(name))
  if (chosen.length === 0) throw new Error(`no entry is called ${values.only.join(' or ')}; --list names them all`)
  const version = spawnSync(values.node, ['--version'], { encoding: 'utf8' })
  if (version.error) throw version.error
  if (!values.json) console.log(`Node ${version.stdout.trim()}; medians, middle half in ( )`)
  if (values.out !== undefined) {
    mkdirSync(dirname(values.out), { recursive: true })
    writeFileSync(values.out, '')
  }
  let missed = 0
  for (const { name } of chosen) {
    const result = measured(name)
    if (result === undefined) continue
    missed += result.ratios.filter(({ met }) => met === false).length
    const line = JSON.stringify({ node: version.stdout.trim(), machine: cpus()[0]?.model, ...result })
    console.log(values.json ? line : `\n${text(result)}`)
    if (values.out !== undefined) appendFileSync(values.out, `${line}\n`)
  }
  if (values.check && missed > 0) process.exitCode = 1
}

if (values.help) console.log(usage)
else if (values.list) {
  for (const { name } of entries) console.log(name)
  console.log('\nA command of its own, since it needs h2load and a built package: npm run bench:h2load')
} else if (values.entry !== undefined) process.stdout.write(JSON.stringify(await measureHere(values.entry)))
else runAll()
