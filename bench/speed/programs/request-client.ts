/** Small requests by a client, 64 under way: ours, that of node:http2, or undici. Prints one line of JSON. */
import { connect as connectHttp2 } from 'node:http2'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { connect } from '../../../src/runtime/node/index.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    client: { type: 'string', default: 'ours' },
    outstanding: { type: 'string', default: '64' },
    milliseconds: { type: 'string', default: '1000' },
    /** The module of undici, which has a folder of its own. */
    undici: { type: 'string', default: '' },
  },
})
const origin = `http://127.0.0.1:${values.port}`
const outstanding = Number(values.outstanding)
let answered = 0

async function ours(): Promise<() => void> {
  const { session } = await connect(origin)
  await session.ready()
  const fields = [
    { name: ':method', value: 'GET' },
    { name: ':scheme', value: 'http' },
    { name: ':authority', value: origin.slice('http://'.length) },
    { name: ':path', value: '/hello' },
  ]
  const options = { endStream: true }
  const next = (): void => {
    const stream = session.open(fields, options)
    if (stream === undefined) throw new Error('no room for another stream')
    stream.onData = (_data, endStream) => {
      if (!endStream) return
      answered++
      next()
    }
  }
  return next
}

async function nodeHttp2(): Promise<() => void> {
  const session = connectHttp2(origin)
  await new Promise((resolve) => session.once('remoteSettings', resolve))
  const next = (): void => {
    const stream = session.request({ ':path': '/hello' })
    stream.on('data', () => {})
    stream.on('end', () => {
      answered++
      next()
    })
    stream.end()
  }
  return next
}

interface Undici {
  H2CClient: new (
    origin: string,
    options: object,
  ) => { request(options: { path: string; method: string }): Promise<{ body: { dump(): Promise<void> } }> }
}

async function undici(): Promise<() => void> {
  const { H2CClient }: Undici = await import(pathToFileURL(values.undici).href)
  const client = new H2CClient(origin, { maxConcurrentStreams: outstanding, pipelining: outstanding })
  return async () => {
    for (;;) {
      const { body } = await client.request({ path: '/hello', method: 'GET' })
      await body.dump()
      answered++
    }
  }
}

const next = await { ours, 'node:http2': nodeHttp2, undici }[values.client]!()
for (let i = 0; i < outstanding; i++) next()
setTimeout(() => {
  const [before, start, used] = [answered, performance.now(), process.cpuUsage()]
  setTimeout(() => {
    const { user, system } = process.cpuUsage(used)
    const seconds = (performance.now() - start) / 1000
    console.log(JSON.stringify({ count: answered - before, seconds, processor: (user + system) / 1e6 }))
    process.exit(0)
  }, Number(values.milliseconds))
}, 500)
