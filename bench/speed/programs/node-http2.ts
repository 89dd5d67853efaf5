/** node:http2 with its stream API, and `ws` on its streams: the same work as `ours.ts`. Prints the port. */
import { createSecureServer, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { onSignals, tlsFiles } from './common.ts'

const hello = Buffer.from('hello\n')
const block = Buffer.alloc(65_536, 'x')

function transfer(stream: ServerHttp2Stream, path: string): void {
  if (path === '/upload') {
    let received = 0
    stream.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    stream.on('end', () => {
      stream.respond({ ':status': 200 })
      stream.end(String(received))
    })
    return
  }
  let left = Number(path.slice('/download/'.length))
  stream.respond({ ':status': 200 })
  const pump = (): void => {
    while (left > block.length) {
      left -= block.length
      if (!stream.write(block)) return
    }
    stream.end(block.subarray(0, left))
    left = 0
  }
  stream.on('drain', pump)
  pump()
}

/** `ws` knows nothing of HTTP/2 but takes any duplex stream over, as its documentation of `createWebSocketStream` has it. */
interface OverStream {
  setSocket(socket: Socket, head: Buffer, options: Readonly<Record<string, unknown>>): void
}

function echo(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200 })
  const socket = new (
    WebSocket as unknown as new (
      address: null,
      protocols?: undefined,
      options?: object,
    ) => WebSocket
  )(null, undefined, {})
  const over = socket as unknown as OverStream
  over.setSocket(stream as unknown as Socket, Buffer.alloc(0), {
    allowSynchronousEvents: true,
    maxPayload: 100 * 2 ** 20,
    skipUTF8Validation: false,
  })
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
}

const { values } = parseArgs({ options: { cert: { type: 'string' }, key: { type: 'string' } } })
onSignals()
const tls = tlsFiles(values)
// The windows that ours has by itself: with its own of 64 KiB an upload here waits for credit most of the time.
const settings = { enableConnectProtocol: true, maxConcurrentStreams: 20_000, initialWindowSize: 2 ** 18 }
const options = { settings }
const server: Http2Server =
  tls === undefined ? createServer(options) : (createSecureServer({ ...options, ...tls }) as unknown as Http2Server)
server.on('session', (session) => session.setLocalWindowSize(2 ** 20))
server.on('stream', (stream, headers) => {
  stream.on('error', () => {})
  const path = headers[':path'] ?? ''
  if (headers[':method'] === 'CONNECT') echo(stream)
  else if (path === '/hello') {
    stream.respond({ ':status': 200 })
    stream.end(hello)
  } else transfer(stream, path)
})
server.on('sessionError', () => {})
server.listen(0, '127.0.0.1', () => console.log(`on ${(server.address() as AddressInfo).port}`))
