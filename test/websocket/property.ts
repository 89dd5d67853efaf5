import fc from 'fast-check'

/** Runs of each property; more in the night, by `FC_RUNS`. */
export const RUNS: number = Number(process.env.FC_RUNS ?? 10_000)

/** One seed for the whole run, printed so that a failure can be had again with `FC_SEED`. */
export const seed: number = Number(process.env.FC_SEED ?? Date.now() % 0x7fffffff)
console.log(`fast-check seed ${seed}, ${RUNS} runs`)

export function check<T>(property: fc.IProperty<T>): void {
  fc.assert(property, { seed, numRuns: RUNS })
}
