/** Our server, one handler at a time; prints the port. */
import { parseArgs } from 'node:util'
import { type ServeOptions, type Server, serve, webSocket } from '../../../src/runtime/node/index.ts'
import { onSignals, tlsFiles } from './common.ts'

type Stream = Parameters<NonNullable<ServeOptions['onStream']>>[0]

const OK = [{ name: ':status', value: '200' }]
const hello = new TextEncoder().encode('hello\n')
const block = new Uint8Array(65_536).fill(120)

function answer(stream: Stream): void {
  stream.respond(OK)
  stream.end(hello) // one and the same for all, as the peers have it: nobody changes it
}

function transfer(stream: Stream): boolean {
  const path = stream.fields.find(({ name }) => name === ':path')?.value ?? ''
  if (path === '/upload') {
    let received = 0
    stream.onData = (data, endStream) => {
      received += data.length
      if (!endStream) return
      stream.respond(OK)
      stream.end(new TextEncoder().encode(String(received)))
    }
    return true
  }
  if (!path.startsWith('/download/')) return false
  let left = Number(path.slice('/download/'.length))
  stream.respond(OK)
  const pump = (): void => {
    while (left > block.length) {
      left -= block.length
      if (!stream.write(block)) return
    }
    stream.end(block.subarray(0, left))
  }
  stream.onWritable = pump
  pump()
  return true
}

const echo = webSocket({ message: (socket, data) => void socket.send(data) })

const handlers: Readonly<Record<string, ServeOptions>> = {
  stream: { onStream: answer },
  fetch: { fetch: () => new Response('hello\n') },
  transfer: { onStream: transfer, connect: { websocket: echo } },
  object: { connect: { websocket: echo } },
  class: {
    connect: {
      websocket: webSocket((socket) => {
        socket.binaryType = 'arraybuffer'
        socket.onmessage = ({ data }) => socket.send(data as ArrayBuffer)
      }),
    },
  },
  deflate: {
    connect: {
      websocket: webSocket({ perMessageDeflate: true, message: (socket, data) => void socket.send(data) }),
    },
  },
}

const { values } = parseArgs({
  options: { handler: { type: 'string', default: 'stream' }, cert: { type: 'string' }, key: { type: 'string' } },
})
onSignals()
const options = handlers[values.handler]
if (options === undefined) throw new Error(`there is no handler ${values.handler}`)
const server: Server = await serve({
  host: '127.0.0.1',
  maxConcurrentStreams: 20_000,
  tls: tlsFiles(values),
  ...options,
})
console.log(`on ${server.address.port}`)
