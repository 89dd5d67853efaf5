import { defineConfig } from 'vitest/config'

/** The tests that mutants have to survive: those of the folders that `stryker.config.json` mutates. */
export default defineConfig({
  test: {
    include: ['test/hpack/*.test.ts', 'test/frames/*.test.ts'],
    // Differential properties find the same faults as those beside the plain model, and take most of the time.
    exclude: ['test/hpack/hpack-js.test.ts', 'node_modules/**'],
    testTimeout: 30_000,
    // The same few cases for every mutant, so that a score can be had again.
    env: { FC_SEED: '7541', FC_RUNS: '100' },
  },
})
