// The library's server with deadlines of a second or two, since nobody wants to wait minutes for the real ones; and with
// handlers that the demo has no use for: one that never answers, one that ends everything from inside its callback.
import { type Exchange, serve } from 'hyperduct/node'

const hello = [
  { name: ':status', value: '200' },
  { name: 'content-length', value: '0' },
]

function onStream(stream: Exchange): boolean {
  const path = stream.fields.find(({ name }) => name === ':path')?.value ?? ''
  if (path === '/never') return false
  if (path === '/end') {
    stream.onData = () => {
      stream.respond([{ name: ':status', value: '200' }])
      stream.write(new Uint8Array(100))
      stream.reset(2)
      stream.session?.abort(2)
      stream.end()
    }
  } else if (path === '/long') {
    stream.respond([...hello, { name: 'x-long', value: 'long'.repeat(1000), sensitive: true }], { endStream: true })
  } else if (path.startsWith('/bytes/')) {
    stream.respond([{ name: ':status', value: '200' }])
    const piece = new Uint8Array(65_536)
    stream.onWritable = () => {
      while (stream.write(piece)) {}
    }
    stream.onWritable()
  } else stream.respond(hello, { endStream: true })
  return true
}

const server = await serve({
  host: '127.0.0.1',
  // the attacks are on HTTP/2, whose own rules must hold when nobody has looked at the first octets before
  http1: false,
  onStream,
  fetch: () => new Promise<Response>(() => {}),
  onError: () => {},
  limits: {
    prefaceTimeout: 1000,
    settingsTimeout: 1000,
    fieldBlockTimeout: 1000,
    idleTimeout: 1500,
    writeStallTimeout: 1500,
    streamStallTimeout: 1500,
  },
})
console.log(`hasty server on ${server.url}`)
