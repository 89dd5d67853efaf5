// The other end of the paused readers, both shapes of it. Commands on standard input: `pause`, `resume`, `look` for a line of JSON.
import { createInterface } from 'node:readline'
import { type HandledWebSocket, serve, webSocket, webSocketStream } from '../../../src/runtime/node/index.ts'
import { bytesInUse } from '../heap.ts'
import { Gate, Numbered, PIECE } from './pieces.ts'

const gate = new Gate()
let written = 0
let read = 0

/** As many messages as there is room for: the handler object's way to write. */
function send(socket: HandledWebSocket): void {
  const state = socket.data as { left: number; next: number }
  while (state.left > 0) {
    state.left -= PIECE
    written += PIECE
    if (!socket.send(Numbered.make(state.next++))) return
  }
  socket.close(1000)
}

const down = webSocket({
  open: (socket, { url }) => {
    socket.data = { left: Number(url.searchParams.get('bytes')), next: 0 }
    send(socket)
  },
  drain: send,
})

const up = webSocketStream(async (socket) => {
  const numbers = new Numbered()
  for await (const message of socket) {
    await gate.passed
    numbers.take(message)
    read += message.length
  }
})

const server = await serve({
  host: '127.0.0.1',
  connect: { websocket: (request) => (request.url.pathname === '/down' ? down(request) : up(request)) },
  onError: (error) => console.error(error),
})
createInterface({ input: process.stdin }).on('line', (command) => {
  if (command === 'pause') gate.close()
  else if (command === 'resume') gate.open()
  else console.log(JSON.stringify({ heap: bytesInUse(), written, read }))
})
process.stdin.on('end', () => process.exit(0))
console.log(`server on ${server.url}`)
