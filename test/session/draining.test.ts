import { describe, expect, it } from 'vitest'
import type { ServerStream } from '../../src/session/index.ts'
import { settle } from './support/fake-clock.ts'
import { bytes, OK, type Pair, post, readText, sessionPair } from './support/pair.ts'

/** A pair with a stream that lasts. */
async function lasting(): Promise<{ pair: Pair; arrived: ServerStream; answer: Promise<string> }> {
  let arrived!: ServerStream
  const pair = sessionPair((stream) => {
    arrived = stream
    stream.respond(OK)
    stream.onData = (_, endStream) => endStream && stream.end()
  })
  const stream = await pair.client.request(post())
  const answer = readText(stream)
  answer.catch(() => {}) // an aborted session has none
  pair.client.whenDraining(() => stream.end(bytes('bye')))
  await settle()
  return { pair, arrived, answer }
}

describe('whenDraining', () => {
  it('RFC 9113 §6.8: is called on the side that closes and on the one that gets GOAWAY, and streams may say good-bye', async () => {
    const { pair, arrived, answer } = await lasting()
    const told: string[] = []
    pair.server.whenDraining(() => {
      told.push(`server ${pair.server.state}`)
      arrived.write(bytes('good-bye'))
    })
    pair.client.whenDraining(() => told.push(`client ${pair.client.state}`))
    const closed = pair.server.close()
    expect(told).toEqual([]) // never from inside the call
    expect(await answer).toBe('good-bye')
    expect(told).toEqual(['server draining', 'client draining'])
    await closed
    expect(pair.errors).toEqual([])
    await pair.clock.advance(20_000)
  })

  it('RFC 9113 §6.8: is called on a client that closes', async () => {
    const { pair, answer } = await lasting()
    await pair.client.close()
    expect(await answer).toBe('')
    await pair.clock.advance(20_000)
  })

  it('is called once, soon, when the session drains already, and forgotten when it is taken back', async () => {
    const { pair } = await lasting()
    const told: string[] = []
    const listener = () => void told.push('twice')
    pair.server.whenDraining(listener)
    pair.server.whenDraining(listener)()
    void pair.server.close()
    pair.server.whenDraining(() => {
      told.push('early')
      pair.server.whenDraining(() => told.push('from inside'))
    })
    await Promise.resolve()
    pair.server.whenDraining(() => told.push('late'))
    pair.server.whenDraining(() => told.push('taken back'))()
    await settle()
    expect(told.sort()).toEqual(['early', 'from inside', 'late', 'twice'])
    await pair.clock.advance(20_000)
  })

  it('is never called on a session that ends without draining', async () => {
    const { pair } = await lasting()
    const told: string[] = []
    pair.server.whenDraining(() => told.push('before'))
    pair.server.abort()
    await settle()
    pair.server.whenDraining(() => told.push('after'))
    await pair.clock.advance(20_000)
    expect(told).toEqual([])
  })

  it('RFC 9113 §9.1: is called when the server ends an idle connection itself', async () => {
    const told: string[] = []
    const pair = sessionPair(() => {}, { server: { limits: { idleTimeout: 1000, drainPingTimeout: 100 } } })
    pair.server.whenDraining(() => told.push(pair.server.state))
    await pair.clock.advance(1500)
    expect(told).toEqual(['draining'])
    await pair.clock.advance(20_000)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('oops')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('oops'))],
  ])('a listener that %s is told to onError, and the others are called all the same', async (_, listener) => {
    const { pair } = await lasting()
    const told: string[] = []
    pair.server.whenDraining(listener)
    pair.server.whenDraining(() => told.push('next'))
    await pair.server.close()
    expect(told).toEqual(['next'])
    expect(pair.errors).toMatchObject([{ message: 'oops' }])
    await pair.clock.advance(20_000)
  })
})
