// What a client of RFC 8441 finds at Deno.serve, and at ours in Deno: `program CONFIG`.
import { connect, serve, webSocket } from '../../../src/runtime/node/index.ts'

interface Config {
  readonly ca: string
  readonly cert: string
  readonly key: string
}
declare const Deno: {
  serve(options: object, handler: (request: Request) => Response): { readonly addr: { readonly port: number } }
  upgradeWebSocket(request: Request): { readonly socket: WebSocket; readonly response: Response }
}

const { ca, cert, key } = JSON.parse(process.argv.at(-1)!) as Config

async function opening(url: string): Promise<string> {
  const session = await connect(url, { tls: { ca } })
  try {
    const socket = await session.webSocket('/')
    const data = await new Promise((resolve) => {
      socket.onmessage = (event) => resolve(event.data)
    })
    return `works: ${data}`
  } catch (error) {
    return `fails: ${(error as Error).message}`
  } finally {
    await session.close({ drain: 0 })
  }
}

const theirs = Deno.serve({ port: 0, cert, key, onListen() {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request)
  socket.onopen = () => socket.send('hello')
  return response
})
const greet = webSocket({ open: (socket) => void socket.send('hello'), message() {} })
const mine = await serve({ tls: { cert, key }, connect: { websocket: greet } })
const answer = { own: await opening(`https://localhost:${theirs.addr.port}/`), ours: await opening(mine.url) }
console.log(JSON.stringify(answer))
process.exit()
