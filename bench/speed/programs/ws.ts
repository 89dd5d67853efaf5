/** `ws` as it is mostly used, over HTTP/1.1. Prints the port. */
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { WebSocketServer } from 'ws'
import { onSignals } from './common.ts'

const { values } = parseArgs({ options: { deflate: { type: 'boolean', default: false } } })
onSignals()
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: values.deflate })
server.on('connection', (socket) => {
  socket.on('error', () => {})
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})
server.on('listening', () => console.log(`on ${(server.address() as AddressInfo).port}`))
