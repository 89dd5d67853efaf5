import { expect, it } from 'vitest'
import { ServerSession, type ServerStream } from '../../src/session/index.ts'
import { memoryPair } from '../../src/transport/index.ts'
import { FakeClock, settle } from './support/fake-clock.ts'
import { OK, post } from './support/pair.ts'
import { RawPeer } from './support/raw-peer.ts'

it('RFC 9113 §5.2.2: a session reads on while nobody reads its streams', async () => {
  const [near, far] = memoryPair()
  const streams: ServerStream[] = []
  const session = new ServerSession(near, {
    platform: new FakeClock(),
    streamWindow: 65_535,
    connectionWindow: 65_535,
    onStream: (stream) => void streams.push(stream),
    onError: () => {},
  })
  const peer = new RawPeer(far, { role: 'client', streamWindow: 65_535, connectionWindow: 65_535 })
  peer.consume = false
  const turns = async (): Promise<void> => {
    for (let n = 0; n < 20; n++) {
      peer.flush()
      await settle()
    }
  }
  await turns()

  // The client has used up all windows, and so has the server: neither body can move.
  peer.connection.openStream(post(), false)
  peer.connection.sendData(1, new Uint8Array(200_000), false)
  await turns()
  streams[0]!.respond(OK)
  streams[0]!.write(new Uint8Array(200_000))
  await turns()
  expect(peer.connection.queuedBytes(1)).toBe(200_000 - 65_535)
  const received = (): number => peer.of('DataReceived').reduce((sum, { data }) => sum + data.length, 0)
  expect(received()).toBe(65_535)

  // A PING is answered, a new request arrives, and the client’s WINDOW_UPDATE moves the response.
  peer.connection.ping(new Uint8Array(8), 1)
  peer.connection.openStream(post('/second'), true)
  peer.connection.consumed(1, 65_535)
  await turns()
  expect(peer.of('PingAcknowledged').length).toBe(1)
  expect(streams.map(({ fields }) => fields.find(({ name }) => name === ':path')?.value)).toEqual(['/', '/second'])
  expect(received()).toBe(2 * 65_535)
  session.abort()
})
