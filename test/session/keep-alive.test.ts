import { expect, it } from 'vitest'
import { ClientSession } from '../../src/session/index.ts'
import { memoryPair } from '../../src/transport/index.ts'
import { FakeClock } from './support/fake-clock.ts'
import { get, OK, post, sessionPair } from './support/pair.ts'
import { RawPeer } from './support/raw-peer.ts'

const keepAlive = { interval: 1000, timeout: 500 }

it('RFC 9113 §6.7: a PING each second for an hour trips no limit of our own server', async () => {
  let pings = 0
  const pair = sessionPair((stream) => stream.respond(OK), {
    client: { keepAlive },
    server: { onEvent: ({ type }) => void (type === 'PingReceived' && pings++) },
  })
  const stream = await pair.client.request(post())
  await pair.clock.advance(3_600_000)
  expect(pings).toBeGreaterThan(3500)
  expect(pair.errors).toEqual([])
  stream.end()
  stream.reset()
  expect(pair.client.state).toBe('open')
  await Promise.all([pair.client.close(), pair.clock.advance(1000)])
  expect(pair.clock.pendingTimers).toBe(0)
})

it('RFC 9113 §6.7: a session whose peer has fallen silent ends with an error that says so', async () => {
  const clock = new FakeClock()
  const [near, far] = memoryPair()
  const errors: unknown[] = []
  const client = new ClientSession(near, { platform: clock, keepAlive, onError: (error) => void errors.push(error) })
  const peer = new RawPeer(far, { role: 'server' })
  const stream = await client.request(get(), { endStream: true })
  await clock.advance(10)
  peer.transport.pause()
  await clock.advance(1600)
  expect(client.state).toBe('closed')
  expect(client.error).toMatchObject({ code: 10, section: 'RFC 9113 §6.7', initiator: 'local' })
  expect(errors).toEqual([client.error])
  await expect(stream.response()).rejects.toMatchObject({ code: 10 })
  await clock.advance(2000)
  await client.closed
})

it('RFC 9113 §6.7: roundTripTime is undefined until something was measured, then what the last answer took', async () => {
  const clock = new FakeClock()
  const [near, far] = memoryPair()
  const client = new ClientSession(near, { platform: clock, keepAlive })
  expect(client.roundTripTime).toBeUndefined()
  await clock.advance(70)
  new RawPeer(far, { role: 'server' }) // so long the SETTINGS were on their way
  await clock.advance(0)
  expect(client.roundTripTime).toBe(70)
  client.abort()
  await clock.advance(2000)
})
