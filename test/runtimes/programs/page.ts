// The contract in a page: `runContract(config)` for a browser's driver, which has given it `tell` and `workerSource`.
import * as pako from 'pako'
import { connect, pakoDeflate, webPlatform } from '../../../src/runtime/web/index.ts'
import type { Link, Result } from '../contract/case.ts'
import type { ContractConfig } from '../contract/config.ts'
import { ownLinks } from '../contract/links.ts'
import { type Probes, runContract } from '../contract/run.ts'

interface Page {
  readonly workerSource: string
  readonly tell: (result: Result) => Promise<void>
  TCPSocket?: new (host: string, port: number) => unknown
  contract(config: ContractConfig): Promise<void>
}
const page = globalThis as unknown as Page

const platform = { ...webPlatform, deflate: pakoDeflate(pako) }

const missing: Probes = {
  async 'TLS sockets'() {
    // The only sockets that any page could ever open, those of Direct Sockets.
    new page.TCPSocket!('localhost', 443)
  },
}

/** In place of a port within the page: one to a worker, in which the server runs. */
function workerLink(): Link {
  const source = URL.createObjectURL(new Blob([page.workerSource], { type: 'text/javascript' }))
  return {
    name: 'MessagePort',
    async open() {
      const worker = new Worker(source)
      const { port1, port2 } = new MessageChannel()
      worker.postMessage(port2, [port2])
      const session = connect(port1, { origin: 'https://worker.test', platform })
      void session.closed.then(() => worker.terminate())
      return session
    },
  }
}

page.contract = async ({ own, servers }) => {
  const links = servers.map(
    ({ link, url, relay }): Link => ({
      name: link,
      ...(relay === undefined ? { needs: 'TLS sockets' } : {}),
      open: async () => connect(new WebSocket(relay!), { origin: new URL(url).origin, platform }),
    }),
  )
  const inside = ownLinks(platform).map((link) => (link.name === 'MessagePort' ? workerLink() : link))
  const told: Promise<void>[] = []
  await runContract([...(own ? inside : []), ...links], missing, (result) => told.push(page.tell(result)))
  await Promise.all(told)
}
