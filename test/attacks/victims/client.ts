// A client that asks once of whoever listens on the port given, and ends when it has an answer or the connection is over:
// ours, or that of `node:http2` with a second argument.
import { connect as connectNode } from 'node:http2'
import { connect } from 'hyperduct/node'

const [port, peer] = process.argv.slice(-2)[1] === 'node' ? process.argv.slice(-2) : [process.argv.at(-1), 'ours']
const url = `http://127.0.0.1:${port}`

if (peer === 'node') {
  const session = connectNode(url)
  session.on('error', () => {})
  const stream = session.request({ ':path': '/' })
  stream.on('error', () => {})
  session.on('close', () => process.exit(0))
} else {
  const session = await connect(url)
  session.fetch('/').catch(() => {})
  await session.closed
  process.exit(0)
}
