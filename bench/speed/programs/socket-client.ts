/**
 * One WebSocket of a client, 100 messages under way: ours over HTTP/2, by handler object or by class, or that of `ws`.
 * Prints one line of JSON.
 */
import { parseArgs } from 'node:util'
import { WebSocket as Ws } from 'ws'
import { connect } from '../../../src/runtime/node/index.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    client: { type: 'string', default: 'ours' },
    outstanding: { type: 'string', default: '100' },
    bytes: { type: 'string', default: '125' },
    milliseconds: { type: 'string', default: '1000' },
  },
})
const message = new Uint8Array(Number(values.bytes)).fill(97)
let echoed = 0

async function byClass(): Promise<() => void> {
  const session = await connect(`http://127.0.0.1:${values.port}`)
  const socket = await session.webSocket('/ws')
  socket.binaryType = 'arraybuffer'
  socket.onmessage = () => {
    echoed++
    socket.send(message)
  }
  return () => socket.send(message)
}

async function ours(): Promise<() => void> {
  const session = await connect(`http://127.0.0.1:${values.port}`)
  const socket = await session.handleWebSocket('/ws', {
    message(socket) {
      echoed++
      socket.send(message)
    },
  })
  return () => void socket.send(message)
}

async function ws(): Promise<() => void> {
  const socket = new Ws(`ws://127.0.0.1:${values.port}/ws`, { perMessageDeflate: false })
  await new Promise((resolve) => socket.once('open', resolve))
  socket.on('message', () => {
    echoed++
    socket.send(message)
  })
  return () => socket.send(message)
}

const send = await { ours, 'ours by class': byClass, ws }[values.client]!()
for (let i = 0; i < Number(values.outstanding); i++) send()
setTimeout(() => {
  const [before, start] = [echoed, performance.now()]
  setTimeout(() => {
    console.log(JSON.stringify({ count: echoed - before, seconds: (performance.now() - start) / 1000 }))
    process.exit(0)
  }, Number(values.milliseconds))
}, 300)
