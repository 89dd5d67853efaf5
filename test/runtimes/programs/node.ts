// The contract in Node, Bun or Deno: `program CONFIG`, results as lines of JSON.
import { connect, nodePlatform, serve } from '../../../src/runtime/node/index.ts'
import type { Config, ContractConfig, ServeConfig } from '../contract/config.ts'
import { handlers } from '../contract/handlers.ts'
import { ownLinks } from '../contract/links.ts'
import { runContract } from '../contract/run.ts'

const config = JSON.parse(process.argv.at(-1)!) as Config

async function contract({ own, servers, ca }: ContractConfig): Promise<void> {
  const links = servers.map(({ link, url }) => ({ name: link, open: () => connect(url, { tls: { ca } }) }))
  await runContract([...(own ? ownLinks(nodePlatform) : []), ...links], {}, (result) =>
    console.log(JSON.stringify(result)),
  )
  process.exit()
}

async function listen({ key, cert }: ServeConfig): Promise<void> {
  const onError = () => undefined
  const tcp = await serve({ ...handlers, host: '127.0.0.1', onError })
  const tls = await serve({ ...handlers, host: '127.0.0.1', onError, tls: { key, cert } })
  console.log(JSON.stringify({ tcp: tcp.url, tls: tls.url }))
}

await (config.mode === 'contract' ? contract(config) : listen(config))
