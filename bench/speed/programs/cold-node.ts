/** From nothing to the first answer by node:http2, both sides in one process. */
import { once } from 'node:events'
import { connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'

const server = createServer()
server.on('stream', (stream) => {
  stream.respond({ ':status': 200 })
  stream.end('hello\n')
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
const stream = session.request({ ':path': '/hello' })
stream.setEncoding('utf8').end()
let text = ''
for await (const chunk of stream) text += chunk
if (text !== 'hello\n') throw new Error('not the answer')
process.exit(0)
