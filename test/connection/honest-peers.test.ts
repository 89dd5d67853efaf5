import { describe, expect, it } from 'vitest'
import { ErrorCode } from '../../src/errors/index.ts'
import { Bench, GET, OK, POST } from './support.ts'
import { CLIENT, END_STREAM, SERVER } from './wire-case.ts'

describe('what honest peers do passes with the default limits', () => {
  it('150 cookie crumbs and 60 other fields in a request, thousands of times', () => {
    const lines = [
      ...GET,
      ...Array.from({ length: 60 }, (_, i) => ({ name: `x-header-${i}`, value: `value ${i}` })),
      ...Array.from({ length: 150 }, (_, i) => ({ name: 'cookie', value: `name${i}=value${i}` })),
    ]
    const bench = new Bench(SERVER)
    for (let id = 1; id < 401; id += 2) {
      bench.wire.headers(id, lines, END_STREAM)
      expect(bench.deliver()).toContain(`HeadersReceived ${id} request END_STREAM`)
      bench.connection.sendHeaders(id, OK, true)
    }
    expect(bench.connection.state).toBe('open')
  })
  it('30 % cancels over 20,000 requests at 100 a second', () => {
    const bench = new Bench(SERVER)
    for (let i = 0; i < 20_000; i++) {
      const id = 2 * i + 1
      bench.now += 10
      bench.wire.headers(id, GET, END_STREAM)
      if (i % 10 < 3) bench.wire.reset(id, 8)
      bench.connection.receive(bench.wire.take(), bench.now)
      if (i % 10 >= 3) bench.connection.sendHeaders(id, OK, true)
      while (bench.connection.nextEvent() !== undefined) {}
      bench.connection.takeOutput(100_000)
    }
    expect(bench.connection.state).toBe('open')
    expect(bench.connection.openStreams).toBe(0)
  })
  it('DATA of one octet on 100 streams, 100,000 octets in all', () => {
    const bench = new Bench(SERVER)
    for (let i = 0; i < 100; i++) bench.wire.headers(2 * i + 1, POST)
    bench.deliver()
    for (let round = 0; round < 1000; round++) {
      for (let i = 0; i < 100; i++) bench.wire.data(2 * i + 1, 1)
      bench.connection.receive(bench.wire.take(), bench.now)
      for (let event = bench.connection.nextEvent(); event !== undefined; event = bench.connection.nextEvent()) {
        if (event.type === 'DataReceived') bench.connection.consumed(event.streamId, event.data.length)
      }
      bench.connection.takeOutput(100_000)
    }
    expect([bench.connection.state, bench.connection.openStreams]).toEqual(['open', 100])
  })
  it('a PING every second and SETTINGS now and then, for a day', () => {
    const bench = new Bench(SERVER)
    for (let second = 0; second < 86_400; second++) {
      bench.now += 1000
      bench.wire.ping('12345678')
      if (second % 100 === 0) bench.wire.settings([[4, 65_535 + (second % 7)]])
      bench.connection.receive(bench.wire.take(), bench.now)
      while (bench.connection.nextEvent() !== undefined) {}
      bench.connection.takeOutput(100_000)
    }
    expect(bench.connection.state).toBe('open')
  })
  it('RFC 9113 §8.1, §8.7: a server that answers each request early, or refuses it', () => {
    const bench = new Bench(CLIENT)
    for (let i = 0; i < 5000; i++) {
      const id = bench.connection.openStream(POST, false)
      if (i % 2 === 0) bench.wire.headers(id, OK, END_STREAM).reset(id, ErrorCode.NO_ERROR)
      else bench.wire.reset(id, ErrorCode.REFUSED_STREAM)
      bench.deliver()
      bench.answers()
    }
    expect([bench.connection.state, bench.connection.openStreams]).toEqual(['open', 0])
  })
  it('RFC 9113 §5.1: a server whose answers cross thousands of cancels', () => {
    const bench = new Bench(CLIENT)
    const ids = Array.from({ length: 3000 }, () => bench.connection.openStream(GET, true))
    for (const id of ids) bench.connection.reset(id)
    bench.answers()
    for (const id of ids) bench.wire.headers(id, OK).data(id, 300).end(id)
    expect(bench.deliver()).toEqual([])
    expect(bench.answers()).toEqual(['WINDOW_UPDATE 0 524400'])
  })
})
