import type { Case, Link, Result } from './case.ts'
import { connectionCases, tunnelCases } from './connection.ts'
import { fetchCases } from './fetch.ts'
import { webSocketCases } from './websocket.ts'

/** Every case of the contract; each runtime runs all of them over all links. */
export const cases: readonly Case[] = [...fetchCases, ...webSocketCases, ...tunnelCases, ...connectionCases]

/** Time for one case; it is much more than any needs, as machines may be busy. */
const LIMIT = 60_000

/** By capability: tries what the runtime is said not to have, and must reject. */
export type Probes = Readonly<Record<string, () => Promise<unknown>>>

/** Runs all cases over all links, one after the other, each on a connection of its own. */
export async function runContract(
  links: readonly Link[],
  missing: Probes,
  tell: (result: Result) => void,
): Promise<void> {
  for (const link of links) {
    const probe = link.needs === undefined ? undefined : missing[link.needs]
    const lack = probe === undefined ? undefined : await proven(probe)
    for (const one of cases) tell(await runCase(one, link, lack))
  }
}

/** What the probe fails with, or undefined when it does not, so that the cases run after all. */
async function proven(probe: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await probe()
    return undefined
  } catch (error) {
    return String(error)
  }
}

async function runCase(one: Case, link: Link, lack: string | undefined): Promise<Result> {
  const { group, name } = one
  const began = performance.now()
  const result = (outcome: Result['outcome'], message?: string): Result => ({
    link: link.name,
    group,
    name,
    outcome,
    ...(message === undefined ? {} : { message }),
    milliseconds: Math.round(performance.now() - began),
  })
  if (lack !== undefined) return result('skipped', lack)
  try {
    await inTime(attempt(one, link))
    return result('passed')
  } catch (error) {
    return result('failed', error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

async function attempt(one: Case, link: Link): Promise<void> {
  const session = await link.open()
  try {
    await one.run(session)
  } finally {
    await session.close({ drain: 2000 })
  }
}

function inTime(work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not done within ${LIMIT} ms`)), LIMIT)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
