// The contract in workerd: a POST of the CONFIG is answered with results as lines of JSON; sockets are served.
import * as pako from 'pako'
import { accept, connect, pakoDeflate, webPlatform } from '../../../src/runtime/workerd/index.ts'
import type { ContractConfig } from '../contract/config.ts'
import { handlers } from '../contract/handlers.ts'
import { ownLinks } from '../contract/links.ts'
import { runContract } from '../contract/run.ts'

const platform = { ...webPlatform, deflate: pakoDeflate(pako) }

async function contract({ own, servers }: ContractConfig): Promise<Response> {
  const lines: string[] = []
  const links = servers.map(({ link, url }) => ({ name: link, open: () => connect(url, { platform }) }))
  await runContract([...(own ? ownLinks(platform) : []), ...links], {}, (result) => lines.push(JSON.stringify(result)))
  return new Response(lines.join('\n'))
}

export default {
  fetch: async (request: Request): Promise<Response> => contract((await request.json()) as ContractConfig),
  async connect(socket: Parameters<typeof accept>[0]): Promise<void> {
    await accept(socket, { ...handlers, platform, onError: () => undefined }).closed
  },
}
