import fc from 'fast-check'
import { lifeOf, shape } from './commands.ts'
import { World } from './world.ts'

export interface Size {
  readonly runs: number
  /** In each run, at most and on average. */
  readonly commands: number
  readonly seed: number
}

/** Runs lawful lives of two connected endpoints; throws with the shortest counterexample found. */
export function runModel({ runs, commands, seed }: Size): void {
  fc.assert(
    fc.property(fc.noBias(shape), fc.noBias(lifeOf(commands)), (how, steps) => {
      const play = { world: new World(how) }
      fc.modelRun(() => ({ model: play, real: play }), steps)
      play.world.finish()
    }),
    { seed, numRuns: runs, endOnFailure: false },
  )
}
