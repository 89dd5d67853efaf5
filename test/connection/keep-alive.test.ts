import { describe, expect, it } from 'vitest'
import { latin1Encode } from '../../src/bytes/index.ts'
import { Connection, type ConnectionOptions } from '../../src/connection/index.ts'
import { Flag } from '../../src/frames/index.ts'
import { Bench, drain, GET, POST, word } from './support.ts'
import { CLIENT, SERVER } from './wire-case.ts'

const keepAlive = { interval: 1000, timeout: 300 }

/** A client that knows the time since 1, with a request under way. */
function client(options: Partial<ConnectionOptions> = {}): Bench {
  const bench = new Bench({ ...CLIENT, keepAlive, ...options })
  bench.connection.openStream(GET, true)
  bench.answers()
  return bench
}

describe('keepAlive', () => {
  it('RFC 9113 §6.7: a silent peer is asked with a PING, and its answer tells the round trip', () => {
    const bench = client()
    expect(bench.connection.deadline).toBe(1001)
    bench.connection.timeout(1000)
    expect(bench.answers()).toEqual([])
    bench.connection.timeout(1001)
    expect(bench.answers()).toEqual(['PING hearing?'])
    expect(bench.connection.deadline).toBe(1301)
    bench.now = 1201
    bench.wire.ping('hearing?', Flag.ACK)
    expect(bench.deliver()).toEqual([])
    expect(bench.connection.roundTrip).toBe(200)
    expect(bench.connection.deadline).toBe(2201)
  })

  it('RFC 9113 §6.7: a peer that does not answer is given up, and every stream is told', () => {
    const bench = client()
    bench.connection.timeout(1001)
    bench.connection.timeout(1300)
    expect(bench.connection.state).toBe('open')
    bench.connection.timeout(1301)
    const events = drain(bench.connection)
    expect(events.map(word)).toEqual(['StreamReset 1 local CONNECT_ERROR', 'ConnectionClosed local CONNECT_ERROR'])
    expect(events[1]).toMatchObject({ error: { section: 'RFC 9113 §6.7', initiator: 'local' } })
    expect(bench.answers()).toEqual(['PING hearing?', 'GOAWAY 0 CONNECT_ERROR'])
    expect(bench.connection.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  it('whatever the peer says puts the question off, be it a part of a frame', () => {
    const bench = client()
    bench.now = 900
    bench.connection.receive(new Uint8Array(1), bench.now)
    bench.connection.timeout(1500)
    expect(bench.answers()).toEqual([])
    expect(bench.connection.deadline).toBe(1900)
  })

  it('RFC 9113 §6.7: only one question is on the way at a time, and other words do not count as its answer', () => {
    const bench = client()
    bench.connection.timeout(1001)
    bench.now = 1200
    bench.wire.ping('of yours')
    bench.deliver()
    expect(bench.answers()).toEqual(['PING hearing?', 'PING ACK of yours'])
    bench.connection.timeout(2200) // silent again, and the first PING is still unanswered
    expect(bench.answers()).toEqual([])
    bench.now = 2401
    bench.wire.ping('hearing?', Flag.ACK)
    bench.deliver()
    expect([bench.connection.state, bench.connection.roundTrip]).toEqual(['open', 1400])
    bench.connection.timeout(3401)
    expect(bench.answers()).toEqual(['PING hearing?'])
  })

  it('RFC 9113 §6.7: an answer that nobody waits for is not told, and is charged as useless', () => {
    const bench = client({ limits: { glitchBurst: 1, glitchesPerSecond: 0 } })
    bench.wire.ping('hearing?', Flag.ACK)
    expect(bench.deliver()).toEqual([])
    bench.wire.ping('hearing?', Flag.ACK)
    expect(bench.deliver().at(-1)).toBe('ConnectionClosed local ENHANCE_YOUR_CALM')
  })

  it('its octets are no longer the caller’s to send', () => {
    expect(() => client().connection.ping(latin1Encode('hearing?'), 1)).toThrow('unanswered')
  })

  it('asks in the server role too, and goes on while the connection drains', () => {
    const bench = new Bench({ ...SERVER, keepAlive })
    bench.wire.headers(1, POST)
    bench.deliver()
    bench.connection.shutdown(1)
    bench.connection.timeout(1001)
    expect(bench.answers().at(-1)).toBe('PING hearing?')
  })

  it('is off without the option, and its times are above 0', () => {
    const bench = new Bench(CLIENT)
    expect(bench.connection.deadline).toBe(Number.POSITIVE_INFINITY)
    const patient = client({ keepAlive: { interval: 1000 } })
    patient.connection.timeout(1001)
    expect(patient.connection.deadline).toBe(2001)
    for (const wrong of [
      { interval: 0, timeout: 1 },
      { interval: 1, timeout: 0 },
      { interval: Number.NaN, timeout: 1 },
    ]) {
      expect(() => new Connection({ ...CLIENT, keepAlive: wrong })).toThrow('above 0')
    }
  })
})
