import { describe, expect, it } from 'vitest'
import { Connection, defaultLimits } from '../../src/connection/index.ts'
import { CONNECTION_PREFACE } from '../../src/frames/index.ts'
import { atEveryChunking, Bench, drain, GET, POST, word } from './support.ts'
import { Listener, line, Wire } from './wire.ts'
import { CLIENT, END_STREAM, SERVER } from './wire-case.ts'

const calm = 'ConnectionClosed local ENHANCE_YOUR_CALM'

describe('deadlines', () => {
  it('prefaceTimeout: the peer’s preface and SETTINGS come in time, however its bytes trickle', () => {
    for (const options of [SERVER, CLIENT]) {
      const connection = new Connection(options)
      expect(connection.deadline).toBe(0) // it knows no time yet
      connection.timeout(1000)
      expect(connection.deadline).toBe(1000 + defaultLimits.prefaceTimeout)
      const bytes = options.role === 'server' ? CONNECTION_PREFACE : new Uint8Array(9)
      for (let i = 0; i < 8; i++) connection.receive(bytes.subarray(i, i + 1), 1000 + i * 1000)
      connection.timeout(10_999)
      expect(connection.state).toBe('open')
      connection.timeout(11_000)
      const events = drain(connection)
      expect(events.map(word)).toEqual(['LimitExceeded 0 prefaceTimeout', 'ConnectionClosed local SETTINGS_TIMEOUT'])
      expect(events[1]).toMatchObject({ error: { section: 'RFC 9113 §3.4' } })
      expect(connection.deadline).toBe(Number.POSITIVE_INFINITY)
    }
  })
  it('settingsTimeout: RFC 9113 §6.5.3: SETTINGS that nobody acknowledges end the connection SETTINGS_TIMEOUT', () => {
    const begin = (): Connection => {
      const connection = new Connection(SERVER)
      connection.receive(CONNECTION_PREFACE, 1000)
      connection.receive(new Uint8Array([0, 0, 0, 4, 0, 0, 0, 0, 0]), 2000)
      drain(connection)
      return connection
    }
    const late = begin()
    expect(late.deadline).toBe(1000 + defaultLimits.settingsTimeout)
    late.timeout(late.deadline - 1)
    expect(late.state).toBe('open')
    late.timeout(late.deadline)
    expect(drain(late).map(word)).toEqual([
      'LimitExceeded 0 settingsTimeout',
      'ConnectionClosed local SETTINGS_TIMEOUT',
    ])
    const prompt = begin()
    prompt.receive(new Uint8Array([0, 0, 0, 4, 1, 0, 0, 0, 0]), 3000)
    expect(prompt.deadline).toBe(2000 + defaultLimits.idleTimeout)
    prompt.timeout(prompt.deadline - 1)
    expect(prompt.state).toBe('open')
  })
  it('settingsTimeout: when nobody minds how long it takes, the round trip is measured all the same', () => {
    const connection = new Connection({ role: 'server', limits: { settingsTimeout: Number.POSITIVE_INFINITY } })
    connection.receive(CONNECTION_PREFACE, 1000)
    connection.receive(new Uint8Array([0, 0, 0, 4, 0, 0, 0, 0, 0]), 1000)
    connection.receive(new Uint8Array([0, 0, 0, 4, 1, 0, 0, 0, 0]), 3000)
    expect(connection.roundTrip).toBe(2000)
  })
  it('settingsTimeout: RFC 9113 §6.5.3: so they do at every chunk size, whatever else the peer sends', () => {
    const wire = new Wire().bytes(CONNECTION_PREFACE).settings([]).headers(1, POST).data(1, 'body').ping('12345678')
    atEveryChunking(wire.take(), (chunks) => {
      const connection = new Connection(SERVER)
      for (const chunk of chunks) connection.receive(chunk, 1000)
      drain(connection)
      connection.timeout(1000 + defaultLimits.settingsTimeout)
      expect(drain(connection).map(word)).toEqual([
        'LimitExceeded 0 settingsTimeout',
        'StreamReset 1 local SETTINGS_TIMEOUT',
        'ConnectionClosed local SETTINGS_TIMEOUT',
      ])
      const listener = new Listener('server')
      const answers = connection.takeOutput(1 << 20).flatMap((chunk) => listener.read(chunk).map(line))
      expect(answers.at(-1)).toBe('GOAWAY 1 SETTINGS_TIMEOUT')
    })
  })
  it('fieldBlockTimeout: a field block is whole in time, however its fragments trickle', () => {
    const bench = new Bench(SERVER)
    bench.now = 5000
    const block = bench.wire.block(GET)
    bench.wire.opening(1, block.slice(0, 4), END_STREAM)
    bench.deliver()
    expect(bench.connection.deadline).toBe(5000 + defaultLimits.fieldBlockTimeout)
    bench.now = 14_000
    bench.wire.continuation(1, block.slice(4, 5), 0)
    bench.deliver()
    expect(bench.connection.deadline).toBe(5000 + defaultLimits.fieldBlockTimeout)
    bench.connection.timeout(14_999)
    expect(bench.connection.state).toBe('open')
    bench.connection.timeout(15_000)
    expect(drain(bench.connection).map(word)).toEqual(['LimitExceeded 0 fieldBlockTimeout', calm])
    const whole = new Bench(SERVER)
    const other = whole.wire.block(GET)
    whole.wire.opening(1, other.slice(0, 4), END_STREAM).continuation(1, other.slice(4))
    whole.deliver()
    expect(whole.connection.deadline).toBe(Number.POSITIVE_INFINITY)
  })
})
