// Client and server in one program, over two streams in memory: no socket, no Node.
import { accept, connect, webSocket } from 'hyperduct/web'

const there = new TransformStream()
const back = new TransformStream()

accept(
  { readable: there.readable, writable: back.writable },
  {
    fetch: (request) => new Response(request.body),
    connect: { websocket: webSocket({ message: (socket, data) => void socket.send(data) }) },
    onError: console.error,
  },
)
const session = connect({ readable: back.readable, writable: there.writable }, { origin: 'https://memory.test' })

const response = await session.fetch('/', { method: 'POST', body: 'echo of a body' })
console.log(await response.text())

const socket = await session.webSocketStream('/')
const { readable, writable } = await socket.opened
await writable.getWriter().write('echo of a message')
const reader = readable.getReader()
console.log((await reader.read()).value)
await reader.cancel() // closes the socket
await session.close()
