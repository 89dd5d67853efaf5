import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate } from '../interop/support/certificate.ts'
import { temporaryFolder } from '../interop/support/folders.ts'
import { describePeer } from '../interop/support/presence.ts'
import type { Result } from './contract/case.ts'
import type { ServerAddress } from './contract/config.ts'
import { cases } from './contract/run.ts'
import { expectSection, table } from './support/docs-section.ts'
import { type Identity, relayTo } from './support/peer.ts'
import { programs, type Runtime, runtimes, workerd } from './support/runtimes.ts'
import { contractIn, type Listening, listenIn } from './support/start.ts'

// Every runtime as a client runs the contract against every runtime that can listen. Over TLS where both can, else in clear.

interface Server extends Listening {
  readonly runtime: Runtime
  readonly relay: { readonly url: string; close(): void }
}

const listeners = [...programs, workerd].filter((runtime) => runtime.version() !== undefined)
const folder = temporaryFolder()
const ran = new Map<string, readonly Result[]>()
let identity: Identity
let servers: readonly Server[]

async function startServer(runtime: Runtime, i: number): Promise<Server> {
  const own = join(folder.path, `server-${i}`)
  mkdirSync(own)
  const listening = await listenIn(runtime, own, identity)
  return { ...listening, runtime, relay: await relayTo(Number(new URL(listening.tcp!).port)) }
}

beforeAll(async () => {
  identity = await makeCertificate()
  servers = await Promise.all(listeners.map(startServer))
})
afterAll(async () => {
  for (const { relay } of servers) relay.close()
  await Promise.all(servers.map(({ stop }) => stop()))
  folder.remove()
})

function addressFor({ kind }: Runtime, server: Server): ServerAddress {
  const link = server.runtime.name
  if (kind === 'page') return { link, url: server.tcp!, relay: server.relay.url }
  return { link, url: (kind === 'program' ? server.tls : undefined) ?? server.tcp! }
}

for (const client of runtimes) {
  describePeer(client, 'as a client', () => {
    let results: readonly Result[]

    beforeAll(async () => {
      const own = join(folder.path, client.name)
      mkdirSync(own)
      const addresses = servers.map((server) => addressFor(client, server))
      const config = { mode: 'contract', own: false, ca: identity.ca, servers: addresses } as const
      results = await contractIn(client, config, own, identity)
      ran.set(client.name, results)
    })

    test.each(listeners.map(({ name }) => name))('keeps the contract with %s', (name) => {
      const own = results.filter(({ link }) => link === name)
      const bad = own.filter(({ outcome }) => outcome !== 'passed')
      expect(bad.map((result) => [result.name, result.message])).toEqual([])
      expect(own).toHaveLength(cases.length)
    })
  })
}

test('docs/runtimes.md has the table of the pairs', async (context) => {
  if (listeners.length < programs.length + 1 || ran.size < runtimes.length) context.skip('some runtimes are missing')
  const passed = (client: Runtime, server: Runtime): string => {
    const own = ran.get(client.name)!.filter(({ link }) => link === server.name)
    const secure = client.kind === 'program' && server.kind === 'program'
    return `${own.filter(({ outcome }) => outcome === 'passed').length}${secure ? ' TLS' : ''}`
  }
  const rows = runtimes.map((client) => [client.name, ...listeners.map((server) => passed(client, server))])
  await expectSection('pairs', table(['client \\ server', ...listeners.map(({ name }) => name)], rows))
})
