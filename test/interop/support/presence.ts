import { spawnSync } from 'node:child_process'
import { describe, test } from 'vitest'

/** Somebody else's program, which the machine may or may not have. */
export interface Peer {
  readonly name: string
  /** What it says of its version; undefined when it is not there. */
  version(): string | undefined
  /** The command that installs it. */
  readonly install: string
}

/** The first thing that looks like a version in what the command prints; undefined when it cannot be run. */
export function printedVersion(command: string, args: readonly string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 })
  if (status !== 0) return undefined
  return /\d+(\.\d+)+\w*/.exec(`${stdout}${stderr}`)?.[0] ?? 'of unknown version'
}

/** What a missing peer means: on a continuous integration machine it is a failure, elsewhere a test left out. */
export function whenMissing(peer: Peer, env: NodeJS.ProcessEnv): { verdict: 'fail' | 'skip'; message: string } {
  const ci = env.CI !== undefined && env.CI !== '' && env.CI !== 'false'
  return { verdict: ci ? 'fail' : 'skip', message: `${peer.name} is missing; install it with: ${peer.install}` }
}

/** A group of tests against one real peer; its title names the peer and the version that ran. */
export function describePeer(peer: Peer, what: string, body: () => void): void {
  const version = peer.version()
  if (version !== undefined) {
    describe(`${peer.name} ${version} ${what}`, body)
    return
  }
  const { verdict, message } = whenMissing(peer, process.env)
  if (verdict === 'fail') {
    test(`${peer.name} ${what}`, () => {
      throw new Error(message)
    })
    return
  }
  console.warn(`left out: ${peer.name} ${what}: ${message}`)
  test(`${peer.name} ${what} (left out: ${message})`, (context) => context.skip(message))
}
