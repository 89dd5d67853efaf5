// What Node's and Bun's own WebSocket does with a server of RFC 8441, and what ours does: `program URL CA`.
import { connect } from '../../../src/runtime/node/index.ts'

const [url, ca] = process.argv.slice(-2) as [string, string]

/** The first message that comes, or why none does. */
function own(): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url)
    socket.onmessage = ({ data }) => resolve(`works: ${data}`)
    socket.onerror = (event) => resolve(`fails: ${(event as ErrorEvent).message || 'error'}`)
    socket.onclose = ({ code }) => resolve(`fails: closed with ${code}`)
  })
}

async function ours(): Promise<string> {
  const session = await connect(url.replace('wss:', 'https:'), { tls: { ca } })
  const socket = await session.webSocket('/')
  const data = await new Promise((resolve) => {
    socket.onmessage = (event) => resolve(event.data)
  })
  return `works: ${data}`
}

const answer = {
  own: await own().catch((error: unknown) => `fails: ${error}`),
  ours: await ours().catch((error: unknown) => `fails: ${error}`),
}
console.log(JSON.stringify(answer))
process.exit()
