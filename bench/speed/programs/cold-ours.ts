/** From nothing to the first answer, both sides in one process. The same as `cold-node.ts` does with node:http2. */
import { connect, serve } from '../../../src/runtime/node/index.ts'

const server = await serve({
  host: '127.0.0.1',
  onStream: (stream) => {
    stream.respond([{ name: ':status', value: '200' }])
    stream.end(new TextEncoder().encode('hello\n'))
  },
})
const authority = `127.0.0.1:${server.address.port}`
const { session } = await connect(`http://${authority}`)
const stream = await session.request(
  [
    { name: ':method', value: 'GET' },
    { name: ':scheme', value: 'http' },
    { name: ':authority', value: authority },
    { name: ':path', value: '/hello' },
  ],
  { endStream: true },
)
let text = ''
for await (const chunk of stream) text += new TextDecoder().decode(chunk)
if (text !== 'hello\n') throw new Error('not the answer')
process.exit(0)
