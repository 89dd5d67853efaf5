// What workerd's own way to open a WebSocket does with a server of HTTP/2 alone, and what ours does: a POST of its URL.
import { connect } from '../../../src/runtime/workerd/index.ts'

async function own(url: string): Promise<string> {
  const response = await fetch(url, { headers: { upgrade: 'websocket' } })
  return (response as { webSocket?: unknown }).webSocket ? 'works' : `fails: status ${response.status}`
}

async function ours(url: string): Promise<string> {
  const session = await connect(url)
  const socket = await session.webSocket('/')
  const data = await new Promise((resolve) => {
    socket.onmessage = (event) => resolve(event.data)
  })
  return `works: ${data}`
}

export default {
  async fetch(request: Request): Promise<Response> {
    const url = await request.text()
    return Response.json({
      own: await own(url).catch((error: unknown) => `fails: ${error}`),
      ours: await ours(url).catch((error: unknown) => `fails: ${error}`),
    })
  },
}
