import { expect, it } from 'vitest'
import { concat, latin1Decode, latin1Encode } from '../../src/bytes/index.ts'
import { Connection, type ConnectionEvent } from '../../src/connection/index.ts'

const drain = (connection: Connection): ConnectionEvent[] => {
  const events: ConnectionEvent[] = []
  for (let event = connection.nextEvent(); event !== undefined; event = connection.nextEvent()) events.push(event)
  return events
}

/** Carries everything both ways until nothing moves; answers what each side was told. */
function exchange(client: Connection, server: Connection): { client: ConnectionEvent[]; server: ConnectionEvent[] } {
  const told = { client: drain(client), server: drain(server) }
  while (client.hasOutput || server.hasOutput) {
    const toServer = concat(client.takeOutput(65_536))
    const toClient = concat(server.takeOutput(65_536))
    server.receive(toServer, 1)
    client.receive(toClient, 1)
    told.client.push(...drain(client))
    told.server.push(...drain(server))
  }
  return told
}

const get = (path: string) => [
  { name: ':method', value: 'GET' },
  { name: ':scheme', value: 'http' },
  { name: ':path', value: path },
  { name: ':authority', value: 'localhost' },
]

it('RFC 9113 §3.4: both sides begin with SETTINGS and acknowledge the other’s', () => {
  const client = new Connection({ role: 'client' })
  const server = new Connection({ role: 'server', extendedConnect: 'advertise' })
  const told = exchange(client, server)
  expect(told.client.map((event) => event.type)).toEqual(['SettingsReceived', 'SettingsAcknowledged'])
  expect(told.server.map((event) => event.type)).toEqual(['SettingsReceived', 'SettingsAcknowledged'])
  expect(client.peerSettings).toMatchObject({ maxConcurrentStreams: 100, enableConnectProtocol: true })
})

it('RFC 9113 §8.1: a request and its response with a body cross, then the stream is closed on both sides', () => {
  const client = new Connection({ role: 'client' })
  const server = new Connection({ role: 'server' })
  exchange(client, server)
  const id = client.openStream(get('/hello'), true)
  const { server: asked } = exchange(client, server)
  expect(asked).toMatchObject([{ type: 'HeadersReceived', streamId: 1, kind: 'request', endStream: true }])
  server.sendHeaders(id, [{ name: ':status', value: '200' }], false)
  server.sendData(id, latin1Encode('hello world'), true)
  const { client: answered } = exchange(client, server)
  expect(answered.map((event) => event.type)).toEqual(['HeadersReceived', 'DataReceived', 'StreamClosed'])
  const data = answered[1]!
  if (data.type !== 'DataReceived') throw new Error('no data')
  expect(latin1Decode(data.data)).toBe('hello world')
  expect(client.openStreams + server.openStreams).toBe(0)
})

it('RFC 9113 §6.9: a body larger than the windows flows as it is consumed', () => {
  const client = new Connection({ role: 'client', streamWindow: 70_000, connectionWindow: 80_000 })
  const server = new Connection({ role: 'server' })
  exchange(client, server)
  const id = client.openStream(get('/'), true)
  exchange(client, server)
  server.sendHeaders(id, [{ name: ':status', value: '200' }], false)
  const body = new Uint8Array(1_000_000).map((_, i) => i)
  server.sendData(id, body, true)
  const parts: Uint8Array[] = []
  for (let round = 0; parts.reduce((n, part) => n + part.length, 0) < body.length && round < 100; round++) {
    for (const event of exchange(client, server).client) {
      if (event.type !== 'DataReceived') continue
      parts.push(event.data.slice())
      client.consumed(id, event.data.length)
    }
  }
  expect(Buffer.compare(concat(parts), body)).toBe(0)
})
