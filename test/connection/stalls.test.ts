import { describe, expect, it } from 'vitest'
import type { Limits } from '../../src/connection/index.ts'
import { Bench, drain, GET, OK, word } from './support.ts'
import { END_STREAM } from './wire-case.ts'

const limits: Partial<Limits> = { writeStallTimeout: 4000, streamStallTimeout: 8000, idleTimeout: 20_000 }

/** A server that has `bytes` to send on stream 1, where the client's windows are of `window` octets. */
function sending(bytes: number, window: number): Bench {
  const bench = new Bench({ role: 'server', limits }, [[4, window]])
  bench.now = 1000
  bench.wire.headers(1, GET, END_STREAM)
  bench.deliver()
  bench.connection.sendHeaders(1, OK, false)
  bench.connection.sendData(1, new Uint8Array(bytes), true)
  return bench
}

/** Lets the time pass up to `end`, with `each` in every step of 100 ms; answers what was told and when. */
function pass(bench: Bench, end: number, each: (bench: Bench) => void = () => {}): string[] {
  const told: string[] = []
  for (; bench.now < end; bench.now += 100) {
    each(bench)
    if (bench.now >= bench.connection.deadline) bench.connection.timeout(bench.now)
    for (const event of drain(bench.connection)) told.push(`${bench.now}: ${word(event)}`)
  }
  return told
}

const take = (bench: Bench): void => void bench.connection.takeOutput(65_536, bench.now)

describe('output that does not leave', () => {
  it('streamStallTimeout: data of a stream that gets no window are given up, soon after the time', () => {
    const bench = sending(1000, 0)
    take(bench)
    const told = pass(bench, 30_000, take)
    expect(told.slice(0, 2)).toEqual(['10000: LimitExceeded 1 streamStallTimeout', '10000: StreamReset 1 local CANCEL'])
  })

  it('tunnelStallTimeout: RFC 9113 §8.5: whoever reads a tunnel may pause for longer than a download', () => {
    const connect = [
      { name: ':method', value: 'CONNECT' },
      { name: ':authority', value: 'example.org:1' },
    ]
    const bench = new Bench({ role: 'server', limits: { ...limits, tunnelStallTimeout: 16_000 } }, [[4, 0]])
    bench.now = 1000
    bench.wire.headers(1, connect, 0)
    bench.deliver()
    bench.connection.sendHeaders(1, OK, false)
    bench.connection.sendData(1, new Uint8Array(1000), false)
    take(bench)
    const told = pass(bench, 30_000, take)
    expect(told.slice(0, 2)).toEqual(['18000: LimitExceeded 1 tunnelStallTimeout', '18000: StreamReset 1 local CANCEL'])
  })

  it('streamStallTimeout: an octet now and then gains nothing', () => {
    const bench = sending(100_000, 0)
    const told = pass(bench, 12_000, (b) => {
      b.wire.windowUpdate(1, 1)
      b.connection.receive(b.wire.take(), b.now)
      take(b)
    })
    expect(told).toEqual(['10000: LimitExceeded 1 streamStallTimeout', '10000: StreamReset 1 local CANCEL'])
  })

  it('streamStallTimeout: a slow download goes on', () => {
    const bench = sending(200_000, 0)
    const told = pass(bench, 60_000, (b) => {
      if (b.now % 1000 === 0) b.wire.windowUpdate(1, 1100)
      b.connection.receive(b.wire.take(), b.now)
      take(b)
    })
    expect(told).toEqual([])
  })

  it('streamStallTimeout: a stream that waits for its turn behind others is not the peer’s fault', () => {
    const bench = sending(1 << 20, 1 << 20)
    bench.wire.headers(3, [...GET, { name: 'priority', value: 'u=7' }], END_STREAM)
    bench.deliver()
    bench.connection.sendHeaders(3, OK, false)
    bench.connection.sendData(3, new Uint8Array(10), true)
    // what the connection's window lets through goes to the more urgent stream, for longer than the limit
    const told = pass(bench, 20_000, (b) => {
      if (b.now % 1000 === 0) b.wire.windowUpdate(0, 2000)
      b.connection.receive(b.wire.take(), b.now)
      take(b)
    })
    expect(told).toEqual([])
  })

  it('writeStallTimeout: a transport that takes nothing ends the connection', () => {
    const bench = sending(1000, 65_535)
    const told = pass(bench, 30_000)
    expect(told).toEqual([
      '7000: LimitExceeded 0 writeStallTimeout',
      '7000: StreamReset 1 local ENHANCE_YOUR_CALM',
      '7000: ConnectionClosed local ENHANCE_YOUR_CALM',
    ])
  })

  it('writeStallTimeout: one that takes a little now and then does not', () => {
    const bench = sending(60_000, 65_535)
    const told = pass(bench, 20_000, (b) => {
      if (b.now % 1500 === 0) b.connection.takeOutput(1000, b.now)
    })
    expect(told).toEqual([])
  })

  it('with nothing to send there is no clock for it', () => {
    const bench = sending(1000, 65_535)
    take(bench)
    pass(bench, 5000)
    expect(bench.connection.deadline).toBe(1000 + 20_000)
  })
})

describe('idle connections', () => {
  it('RFC 9113 §9.1: idleTimeout: without streams the connection ends gracefully', () => {
    const bench = sending(10, 65_535)
    bench.now = 3000
    take(bench)
    // the answer left at 3000: from then on no stream is open
    expect(pass(bench, 22_900)).toEqual(['3000: StreamClosed 1'])
    pass(bench, 23_100)
    expect(bench.connection.state).toBe('draining')
    expect(bench.answers()).toEqual(['GOAWAY 2147483647 NO_ERROR', 'PING draining'])
    expect(pass(bench, 26_000)).toEqual(['25000: ConnectionClosed local clean'])
    expect(bench.answers()).toEqual(['GOAWAY 1 NO_ERROR'])
  })

  it('RFC 9113 §6.8: a request that crosses the GOAWAY is still served', () => {
    const bench = sending(10, 65_535)
    take(bench)
    pass(bench, 21_200)
    bench.wire.headers(3, GET, END_STREAM).ping('draining', 1)
    expect(bench.deliver()).toEqual(['HeadersReceived 3 request END_STREAM'])
    bench.connection.sendHeaders(3, OK, true)
    expect(pass(bench, 21_400)).toEqual(['21200: StreamClosed 3'])
    take(bench)
    expect(bench.connection.state).toBe('closed')
  })

  it('PING does not keep a connection from being idle, an open stream does', () => {
    const idle = new Bench({ role: 'server', limits })
    pass(idle, 25_000, (b) => {
      b.wire.ping('12345678')
      b.connection.receive(b.wire.take(), b.now)
      take(b)
    })
    expect(idle.connection.state).not.toBe('open')
    const waiting = new Bench({ role: 'server', limits })
    waiting.wire.headers(1, GET)
    waiting.deliver()
    take(waiting)
    expect(pass(waiting, 100_000)).toEqual([])
    expect(waiting.connection.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  it('a client keeps its connection as long as it likes', () => {
    const bench = new Bench({ role: 'client', limits })
    expect(bench.connection.deadline).toBe(Number.POSITIVE_INFINITY)
  })
})
