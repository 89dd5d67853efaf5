import { describe, expect, it } from 'vitest'
import type { Limits } from '../../src/connection/index.ts'
import { Bench, fields, GET, OK, request } from './support.ts'
import { END_STREAM } from './wire-case.ts'

/** What budgets are relative to: DATA sent, streams brought to their end, streams open. */

const calm = 'ConnectionClosed local ENHANCE_YOUR_CALM'
const served = (limits: Partial<Limits>, window = 65_535): Bench => new Bench({ role: 'server', limits }, [[4, window]])

/** A download of which the peer has credited nothing yet. */
function download(bench: Bench, bytes: number): void {
  bench.wire.headers(1, GET, END_STREAM)
  bench.deliver()
  bench.connection.sendHeaders(1, OK, false)
  bench.connection.sendData(1, new Uint8Array(bytes), true)
}

describe('credit that nothing needs', () => {
  const limits = { glitchBurst: 20, glitchesPerSecond: 0 }

  for (const streamId of [0, 1]) {
    it(`RFC 9113 §10.5: WINDOW_UPDATE by 1 on ${streamId === 0 ? 'the connection' : 'a stream'}, without end, ends the connection`, () => {
      const bench = served(limits)
      bench.wire.headers(1, GET)
      bench.deliver()
      // two are free with the stream
      for (let i = 0; i < 22; i++) bench.wire.windowUpdate(streamId, 1)
      expect(bench.deliver()).toEqual([])
      bench.wire.windowUpdate(streamId, 1)
      expect(bench.deliver()).toEqual(['LimitExceeded 0 glitchBurst', 'StreamReset 1 local ENHANCE_YOUR_CALM', calm])
    })
  }

  it('RFC 9113 §10.5: a download that is let through octet by octet ends the connection', () => {
    const bench = served(limits, 0)
    download(bench, 1000)
    let granted = 0
    for (; bench.connection.state === 'open'; granted++) {
      bench.wire.windowUpdate(1, 1)
      bench.deliver()
      bench.answers()
    }
    expect(granted).toBe(23)
  })

  it('RFC 9113 §6.9: a download whose every frame is credited twice on both levels goes on', () => {
    const bench = served(limits)
    download(bench, 4_000_000)
    let received = 0
    while (received < 4_000_000) {
      for (const frame of bench.frames()) {
        if (frame.kind !== 'DATA') continue
        received += frame.data.length
        const half = frame.data.length >>> 1
        for (const id of [0, 1]) bench.wire.windowUpdate(id, half).windowUpdate(id, frame.data.length - half)
      }
      bench.deliver()
    }
    expect(bench.connection.state).toBe('open')
  })

  it('RFC 9113 §6.9: small messages that are credited one by one go on', () => {
    const bench = served(limits)
    bench.wire.headers(1, GET)
    bench.deliver()
    bench.connection.sendHeaders(1, OK, false)
    for (let i = 0; i < 1000; i++) {
      bench.connection.sendData(1, new Uint8Array(1), false)
      bench.answers()
      bench.wire.windowUpdate(0, 1).windowUpdate(1, 1)
      bench.deliver()
    }
    expect(bench.connection.state).toBe('open')
  })

  it('RFC 9113 §5.1: credit for streams that have just closed is no glitch', () => {
    const bench = served(limits)
    for (let id = 1; id < 2001; id += 2) {
      bench.wire.headers(id, GET, END_STREAM)
      bench.deliver()
      bench.connection.sendHeaders(id, OK, false)
      bench.connection.sendData(id, new Uint8Array(11), true)
      bench.answers()
      bench.wire.windowUpdate(0, 11).windowUpdate(id, 11)
      bench.deliver()
    }
    expect(bench.connection.state).toBe('open')
  })
})

describe('streams brought to their end', () => {
  /** Requests at one moment, of which `cancelled` of 10 are reset by the client after or before they are answered. */
  function requests(bench: Bench, count: number, cancelled: number, late: boolean): void {
    for (let i = 0; i < count && bench.connection.state === 'open'; i++) {
      const id = 2 * i + 1
      bench.wire.headers(id, GET, END_STREAM)
      if (i % 10 < cancelled && !late) bench.wire.reset(id, 8)
      bench.deliver()
      bench.connection.sendHeaders(id, OK, true)
      bench.answers()
      if (i % 10 < cancelled && late) bench.wire.reset(id, 8)
    }
  }

  it('30 % cancels pass at any rate', () => {
    const bench = served({ resetBurst: 20, resetsPerSecond: 0 })
    requests(bench, 5000, 3, false)
    expect(bench.connection.state).toBe('open')
  })

  it('60 % cancels do not', () => {
    const bench = served({ resetBurst: 20, resetsPerSecond: 0 })
    requests(bench, 5000, 6, false)
    expect(bench.connection.state).toBe('closed')
  })

  it('RFC 9113 §5.1: cancels that cross the end of their answer pass at any rate', () => {
    const bench = served({ glitchBurst: 20, glitchesPerSecond: 0 })
    requests(bench, 5000, 3, true)
    expect(bench.connection.state).toBe('open')
  })
})

describe('streams that hold something', () => {
  it('maxRetainedFieldSize: sections of all open streams together, and a stream that closes makes room', () => {
    const lines = [...GET, { name: 'x', value: 'y'.repeat(1000) }]
    const bench = served({ maxRetainedFieldSize: 3000 })
    bench.wire.headers(1, lines, END_STREAM).headers(3, lines, END_STREAM).headers(5, lines, END_STREAM)
    expect(bench.deliver()).toEqual([
      'HeadersReceived 1 request END_STREAM',
      'HeadersReceived 3 request END_STREAM',
      'LimitExceeded 5 maxRetainedFieldSize',
    ])
    expect(bench.answers()).toEqual(['RST_STREAM 5 REFUSED_STREAM'])
    bench.connection.sendHeaders(1, OK, true)
    bench.wire.headers(7, lines, END_STREAM)
    expect(bench.deliver()).toEqual(['StreamClosed 1', 'HeadersReceived 7 request END_STREAM'])
  })

  it('maxRetainedFieldSize: trailers count too', () => {
    const lines = [{ name: 'x', value: 'y'.repeat(2900) }]
    const bench = served({ maxRetainedFieldSize: 3000 })
    bench.wire.headers(1, request('POST')).headers(1, lines, END_STREAM).headers(3, GET, END_STREAM)
    expect(bench.deliver()).toContain('LimitExceeded 3 maxRetainedFieldSize')
  })

  it('overflowBurst: sections over their limit, so many at once and then one a second', () => {
    const lines = [...GET, { name: 'x', value: 'y'.repeat(1000) }]
    const bench = served({ maxFieldSectionSize: 900, overflowBurst: 3 })
    for (let id = 1; id < 7; id += 2) bench.wire.headers(id, lines, END_STREAM)
    bench.deliver()
    for (let id = 7; id < 107; id += 2) {
      bench.now += 1000
      bench.wire.headers(id, lines, END_STREAM)
      expect(bench.deliver()).toEqual([`LimitExceeded ${id} maxFieldSectionSize`])
    }
    bench.wire.headers(107, lines, END_STREAM)
    expect(bench.deliver()).toEqual(['LimitExceeded 107 maxFieldSectionSize', 'LimitExceeded 0 overflowBurst', calm])
  })

  it('RFC 9113 §6.9.2: INITIAL_WINDOW_SIZE to and fro costs by the streams it moves', () => {
    const flaps = (streams: number): number => {
      const bench = served({ glitchBurst: 100, glitchesPerSecond: 0 })
      for (let i = 0; i < streams; i++) bench.wire.headers(2 * i + 1, GET)
      bench.deliver()
      for (let i = 0; ; i++) {
        bench.wire.settings([[4, i % 2]])
        if (bench.deliver().includes(calm)) return i
        bench.answers()
      }
    }
    expect([flaps(0), flaps(1), flaps(90)]).toEqual([100, 50, 10])
  })

  it('RFC 9113 §6.1: DATA of nothing but padding is as good as empty', () => {
    const bench = served({ glitchBurst: 20, glitchesPerSecond: 0 })
    bench.wire.headers(1, request('POST'))
    for (let i = 0; i < 21; i++) bench.wire.data(1, 0, 0, 5)
    expect(bench.deliver()).toContain(calm)
  })

  it('RFC 9113 §8.1: informational responses without end are glitches; eight on each stream are free', () => {
    const bench = new Bench({ role: 'client', limits: { glitchBurst: 20, glitchesPerSecond: 0 } })
    const hints = fields({ ':status': '103' })
    for (let id = 1; id < 101; id += 2) {
      bench.connection.openStream(GET, true)
      for (let i = 0; i < 8; i++) bench.wire.headers(id, hints)
    }
    bench.deliver()
    expect(bench.connection.state).toBe('open')
    for (let i = 0; i < 21; i++) bench.wire.headers(1, hints)
    const words = bench.deliver()
    expect(words.at(-1)).toBe(calm)
    expect(words.filter((word) => word === 'HeadersReceived 1 informational')).toHaveLength(20)
  })

  it('RFC 9113 §8.7: a request that the consumer refuses is a reset that the peer caused', () => {
    const bench = served({ resetBurst: 1, resetsPerSecond: 0 })
    bench.wire.headers(1, GET, END_STREAM).headers(3, GET, END_STREAM)
    bench.deliver()
    bench.connection.refuse(1, 'maxUnfinishedHandlers', 'busy')
    expect(bench.answers()).toEqual(['RST_STREAM 1 REFUSED_STREAM'])
    bench.connection.refuse(3, 'maxUnfinishedHandlers', 'busy')
    bench.connection.refuse(5, 'maxUnfinishedHandlers', 'busy')
    expect(bench.answers()).toEqual(['RST_STREAM 3 REFUSED_STREAM', 'GOAWAY 3 ENHANCE_YOUR_CALM'])
    expect(bench.deliver()).toEqual([
      'LimitExceeded 1 maxUnfinishedHandlers',
      'StreamReset 1 local REFUSED_STREAM',
      'LimitExceeded 3 maxUnfinishedHandlers',
      'StreamReset 3 local REFUSED_STREAM',
      'LimitExceeded 0 resetBurst',
      calm,
    ])
  })
})
