// node node-server.js key.pem cert.pem
import { readFileSync } from 'node:fs'
import { serve, webSocket } from 'hyperduct/node'

const [key, cert] = process.argv.slice(-2).map((file) => readFileSync(file))

const server = await serve({
  port: Number(process.env.PORT ?? 8443),
  tls: { key, cert },
  fetch: (request) => new Response(`hello from Node at ${new URL(request.url).pathname}\n`),
  connect: {
    // RFC 8441 for those who can, the Upgrade of HTTP/1.1 for the others
    websocket: webSocket({ message: (socket, data) => void socket.send(data) }),
  },
})
console.log(`listening on ${server.url}`)

process.on('SIGTERM', () => server.close({ drain: 5_000 }))
