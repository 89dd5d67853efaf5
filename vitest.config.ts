import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**', 'test/runtimes/**', '**/node_modules/**'],
    // By the clock, which runs on while a loaded machine does other things: far more than any test needs on an idle one.
    testTimeout: 120_000,
    // Two, on a machine of two cores as well, where one is the default: much of a test's time is waiting.
    maxWorkers: 2,
  },
})
