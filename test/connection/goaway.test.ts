import { describe, expect, it } from 'vitest'
import { Connection } from '../../src/connection/index.ts'
import { Bench, drain, fields, GET, OK, POST, word } from './support.ts'
import { CLIENT, connectionFault, END_STREAM, lawful, SERVER } from './wire-case.ts'

describe('GOAWAY received', () => {
  it('RFC 9113 §6.8: streams above the last one end and may be sent again, the others go on', () => {
    const bench = new Bench(CLIENT)
    for (let i = 0; i < 3; i++) bench.connection.openStream(POST, false)
    bench.wire.goAway(3, 0)
    const events = bench.events()
    expect(events.map(word)).toEqual(['GoAwayReceived 3 NO_ERROR', 'StreamReset 5 remote REFUSED_STREAM'])
    expect(events[1]).toMatchObject({ error: { retryable: true, initiator: 'remote' } })
    expect(bench.connection.state).toBe('draining')
    bench.answers()
    bench.connection.sendData(1, new Uint8Array(1), true)
    bench.connection.sendData(5, new Uint8Array(1), true)
    expect(bench.answers()).toEqual(['DATA 1 1 END_STREAM'])
    bench.wire.headers(1, OK, END_STREAM).headers(3, OK, END_STREAM)
    bench.deliver()
    expect(bench.connection.state).toBe('draining')
    bench.connection.sendData(3, new Uint8Array(0), true)
    bench.answers()
    expect(bench.connection.state).toBe('closed')
  })
  it('RFC 9113 §6.8: no additional stream is opened', () => {
    const bench = new Bench(CLIENT)
    bench.connection.openStream(GET, true)
    bench.wire.goAway(2 ** 31 - 1, 0)
    expect(bench.deliver()).toEqual(['GoAwayReceived 2147483647 NO_ERROR'])
    expect(bench.connection.canOpenStream).toBe(false)
    expect(() => bench.connection.openStream(GET, true)).toThrow('canOpenStream')
  })
  it('RFC 9113 §6.8: a second one with a lower id ends the streams in between', () => {
    const bench = new Bench(CLIENT)
    for (let i = 0; i < 3; i++) bench.connection.openStream(GET, true)
    bench.wire.goAway(2 ** 31 - 1, 0).goAway(1, 0)
    expect(bench.deliver()).toEqual([
      'GoAwayReceived 2147483647 NO_ERROR',
      'GoAwayReceived 1 NO_ERROR',
      'StreamReset 3 remote REFUSED_STREAM',
      'StreamReset 5 remote REFUSED_STREAM',
    ])
    bench.wire.headers(1, OK, END_STREAM)
    expect(bench.deliver()).toEqual([
      'HeadersReceived 1 response END_STREAM',
      'StreamClosed 1',
      'ConnectionClosed local clean',
    ])
  })
  it('RFC 9113 §6.8: who has no more use for the connection says GOAWAY too before it ends it', () => {
    for (const options of [CLIENT, SERVER]) {
      const bench = new Bench(options)
      bench.wire.goAway(0, 0)
      expect(bench.deliver()).toEqual(['GoAwayReceived 0 NO_ERROR', 'ConnectionClosed local clean'])
      expect(bench.answers()).toEqual(['GOAWAY 0 NO_ERROR'])
    }
  })
  lawful(
    'RFC 9113 §6.8: a client’s GOAWAY leaves its own requests alone, and the debug data are handed on',
    { options: SERVER, before: ({ wire }) => wire.headers(1, POST), wire: (wire) => wire.goAway(0, 2).end(1) },
    ['GoAwayReceived 0 INTERNAL_ERROR', 'DataReceived 1 0 END_STREAM'],
    [],
  )
})

describe('shutdown', () => {
  it('RFC 9113 §6.8: a server first names the highest id, then the last stream one round trip later', () => {
    const bench = new Bench(SERVER)
    bench.wire.headers(1, GET, END_STREAM)
    bench.deliver()
    bench.connection.shutdown(5)
    expect(bench.answers()).toEqual(['GOAWAY 2147483647 NO_ERROR', 'PING draining'])
    bench.wire.headers(3, GET, END_STREAM) // was on its way
    expect(bench.deliver()).toEqual(['HeadersReceived 3 request END_STREAM'])
    bench.wire.ping('draining', 1)
    expect(bench.deliver()).toEqual([])
    expect(bench.answers()).toEqual(['GOAWAY 3 NO_ERROR'])
    bench.connection.sendHeaders(1, OK, true)
    bench.connection.sendHeaders(3, OK, true)
    expect(bench.answers()).toEqual(['HEADERS 1 :status=200 END_STREAM', 'HEADERS 3 :status=200 END_STREAM'])
    expect(drain(bench.connection).map(word)).toEqual([
      'StreamClosed 1',
      'StreamClosed 3',
      'ConnectionClosed local clean',
    ])
  })
  it('RFC 9113 §6.8: an idle server that shuts down waits for the round trip, then ends', () => {
    const bench = new Bench(SERVER)
    bench.connection.shutdown(5)
    expect(bench.connection.state).toBe('draining')
    bench.wire.ping('draining', 1)
    expect(bench.deliver()).toEqual(['ConnectionClosed local clean'])
    expect(bench.answers()).toEqual(['GOAWAY 2147483647 NO_ERROR', 'PING draining', 'GOAWAY 0 NO_ERROR'])
  })
  it('RFC 9113 §6.8: a peer that does not answer the PING does not hold the shutdown up', () => {
    const bench = new Bench(SERVER)
    bench.wire.headers(1, GET, END_STREAM)
    bench.deliver()
    bench.connection.shutdown(5)
    expect(bench.connection.deadline).toBe(2005)
    bench.connection.timeout(2004)
    expect(bench.answers()).toEqual(['GOAWAY 2147483647 NO_ERROR', 'PING draining'])
    bench.connection.timeout(2005)
    expect(bench.answers()).toEqual(['GOAWAY 1 NO_ERROR'])
    bench.wire.ping('draining', 1) // late, and no fault
    expect(bench.deliver()).toEqual([])
    bench.connection.sendHeaders(1, OK, true)
    bench.answers()
    expect(drain(bench.connection).map(word)).toEqual(['StreamClosed 1', 'ConnectionClosed local clean'])
  })
  it('RFC 9113 §3.4, §6.8: a server whose client has not begun ends at once', () => {
    const connection = new Connection(SERVER)
    connection.timeout(1)
    connection.shutdown(5)
    expect(drain(connection).map(word)).toEqual(['ConnectionClosed local clean'])
  })
  it('RFC 9113 §4.2: debug data fill at most the largest frame that the peer takes', () => {
    const bench = new Bench(SERVER)
    expect(() => bench.connection.goAway(0, new Uint8Array(16_377))).toThrow('do not fit in one frame')
    expect([bench.connection.state, bench.answers()]).toEqual(['open', []])
    bench.connection.goAway(0, new Uint8Array(16_376))
    expect(bench.frames()).toMatchObject([{ kind: 'GOAWAY', debugData: { length: 16_376 } }])
  })
  it('RFC 9113 §6.8: a client says GOAWAY, opens no more, and ends when its last stream has', () => {
    const bench = new Bench(CLIENT)
    bench.connection.openStream(GET, true)
    bench.answers()
    bench.connection.shutdown(5)
    bench.connection.shutdown(6)
    expect(bench.answers()).toEqual(['GOAWAY 0 NO_ERROR'])
    expect(bench.connection.canOpenStream).toBe(false)
    bench.wire.headers(1, OK, END_STREAM)
    expect(bench.deliver().at(-1)).toBe('ConnectionClosed local clean')
    expect(bench.answers()).toEqual([])
  })

  /** A server whose final GOAWAY named stream 1. */
  const wentAway = (bench: Bench): void => {
    bench.wire.headers(1, POST)
    bench.deliver()
    bench.connection.shutdown(5)
    bench.wire.ping('draining', 1)
    bench.deliver()
    expect(bench.answers()).toEqual(['GOAWAY 2147483647 NO_ERROR', 'PING draining', 'GOAWAY 1 NO_ERROR'])
  }
  const drained = (options: { connectionWindow?: number } = {}): Bench => {
    const bench = new Bench({ role: 'server', ...options })
    wentAway(bench)
    return bench
  }
  it('RFC 9113 §6.8: what comes on streams above the last one is ignored: HEADERS, DATA, trailers, and all the rest', () => {
    const bench = drained()
    bench.wire
      .headers(3, [...POST, { name: 'x-late', value: 'kept by the table' }])
      .data(3, 1000)
      .windowUpdate(3, 5)
      .headers(3, fields({ 'x-trailer': 'late' }), END_STREAM)
      .headers(5, POST)
      .reset(5, 8)
    expect(bench.deliver()).toEqual([])
    expect(bench.answers()).toEqual([])
    bench.wire.headers(1, [{ name: 'x-late', value: 'kept by the table' }], END_STREAM)
    expect(bench.events()).toMatchObject([{ kind: 'trailers', fields: [{ value: 'kept by the table' }] }])
  })
  it('RFC 9113 §6.8: DATA on streams above the last one counts toward the connection window, and comes back', () => {
    const bench = drained({ connectionWindow: 65_535 })
    bench.wire.headers(3, POST)
    for (let i = 0; i < 20; i++) {
      bench.wire.data(3, 16_000, 0, 255)
      expect(bench.deliver()).toEqual([])
    }
    expect(bench.answers().every((text) => text.startsWith('WINDOW_UPDATE 0'))).toBe(true)
  })
  connectionFault(
    'RFC 9113 §6.8: the last stream does not grow from one GOAWAY to the next',
    'FLOW_CONTROL_ERROR',
    {
      options: SERVER,
      before: wentAway,
      wire: (wire) => wire.headers(9, GET, END_STREAM).settings([[4, 2 ** 31]]),
    },
    { last: 1 },
  )
})

describe('goAway', () => {
  it('RFC 9113 §6.8: it ends the connection at once, and each stream hears of it', () => {
    const bench = new Bench(SERVER)
    bench.wire.headers(1, GET, END_STREAM).headers(3, POST)
    bench.deliver()
    bench.connection.sendHeaders(1, OK, false)
    bench.connection.sendData(1, new Uint8Array(100), true)
    bench.connection.goAway(0xb, new Uint8Array(3))
    expect(drain(bench.connection).map(word)).toEqual([
      'StreamReset 1 local ENHANCE_YOUR_CALM',
      'StreamReset 3 local ENHANCE_YOUR_CALM',
      'ConnectionClosed local ENHANCE_YOUR_CALM',
    ])
    expect(bench.answers()).toEqual(['HEADERS 1 :status=200', 'GOAWAY 3 ENHANCE_YOUR_CALM'])
  })
  it('RFC 9113 §6.8: with NO_ERROR and no stream it is a clean end', () => {
    const bench = new Bench(CLIENT)
    bench.connection.goAway()
    expect(drain(bench.connection).map(word)).toEqual(['ConnectionClosed local clean'])
  })
  it('after the end every command does nothing, and nothing comes out', () => {
    const bench = new Bench(SERVER)
    bench.wire.headers(1, POST)
    bench.deliver()
    bench.connection.goAway()
    drain(bench.connection)
    bench.answers()
    const { connection } = bench
    connection.receive(bench.wire.data(1, 'late').ping('too late').take(), 2)
    connection.timeout(1e9)
    connection.sendHeaders(1, OK, false)
    connection.sendData(1, new Uint8Array(5), true)
    connection.sendTrailers(1, [])
    connection.reset(1)
    connection.consumed(1, 5)
    connection.ping(new Uint8Array(8), 3)
    connection.shutdown(3)
    connection.goAway(1)
    connection.receiveEnd(3)
    expect(drain(connection)).toEqual([])
    expect(connection.hasOutput).toBe(false)
    expect(connection.takeOutput(1000)).toEqual([])
    expect(connection.deadline).toBe(Number.POSITIVE_INFINITY)
    expect([connection.openStreams, connection.queuedBytes(1), connection.canOpenStream]).toEqual([0, 0, false])
  })
})

connectionFault(
  'RFC 9113 §6.8: GOAWAY on a stream is a connection error, and its reader sees whole frames only',
  'PROTOCOL_ERROR',
  { options: SERVER, before: ({ wire }) => wire.headers(1, POST), wire: (wire) => wire.raw(7, 1, new Uint8Array(8)) },
  { section: 'RFC 9113 §6.8', last: 1 },
)
