import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Budget, measureBudget } from './budget/run.ts'

/**
 * What operations may cost in memory, in copies and in writes. These figures hang on no clock and hardly on the machine,
 * so unlike speed they can be held to in every run.
 */

const budget: Budget = JSON.parse(readFileSync('test/budget.json', 'utf8'))

/** Engines differ a little in how large an object is. */
const TOLERANCE = 0.1
/** An operation that needs nothing may be charged a part of what measuring itself needs. */
const SLACK = 8

const howToRaise =
  'If that is worth it, `npm run budget -- --write` makes the new figures the budget; say why in the commit.'

let measured: Budget
beforeAll(async () => {
  measured = await measureBudget()
}, 60_000)

function within(what: string, cost: number | undefined, allowed: number, ceiling: number): void {
  const message = `${what}: ${cost}, and the budget is ${allowed}. ${howToRaise}`
  expect(cost, message).toBeLessThanOrEqual(ceiling)
}

describe('budget of memory', () => {
  test.each(Object.entries(budget.allocations))('%s', (name, allowed) => {
    const cost = measured.allocations[name]
    for (const kind of ['heap', 'buffers'] as const) {
      within(`${name}, ${kind} in bytes`, cost?.[kind], allowed[kind], allowed[kind] * (1 + TOLERANCE) + SLACK)
    }
  })
})

describe('budget of writes and copies', () => {
  test.each(Object.entries(budget.counts))('%s', (name, allowed) => {
    within(name, measured.counts[name], allowed, allowed)
  })
})

test('everything measured has a budget', () => {
  expect(Object.keys(measured.allocations)).toEqual(Object.keys(budget.allocations))
  expect(Object.keys(measured.counts)).toEqual(Object.keys(budget.counts))
})
