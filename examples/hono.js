// node hono.js: a Hono app answers requests, and WebSockets have handlers beside it.
import { Hono } from 'hono'
import { serve, webSocket } from 'hyperduct/node'

const app = new Hono()
app.get('/users/:id', (context) => context.json({ id: context.req.param('id') }))

const rooms = new Map()
const room = (request) => request.url.pathname
const chat = webSocket({
  protocols: ['chat'],
  open(socket, request) {
    const members = rooms.get(room(request)) ?? new Set()
    rooms.set(room(request), members.add(socket))
    socket.data = members
  },
  message(socket, data) {
    for (const member of socket.data) member.send(data)
  },
  close: (socket) => void socket.data.delete(socket),
})

const server = await serve({ port: Number(process.env.PORT ?? 8080), fetch: app.fetch, connect: { websocket: chat } })
console.log(`listening on ${server.url}`)
