import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Peer, printedVersion, whenMissing } from './support/presence.ts'
import { run, start } from './support/processes.ts'

const missing: Peer = { name: 'frobnicator', version: () => undefined, install: 'apt-get install frobnicator' }

describe('a missing peer', () => {
  test.each([{}, { CI: '' }, { CI: 'false' }])('is a test left out where CI is not set (%o)', (env) => {
    expect(whenMissing(missing, env)).toEqual({
      verdict: 'skip',
      message: 'frobnicator is missing; install it with: apt-get install frobnicator',
    })
  })

  test.each([{ CI: '1' }, { CI: 'true' }])('is a failure where CI is set (%o)', (env) => {
    expect(whenMissing(missing, env).verdict).toBe('fail')
  })

  test('has no version, and one that is there has', () => {
    expect(printedVersion('no-such-program', [])).toBeUndefined()
    expect(printedVersion('node', ['--version'])).toBe(process.versions.node)
  })
})

/** The letter the kernel has for what a process is doing: R and S for alive, Z for dead. */
function stateOf(pid: string | undefined): string {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? ''
  } catch {
    return 'gone'
  }
}

describe('a program beside the test', () => {
  test('is waited for, and stopping it takes its children along', async () => {
    const parent = start('bash', ['-c', 'sleep 600 & echo "child $!"; wait'])
    const [, child] = await parent.waitFor(/child (\d+)/)
    expect(stateOf(child)).not.toMatch(/^(Z|gone)$/)
    await parent.stop()
    // Killed at once, but it is init that has to take note of an orphan's death.
    await expect.poll(() => stateOf(child)).toMatch(/^(Z|gone)$/)
  })

  test('that ends before it is ready says so, with what it wrote', async () => {
    const program = start('bash', ['-c', 'echo trouble >&2; exit 3'])
    await expect(program.waitFor(/ready/)).rejects.toThrow(/ended with 3.*trouble/s)
  })

  test('that is not installed is an error, not a hang', async () => {
    await expect(run('no-such-program', [])).rejects.toThrow('ENOENT')
    await expect(start('no-such-program', []).waitFor(/ready/)).rejects.toThrow('ENOENT')
  })
})
