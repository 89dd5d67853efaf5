/**
 * What an idle connection and an idle stream cost a server: `npm run measure:memory`. The figures of docs/security.md come from
 * here. Many connections with many streams each, requests that have come and wait for the rest of their body and of their
 * answer; bytes in use after a collection, array buffers and Node's sockets among them.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { serve } from '../../src/runtime/node/index.ts'
import { startProgram } from '../attacks/processes.ts'
import { Wire } from '../connection/wire.ts'
import { bytesInUse } from './heap.ts'

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '200' },
    streams: { type: 'string', default: '20' },
    /** Set by this program for the one beside it, which has the clients. */
    port: { type: 'string' },
  },
})
const connections = Number(values.connections)
const streams = Number(values.streams)
/** What may never be passed, in KiB. */
const CEILING = { connection: 64, stream: 4 }

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

if (values.port !== undefined) await beClients(Number(values.port))
else await beServer()

/** Opens connections, and on a line of input the streams. */
async function beClients(port: number): Promise<void> {
  const preface = new Wire()
    .bytes(new TextEncoder().encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))
    .settings([])
    .acknowledge()
    .take()
  const sockets: Socket[] = []
  for (let i = 0; i < connections; i++) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.resume().write(preface)
    sockets.push(socket)
  }
  console.log('connected')
  await once(process.stdin, 'data')
  for (const socket of sockets) {
    const wire = new Wire()
    for (let i = 0; i < streams; i++) {
      wire.headers(2 * i + 1, [
        { name: ':method', value: 'POST' },
        { name: ':scheme', value: 'http' },
        { name: ':authority', value: 'localhost' },
        { name: ':path', value: `/${i}` },
        { name: 'user-agent', value: 'measure' },
      ])
    }
    socket.write(wire.take())
  }
  console.log('opened')
  await once(process.stdin, 'end')
}

async function beServer(): Promise<void> {
  let open = 0
  const server = await serve({
    host: '127.0.0.1',
    onStream: (stream) => {
      open++
      stream.respond([{ name: ':status', value: '200' }])
    },
  })
  const clients = (count: number) =>
    startProgram([
      'scripts/run.js',
      'test/soak/memory.ts',
      `--port=${server.address.port}`,
      `--connections=${count}`,
      `--streams=${streams}`,
    ])
  // Compiled code, and what the first connections alone bring.
  const first = clients(20)
  await first.line(/connected/)
  first.child.stdin?.write('\n')
  while (open < 20 * streams) await pause(10)
  await first.stop()
  while (server.sessions.size > 0) await pause(10)
  await pause(500)
  open = 0
  const empty = bytesInUse()
  const program = clients(connections)
  await program.line(/connected/)
  while (server.sessions.size < connections) await pause(10)
  await pause(500)
  const connected = bytesInUse()
  program.child.stdin?.write('\n')
  while (open < connections * streams) await pause(10)
  await pause(500)
  const busy = bytesInUse()
  await program.stop()
  const connection = (connected - empty) / connections / 1024
  const stream = (busy - connected) / (connections * streams) / 1024
  console.log(
    `${connections} connections, ${connections * streams} streams: ${connection.toFixed(1)} KiB an idle connection, ` +
      `${stream.toFixed(2)} KiB an idle stream`,
  )
  process.exit(connection <= CEILING.connection && stream <= CEILING.stream ? 0 : 1)
}
