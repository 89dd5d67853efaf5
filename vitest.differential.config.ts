import { defineConfig } from 'vitest/config'

/**
 * HPACK beside hpack.js and beside the plain model, 100,000 cases to a property: `npm run test:differential`.
 * FC_SEED repeats a run, whose seed is printed; FC_RUNS makes it longer or shorter.
 */
export default defineConfig({
  test: {
    include: ['test/hpack/hpack-js.test.ts', 'test/hpack/properties.test.ts'],
    env: { FC_RUNS: process.env.FC_RUNS ?? '100000' },
    testTimeout: 300_000,
    reporters: ['verbose'],
  },
})
