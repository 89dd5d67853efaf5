// A Worker: asks the backend in its variable BACKEND, `http://…` with HTTP/2 by prior knowledge.
import { connect } from 'hyperduct/workerd'

export default {
  async fetch(_request, { BACKEND }) {
    const session = await connect(BACKEND)
    const greeting = await (await session.fetch('/')).text()

    const socket = await session.webSocket('/echo') // on the same connection
    const echo = new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(data)
    })
    socket.send('hello from a Worker')
    const answer = await echo

    await session.close()
    return Response.json({ greeting, answer })
  },
}
