// deno run --allow-net --allow-read --allow-env deno-server.js key.pem cert.pem
import { accept, denoTransport, webSocket } from 'hyperduct/web'

const [key, cert] = Deno.args.slice(-2).map((file) => Deno.readTextFileSync(file))

const handlers = {
  fetch: (request) => new Response(`hello from Deno at ${new URL(request.url).pathname}\n`),
  connect: { websocket: webSocket({ message: (socket, data) => void socket.send(data) }) },
  onError: console.error,
}

const port = Number(Deno.env.get('PORT') ?? 8443)
const listener = Deno.listenTls({ hostname: 'localhost', port, key, cert, alpnProtocols: ['h2'] })
console.log(`listening on https://localhost:${listener.addr.port}/`)

async function take(conn) {
  const { alpnProtocol } = await conn.handshake()
  if (alpnProtocol === 'h2') accept(denoTransport(conn), handlers)
  else conn.close()
}
for await (const conn of listener) take(conn).catch(() => conn.close())
