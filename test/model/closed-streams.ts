import { Connection, type ConnectionEvent } from '../../src/connection/index.ts'
import { exchange, fields, OK, POST } from '../connection/support.ts'
import { bytesInUse } from '../soak/heap.ts'

const body: Uint8Array = new Uint8Array(100)

/** Each way in which a stream can come to its end; what is unread is given back later, when the stream is gone. */
const endings: readonly ((client: Connection, server: Connection, id: number) => void)[] = [
  (_client, server, id) => server.sendHeaders(id, OK, true),
  (_client, server, id) => {
    server.sendHeaders(id, OK, false)
    server.sendData(id, body, false)
    server.sendTrailers(id, fields({ 'x-trailer': 'end' }))
  },
  (client, _server, id) => client.reset(id),
  (_client, server, id) => server.reset(id, 2),
  (_client, server, id) => server.refuse(id, 'maxUnfinishedHandlers', 'refused'),
  (client, server, id) => {
    client.reset(id)
    server.sendHeaders(id, OK, false)
    server.sendData(id, body, true)
  },
]

/**
 * Opens and ends `count` streams on one connection, with a PING for each. Answers by how many bytes both ends together grew
 * between the first tenth and the end: what is kept of closed streams does not depend on how many there were.
 */
export function growthByClosedStreams(count: number): number {
  const client = new Connection({ role: 'client' })
  const server = new Connection({ role: 'server' })
  exchange(client, server)
  let before = 0
  for (let i = 0; i < count; i++) {
    if (i === Math.floor(count / 10)) before = bytesInUse()
    const id = client.openStream(POST, false)
    client.sendData(id, body, i % 2 === 0)
    if (i % 3 === 0) client.prioritize(id + 2, { urgency: i % 8, incremental: true })
    client.ping(Uint8Array.of(0, 0, 0, 0, i >>> 24, i >>> 16, i >>> 8, i), i * 50)
    const first = exchange(client, server, i * 50)
    endings[i % endings.length]!(client, server, id)
    if (i % 2 === 1) client.sendData(id, body, true)
    const second = exchange(client, server, i * 50)
    consume(client, second.client)
    consume(server, [...first.server, ...second.server])
  }
  return bytesInUse() - before
}

function consume(connection: Connection, events: readonly ConnectionEvent[]): void {
  for (const event of events) {
    if (event.type === 'ConnectionClosed') throw event.error ?? new Error('the connection ended')
    if (event.type === 'DataReceived') connection.consumed(event.streamId, event.data.length)
  }
}
