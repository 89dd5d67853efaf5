// bun bun-server.js key.pem cert.pem
import { accept, bunHandlers, webSocket } from 'hyperduct/web'

const [key, cert] = process.argv.slice(-2).map((file) => Bun.file(file))

const handlers = {
  fetch: (request) => new Response(`hello from Bun at ${new URL(request.url).pathname}\n`),
  connect: { websocket: webSocket({ message: (socket, data) => void socket.send(data) }) },
  onError: console.error,
}

const listener = Bun.listen({
  hostname: 'localhost',
  port: Number(process.env.PORT ?? 8443),
  allowHalfOpen: true, // or Bun ends our side with the client's
  tls: { key, cert, ALPNProtocols: '\x02h2' }, // in wire format: a length before each name
  socket: bunHandlers((transport) => accept(transport, handlers), { tls: true }),
})
console.log(`listening on https://localhost:${listener.port}/`)
