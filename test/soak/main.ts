/**
 * Millions of random and mutated inputs: `npm run soak:codecs`. What is held against the library: nothing is thrown but
 * what is declared, valid input is accepted, cutting it anywhere changes nothing, no input takes long, and the heap stays
 * flat. The seed is printed; with `--seed`, `--only` and `--from` a failure is made again by itself.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { frameReader } from './frame-reader.ts'
import { mebibytes } from './heap.ts'
import { hpackDecoder } from './hpack-decoder.ts'
import { serverConnection } from './server-connection.ts'
import { Soak, type Verdict } from './soak.ts'
import type { Target } from './target.ts'
import { webSocketReceiver } from './websocket-receiver.ts'

const { values } = parseArgs({
  options: {
    /** Inputs of all codecs together; the connection gets a twentieth of that on top. */
    inputs: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    only: { type: 'string' },
    from: { type: 'string', default: '0' },
    verbose: { type: 'boolean', default: false },
  },
})

const targets: readonly { readonly target: Target; readonly share: number }[] = [
  { target: frameReader, share: 0.4 },
  { target: hpackDecoder, share: 0.3 },
  { target: webSocketReceiver, share: 0.3 },
  { target: serverConnection, share: 0.05 },
]

function line(name: string, verdict: Verdict): string {
  const { inputs, seconds, whole, faults, failures, slowest, heap } = verdict
  return [
    `${name}: ${failures.length === 0 ? 'ok' : `${failures.length} FAILURES`}`,
    `${inputs.toLocaleString('en')} inputs in ${seconds.toFixed(0)} s`,
    `${((100 * whole) / inputs).toFixed(0)} % without fault`,
    `${faults.size} kinds of fault`,
    `slowest ${slowest.toFixed(1)} ms`,
    `heap ${mebibytes(heap[0])} -> ${mebibytes(heap[1])} MiB`,
  ].join(', ')
}

const seed = Number(values.seed)
console.log(`seed ${seed}`)
for (const [number, { target, share }] of targets.entries()) {
  if (values.only !== undefined && !target.name.includes(values.only)) continue
  const verdict = new Soak(target, number, seed).run(Number(values.from), Math.ceil(Number(values.inputs) * share))
  console.log(line(target.name, verdict))
  if (values.verbose) {
    for (const [fault, count] of [...verdict.faults].sort((a, b) => b[1] - a[1])) console.log(`  ${count} ${fault}`)
  }
  for (const { index, reason, input } of verdict.failures) {
    console.log(
      `  input ${index}: --seed ${seed} --only '${target.name}' --from ${index} --inputs 1\n  ${reason}\n  ${input}`,
    )
    process.exitCode = 1
  }
}
