// A script for a page. The relay passes bytes on to an HTTP/2 server and back: see `webSocketTransport`.
import { connect } from 'hyperduct/web'

export async function visit(relay, origin) {
  const session = connect(new WebSocket(relay), { origin })
  const greeting = await (await session.fetch('/')).text()

  const { readable, writable } = await (await session.webSocketStream('/echo')).opened
  const [reader, writer] = [readable.getReader(), writable.getWriter()]
  await writer.write('hello from a page')
  const { value: answer } = await reader.read()
  await reader.cancel() // closes the socket

  await session.close()
  return { greeting, answer }
}
