/**
 * Writes the recordings beside this file: a client and a server of `node:http2` at the other end of a real socket, and every
 * call of our connection. Run it with `node scripts/run.js test/connection/recordings/record.ts`; the tests only replay.
 */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type ClientHttp2Session, connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Connection, ConnectionEvent, ConnectionOptions } from '../../../src/connection/index.ts'
import { Recorder, toText } from '../recording.ts'
import { fields, OK, POST, request, webSocket } from '../support.ts'

const text = (what: string): Uint8Array => Uint8Array.from(Buffer.from(what))
const port = (server: { address(): unknown }): number => (server.address() as AddressInfo).port
const epoch = Date.now()
const now = (): number => Date.now() - epoch

/** Drives a recorded connection on a socket until it is closed. */
function drive(socket: Socket, options: ConnectionOptions, on: (event: ConnectionEvent) => void): Recorder {
  const recorder = new Recorder(options)
  const { connection } = recorder
  const turn = (): void => {
    do {
      for (let event = connection.nextEvent(); event !== undefined; event = connection.nextEvent()) {
        if (event.type === 'DataReceived') connection.consumed(event.streamId, event.data.length)
        on(event)
      }
      if (connection.hasOutput) socket.write(Buffer.concat(connection.takeOutput(65_536, now())))
    } while (connection.hasOutput)
    if (connection.state === 'closed') socket.end()
  }
  socket.on('data', (chunk: Buffer) => {
    connection.receive(Uint8Array.from(chunk), now())
    turn()
  })
  socket.on('error', () => {})
  queueMicrotask(turn)
  return recorder
}

/** Answers of our server, by path. */
function answer(connection: Connection, event: ConnectionEvent): void {
  if (event.type === 'DataReceived') {
    // echoed as it comes: the bodies of POST, and the tunnel
    if (connection.queuedBytes(event.streamId) < 1_000_000) {
      connection.sendData(event.streamId, event.data.slice(), event.endStream)
    }
    return
  }
  if (event.type !== 'HeadersReceived' || event.kind !== 'request') return
  const path = event.fields.find(({ name }) => name === ':path')!.value
  if (path === '/reset') {
    connection.reset(event.streamId, 7)
    return
  }
  if (path === '/early') connection.sendHeaders(event.streamId, fields({ ':status': '103', link: '</a.css>' }), false)
  connection.sendHeaders(event.streamId, OK, false)
  if (path === '/large') connection.sendData(event.streamId, new Uint8Array(24_000).fill(0x61), true)
  else if (path === '/trailers') {
    connection.sendData(event.streamId, text('body'), false)
    connection.sendTrailers(event.streamId, fields({ 'x-sum': '4' }))
  } else if (event.endStream) connection.sendData(event.streamId, text(`this is ${path}`), true)
}

async function askedBy(session: ClientHttp2Session): Promise<void> {
  const ask = async (headers: Record<string, string>, body?: string): Promise<void> => {
    const stream = session.request(headers, { endStream: body === undefined })
    stream.on('error', () => {})
    stream.on('data', () => {})
    if (body !== undefined) stream.end(body)
    await new Promise((resolve) => stream.once('close', resolve))
  }
  await once(session, 'remoteSettings')
  await Promise.all(['/', '/early', '/trailers', '/large', '/reset'].map((path) => ask({ ':path': path })))
  await ask({ ':path': '/echo', ':method': 'POST', 'x-again': 'and again' }, 'octets '.repeat(1000))
  const tunnel = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat' })
  tunnel.on('error', () => {})
  tunnel.write('ping')
  await once(tunnel, 'data')
  tunnel.close(8)
  session.settings({ initialWindowSize: 5_000, headerTableSize: 100 })
  await new Promise<void>((resolve) => session.ping(() => resolve()))
  await ask({ ':path': '/large' })
  await new Promise<void>((resolve) => session.close(resolve))
}

async function recordServer(): Promise<string> {
  let recorder: Recorder | undefined
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    recorder = drive(socket, { role: 'server', extendedConnect: 'advertise' }, (event) =>
      answer(recorder!.connection, event),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  await askedBy(connectHttp2(`http://localhost:${port(server)}`))
  server.close()
  return toText(recorder!.recording)
}

async function recordClient(): Promise<string> {
  const server = createHttp2Server({ settings: { enableConnectProtocol: true, maxConcurrentStreams: 10 } })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    if (headers[':path'] === '/' && stream.pushAllowed) {
      stream.pushStream({ ':path': '/style.css' }, (_, pushed) =>
        pushed.respond({ ':status': 200 }, { endStream: true }),
      )
    }
    stream.respond({ ':status': 200 })
    stream.pipe(stream)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect({ port: port(server), host: '127.0.0.1', allowHalfOpen: true })
  let closed = 0
  const recorder = drive(socket, { role: 'client', enablePush: true, streamWindow: 5_000 }, (event) => {
    const { connection } = recorder
    if (event.type === 'SettingsReceived') {
      connection.openStream(request('GET', '/'), true)
      const id = connection.openStream(POST, false)
      connection.sendData(id, new Uint8Array(20_000).fill(0x62), true)
      const tunnel = connection.openStream(webSocket, false)
      connection.sendData(tunnel, text('through the tunnel'), true)
      connection.updateSettings({ initialWindowSize: 65_535, maxFrameSize: 20_000 })
      connection.ping(text('how far?'), now())
    } else if (event.type === 'StreamClosed' && ++closed === 4) connection.shutdown(now())
  })
  await once(socket, 'close')
  server.close()
  return toText(recorder.recording)
}

writeFileSync('test/connection/recordings/node-http2-client.jsonl', await recordServer())
writeFileSync('test/connection/recordings/node-http2-server.jsonl', await recordClient())
