/** Plain TCP: what sockets of Node cost with nothing on top. Sends or counts as many bytes as the first line says. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onSignals } from './common.ts'

const block = Buffer.alloc(65_536, 'x')

function down(socket: Socket, total: number): void {
  let left = total
  const pump = (): void => {
    while (left > 0) {
      const piece = block.subarray(0, left)
      left -= piece.length
      if (!socket.write(piece)) return
    }
  }
  socket.on('drain', pump)
  pump()
}

function up(socket: Socket, total: number, first: number): void {
  let received = first
  socket.on('data', (chunk) => {
    received += chunk.length
    if (received >= total) socket.end('all')
  })
}

onSignals()
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {})
  socket.once('data', (chunk: Buffer) => {
    const line = chunk.indexOf(10)
    const [way, total] = chunk.toString('latin1', 0, line).split(' ')
    if (way === 'down') down(socket, Number(total))
    else up(socket, Number(total), chunk.length - line - 1)
  })
})
server.listen(0, '127.0.0.1', () => console.log(`on ${(server.address() as AddressInfo).port}`))
