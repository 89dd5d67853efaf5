// Adds up the reports of several vitest runs and prints `N passed, N failed`; exits with 1 when anything failed.
// usage: node sum.js FAILED REPORT.json...     FAILED is 1 when a run ended badly, whatever its report says
import { readFileSync } from 'node:fs'

const [failedRun, ...paths] = process.argv.slice(2)
let passed = 0
let failed = 0
for (const path of paths) {
  let report
  try {
    report = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // The build or the checks before the tests failed: nothing ran, and that is one failure.
    failed++
    continue
  }
  // A file that could not be loaded has no tests to fail.
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  passed += report.numPassedTests
  failed += report.numFailedTests + broken.length
}
// Such as an error outside every test, or one in the setup of a file.
if (failed === 0 && failedRun !== '0') failed = 1
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
