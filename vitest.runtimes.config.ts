import { defineConfig } from 'vitest/config'

/** What runs inside other runtimes than the one that runs the tests: `npm run test:runtimes`. */
export default defineConfig({
  test: {
    include: ['test/runtimes/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
})
