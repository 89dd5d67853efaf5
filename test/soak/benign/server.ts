// A server with default limits for polite clients: `hello`, what is posted back, and WebSockets. Says on standard error what
// ended a connection or was refused.
import { type Exchange, serve, webSocket } from '../../../src/runtime/node/index.ts'

const hello = new TextEncoder().encode('hello world')
const ok = [{ name: ':status', value: '200' }]

function onStream(stream: Exchange): boolean {
  const method = stream.fields.find(({ name }) => name === ':method')?.value
  if (method === 'CONNECT') return false
  if (method === 'GET') {
    stream.respond([...ok, { name: 'content-length', value: String(hello.length) }])
    stream.end(hello)
    return true
  }
  stream.respond(ok)
  stream.onWritable = () => stream.resume()
  stream.onData = (data, endStream) => {
    if (endStream) stream.end(data.slice())
    else if (data.length > 0 && !stream.write(data.slice())) stream.pause()
  }
  return true
}

const server = await serve({
  host: '127.0.0.1',
  onStream,
  connect: { websocket: webSocket({ message: (socket, data) => void socket.send(data) }) },
  onError: (error) => console.error(`server: ${error}`),
  onEvent: (event) => {
    if (event.type === 'LimitExceeded') console.error(`server: ${event.limit}: ${event.reason}`)
  },
})
process.stdin.on('end', () => process.exit(0)).resume()
console.log(`server on ${server.url}`)
