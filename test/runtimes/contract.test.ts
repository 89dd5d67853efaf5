import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate } from '../interop/support/certificate.ts'
import { temporaryFolder } from '../interop/support/folders.ts'
import { describePeer } from '../interop/support/presence.ts'
import type { Result } from './contract/case.ts'
import { cases } from './contract/run.ts'
import { expectSection, table } from './support/docs-section.ts'
import { type ContractPeer, type Identity, startPeer } from './support/peer.ts'
import { runtimes } from './support/runtimes.ts'
import { contractIn } from './support/start.ts'

/** The links, in the order in which every runtime runs them. */
const links = ['memory', 'Web Streams', 'MessagePort', 'TCP', 'TLS']

/** What a runtime can't do, by its name: a probe that ran there has failed. */
const skips: Readonly<Record<string, readonly string[]>> = { Chromium: ['TLS'] }

/** What ran, by the runtime's name. */
const ran = new Map<string, readonly Result[]>()

let identity: Identity
let peer: ContractPeer

beforeAll(async () => {
  identity = await makeCertificate()
  peer = await startPeer(identity)
})
afterAll(() => peer.close())

for (const runtime of runtimes) {
  describePeer(runtime, 'keeps the contract', () => {
    let results: Result[]

    beforeAll(async () => {
      const folder = temporaryFolder()
      try {
        results = await contractIn(runtime, peer.config(runtime), folder.path, identity)
        ran.set(runtime.name, results)
      } finally {
        folder.remove()
      }
    }, 600_000)

    test('every case was run over every link', () => {
      const expected = links.flatMap((link) => cases.map(({ group, name }) => `${link}: ${group}: ${name}`))
      expect(results.map(({ link, group, name }) => `${link}: ${group}: ${name}`)).toEqual(expected)
    })

    test.each(links)('%s', (link) => {
      const own = results.filter((result) => result.link === link)
      expect(own.filter(({ outcome }) => outcome === 'failed').map(({ name, message }) => [name, message])).toEqual([])
      const skipped = skips[runtime.name]?.includes(link) === true
      expect(own.filter(({ outcome }) => outcome === 'skipped')).toHaveLength(skipped ? cases.length : 0)
    })
  })
}

const count = (results: readonly Result[], outcome: Result['outcome']): number =>
  results.filter((result) => result.outcome === outcome).length

/** `39`, or what kept it from being that. */
function cell(results: readonly Result[]): string {
  const skipped = results.find(({ outcome }) => outcome === 'skipped')
  if (skipped !== undefined) return 'cannot'
  return String(count(results, 'passed'))
}

function contractTables(): string[] {
  const names = [...new Set(cases.map(({ group }) => group))]
  // `Node 22` and `22.23.3` have a part in common.
  const versions = runtimes.map(({ name, shownVersion }) => `${name.replace(/ \d+$/, '')} ${shownVersion()}`)
  const byLink = runtimes.map(({ name }, i) => [
    versions[i]!,
    ...links.map((link) => cell(ran.get(name)!.filter((result) => result.link === link))),
  ])
  const byGroup = names.map((group) => [
    group,
    ...runtimes.map(({ name }) => {
      const own = ran.get(name)!.filter((result) => result.group === group)
      return `${count(own, 'passed')} of ${own.length}`
    }),
  ])
  const lacks = runtimes.flatMap(({ name }) => {
    const skipped = ran.get(name)!.find(({ outcome }) => outcome === 'skipped')
    return skipped === undefined
      ? []
      : [`* ${name} can't do ${skipped.link}; what it says when it is tried: \`${skipped.message}\``]
  })
  return [
    `Cases passed of ${cases.length}, by link:`,
    '',
    ...table(['runtime', ...links], byLink),
    '',
    ...lacks,
    '',
    'Cases passed by group, over all links:',
    '',
    ...table(['group', ...runtimes.map(({ name }) => name)], byGroup),
  ]
}

test('docs/runtimes.md has the tables of what ran', async (context) => {
  if (ran.size < runtimes.length) context.skip('some runtimes are missing')
  await expectSection('contract', contractTables())
})
