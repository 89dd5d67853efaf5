// Writes docs/stream-states.md from the table in src/connection/stream-state.ts; `--check` fails if the page is stale.
// Run it with `node scripts/run.js scripts/stream-states.ts`.
import { readFileSync, writeFileSync } from 'node:fs'
import {
  StreamInput,
  type StreamInputName,
  StreamState,
  type StreamStateName,
  streamStateName,
  transition,
} from '../src/connection/index.ts'
import { errorCodeName } from '../src/errors/index.ts'

const PAGE = 'docs/stream-states.md'
const states = Object.keys(StreamState) as StreamStateName[]
const inputs = Object.keys(StreamInput) as StreamInputName[]

/** RFC words for the machine's: `RECV_END_STREAM` is told as `recv END_STREAM`. */
const spoken = (input: StreamInputName): string =>
  input.replace(/^(SEND|RECV)_/, (verb) => `${verb.slice(0, -1).toLowerCase()} `)

function cell(state: StreamStateName, input: StreamInputName): string {
  const step = transition(StreamState[state], StreamInput[input])
  switch (step.kind) {
    case 'goto':
      return step.to === StreamState[state] ? 'stays' : `→ ${streamStateName(step.to)}`
    case 'ignore':
      return 'ignored'
    case 'misuse':
      return `UsageError: ${step.reason}`
    default:
      return `${step.kind === 'streamError' ? 'stream' : 'connection'} error ${errorCodeName(step.code)}: ${step.reason} (${step.section.replace('RFC 9113 ', '')})`
  }
}

/** One arrow for each pair of states, with all inputs that lead along it. */
function arrows(): string[] {
  const out: string[] = []
  for (const from of states) {
    const byTarget = new Map<string, string[]>()
    for (const input of inputs) {
      const step = transition(StreamState[from], StreamInput[input])
      if (step.kind !== 'goto' || step.to === StreamState[from]) continue
      const to = streamStateName(step.to)
      byTarget.set(to, [...(byTarget.get(to) ?? []), spoken(input)])
    }
    for (const [to, labels] of byTarget) out.push(`    ${from} --> ${to}: ${labels.join(' / ')}`)
  }
  return out
}

/** A table with its columns in line, as the formatter wants it. */
function table(state: StreamStateName): string[] {
  const rows: [string, string][] = [
    ['input', 'outcome'],
    ...inputs.map((input): [string, string] => [spoken(input), cell(state, input)]),
  ]
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) => `| ${row.map((text, i) => text.padEnd(widths[i]!)).join(' | ')} |`)
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [`## ${state}`, '', lines[0]!, rule, ...lines.slice(1), '']
}

const page = [
  '# Stream states',
  '',
  'Generated from `src/connection/stream-state.ts` by `scripts/stream-states.ts`; edit the table there, not this page.',
  '',
  'The states are those of RFC 9113 §5.1, with "closed" in four: CLOSED by END_STREAM both ways, RESET_SENT by our',
  'RST_STREAM, RESET_RECEIVED by the peer’s, FORGOTTEN so long ago that only the highest stream id tells. A stream that',
  'we opened ourselves and that is FORGOTTEN is taken for RESET_SENT: what answers it may still be on its way. END_STREAM is',
  'an input of its own, taken after the HEADERS or DATA that carry it. RECV_PUSH_PROMISE means the stream promised.',
  '',
  '```mermaid',
  'stateDiagram-v2',
  '    [*] --> IDLE',
  ...arrows(),
  '    CLOSED --> FORGOTTEN: 32 streams later',
  '    RESET_SENT --> FORGOTTEN: 512 resets later',
  '    RESET_RECEIVED --> FORGOTTEN: 64 resets later',
  '```',
  '',
  ...states.flatMap(table),
]
const text = `${page.join('\n').trimEnd()}\n`

if (process.argv.includes('--check')) {
  let checkedIn = ''
  try {
    checkedIn = readFileSync(PAGE, 'utf8')
  } catch {
    // no page is as stale as an old one
  }
  if (checkedIn !== text) {
    console.error(`${PAGE} differs from the table: run node scripts/run.js scripts/stream-states.ts`)
    process.exitCode = 1
  }
} else writeFileSync(PAGE, text)
