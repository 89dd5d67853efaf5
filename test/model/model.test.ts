import { expect, test } from 'vitest'
import { growthByClosedStreams } from './closed-streams.ts'
import { taken } from './commands.ts'
import { runModel } from './model.ts'

/** A short one; `npm run soak:model` is the long one. */
const seed = Number(process.env.FC_SEED ?? Date.now() % 0x7fff_ffff)
console.log(`FC_SEED=${seed}`)

test('RFC 9113 §5.1, §5.2: two endpoints in any lawful life agree, and all that was begun ends', () => {
  taken.clear()
  runModel({ runs: 200, commands: 100, seed })
  for (const name of [
    'open',
    'respond',
    'write',
    'trailers',
    'reset',
    'consume',
    'pull',
    'deliver',
    'shutdown',
    'goAway',
  ])
    expect(taken.get(name), name).toBeGreaterThan(4)
})

test('RFC 9113 §10.5: what is kept of closed streams does not grow with their number, however they ended', () => {
  expect(growthByClosedStreams(10_000)).toBeLessThan(2 ** 20)
})
