// The reference server as a program, with the demo's flags: the baseline of the benchmarks, and a stand-in for the demo
// when the interoperability tests themselves are to be tried.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startReferenceServer } from '../test/interop/peers/node-http2-server.ts'
import { makeCertificate } from '../test/interop/support/certificate.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    h2c: { type: 'boolean', default: false },
    'max-streams': { type: 'string', default: '100' },
    'ca-out': { type: 'string' },
  },
})
const certificate = values.h2c ? undefined : await makeCertificate()
if (certificate && values['ca-out'] !== undefined) writeFileSync(values['ca-out'], certificate.ca)
const server = await startReferenceServer({
  port: Number(values.port),
  maxStreams: Number(values['max-streams']),
  ...(certificate ? { tls: certificate } : {}),
})
process.once('SIGINT', () => server.close().then(() => process.exit(0)))
console.log(`node:http2 of Node ${process.versions.node} on ${server.url}`)
