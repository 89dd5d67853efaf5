import { describe, expect, it } from 'vitest'
import { defaultLimits, type Limits, type Role, resolveLimits } from '../../src/connection/index.ts'
import { Bench, drain, fields, GET, OK, POST } from './support.ts'
import type { Wire } from './wire.ts'
import { END_STREAM, SERVER } from './wire-case.ts'

const served = (limits: Partial<Limits>, role: Role = 'server'): Bench => new Bench({ role, limits })
const calm = 'ConnectionClosed local ENHANCE_YOUR_CALM'

/** Does `act` `count` times at one moment; answers the last word told. */
function burst(bench: Bench, count: number, act: (bench: Bench, i: number) => void): string | undefined {
  let last: string | undefined
  for (let i = 0; i < count; i++) {
    act(bench, i)
    last = bench.deliver().at(-1) ?? last
    bench.answers()
  }
  return last
}

describe('what the caller may say', () => {
  it('a limit that is undefined keeps its default', () => {
    const limits = { idleTimeout: undefined, maxConcurrentStreams: 7 } as unknown as Partial<Limits>
    expect(resolveLimits(limits)).toEqual({ ...defaultLimits, maxConcurrentStreams: 7 })
    const { connection } = served(limits)
    expect(connection.deadline).toBe(1 + defaultLimits.idleTimeout)
  })
  it('a limit that is no number from 0 up is refused', () => {
    for (const value of [-1, Number.NaN, '5', null]) {
      const limits = { maxSettings: value } as unknown as Partial<Limits>
      expect(() => served(limits), String(value)).toThrow('the limit maxSettings must be a number from 0 up')
    }
  })
})

describe('field sections', () => {
  /** A request whose section comes to exactly `size`: name + value + 32 for each line (RFC 9113 §6.5.2). */
  const ofSize = (size: number) => {
    const base = GET.reduce((sum, { name, value }) => sum + name.length + value.length + 32, 0)
    return [...GET, { name: 'x', value: 'y'.repeat(size - base - 33) }]
  }
  it('maxFieldSectionSize: a section of exactly that size passes, one octet more is refused, and the next one passes', () => {
    const bench = served({ maxFieldSectionSize: 1000 })
    bench.wire
      .headers(1, ofSize(1000), END_STREAM)
      .headers(3, ofSize(1001), END_STREAM)
      .headers(5, ofSize(1000), END_STREAM)
    expect(bench.deliver()).toEqual([
      'HeadersReceived 1 request END_STREAM',
      'LimitExceeded 3 maxFieldSectionSize',
      'HeadersReceived 5 request END_STREAM',
    ])
    expect(bench.answers()).toEqual(['RST_STREAM 3 ENHANCE_YOUR_CALM'])
  })
  it('maxFieldSectionSize: a response or trailers over it reset their stream', () => {
    const bench = served({ maxFieldSectionSize: 200 }, 'client')
    bench.connection.openStream(GET, true)
    bench.wire.headers(1, [...OK, { name: 'x', value: 'y'.repeat(200) }])
    expect(bench.deliver()).toEqual(['LimitExceeded 1 maxFieldSectionSize', 'StreamReset 1 local ENHANCE_YOUR_CALM'])
  })
  it('maxFieldSectionSize: a block that is longer than its section may be ends the connection before it is whole', () => {
    const bench = served({ maxFieldSectionSize: 1000 })
    bench.wire.opening(1, new Uint8Array(600)).continuation(1, new Uint8Array(400), 0)
    expect(bench.deliver()).toEqual([])
    bench.wire.continuation(1, new Uint8Array(1), 0)
    expect(bench.deliver()).toEqual(['LimitExceeded 1 maxFieldSectionSize', calm])
  })
  it('maxFieldCount and maxCookieCrumbs: so many lines pass, one more is refused', () => {
    const lines = (count: number, name: string) => [
      ...GET,
      ...Array.from({ length: count }, () => ({ name, value: 'a' })),
    ]
    const bench = served({ maxFieldCount: 10, maxCookieCrumbs: 20 })
    bench.wire
      .headers(1, lines(6, 'x'), END_STREAM)
      .headers(3, lines(7, 'x'), END_STREAM)
      .headers(5, lines(20, 'cookie'), END_STREAM)
      .headers(7, lines(21, 'cookie'), END_STREAM)
    expect(bench.deliver()).toEqual([
      'HeadersReceived 1 request END_STREAM',
      'LimitExceeded 3 maxFieldCount',
      'HeadersReceived 5 request END_STREAM',
      'LimitExceeded 7 maxCookieCrumbs',
    ])
    expect(bench.answers()).toEqual(['RST_STREAM 3 ENHANCE_YOUR_CALM', 'RST_STREAM 7 ENHANCE_YOUR_CALM'])
  })
  it('maxContinuations: 8 frames continue a block, the ninth ends the connection', () => {
    for (const [count, outcome] of [
      [8, 'HeadersReceived 1 request END_STREAM'],
      [9, calm],
    ] as const) {
      const bench = new Bench(SERVER)
      const block = bench.wire.block(GET)
      bench.wire.opening(1, block, END_STREAM)
      for (let i = 1; i < count; i++) bench.wire.continuation(1, new Uint8Array(0), 0)
      bench.wire.continuation(1, new Uint8Array(0))
      expect(bench.deliver().at(-1)).toBe(outcome)
    }
  })
})

it('maxConcurrentStreams: 100 streams are open at once, the 101st is refused', () => {
  const bench = new Bench(SERVER)
  for (let i = 0; i < 101; i++) bench.wire.headers(2 * i + 1, GET, END_STREAM)
  const told = bench.deliver()
  expect(told.filter((text) => text.startsWith('HeadersReceived')).length).toBe(100)
  expect(told.at(-1)).toBe('LimitExceeded 201 maxConcurrentStreams')
  expect(bench.answers()).toEqual(['RST_STREAM 201 REFUSED_STREAM'])
})

it('maxSettings: 32 settings in a frame pass, 33 end the connection', () => {
  const entries = (count: number) => Array.from({ length: count }, (_, i) => [0x4a00 + i, 1] as const)
  const bench = new Bench(SERVER)
  bench.wire.settings(entries(32))
  expect(bench.deliver()).toEqual(['SettingsReceived'])
  bench.wire.settings(entries(33))
  expect(bench.deliver()).toEqual(['LimitExceeded 0 maxSettings', calm])
})

describe('resets', () => {
  const cancelled = (bench: Bench, i: number) => void bench.wire.headers(2 * i + 1, GET, END_STREAM).reset(2 * i + 1, 8)
  const malformed = (bench: Bench, i: number) =>
    void bench.wire.headers(2 * i + 1, fields({ ':method': 'GET' }), END_STREAM)
  const refused = (bench: Bench, i: number) => {
    if (i === 0) bench.wire.headers(1, POST)
    bench.wire.headers(2 * i + 3, GET, END_STREAM)
  }
  const faulty = (bench: Bench, i: number) => void bench.wire.headers(2 * i + 1, GET, END_STREAM).data(2 * i + 1, 'x')
  const byZero = (bench: Bench, i: number) =>
    void bench.wire.headers(2 * i + 1, GET, END_STREAM).windowUpdate(2 * i + 1, 0)
  for (const [name, act] of [
    ['cancelled by the peer', cancelled],
    ['malformed', malformed],
    ['refused', refused],
    ['ended for a fault', faulty],
    ['made to be reset by a bad frame', byZero],
  ] as const) {
    it(`resetBurst: 20 streams ${name} pass, the 21st ends the connection`, () => {
      const limits = { resetBurst: 20, resetsPerSecond: 1, maxConcurrentStreams: name === 'refused' ? 1 : 100 }
      expect(burst(served(limits), 20, act)).not.toBe(calm)
      expect(burst(served(limits), 21, act)).toBe(calm)
    })
  }
  it('resetBurst: what the limit is passed by is told first, and the end is told last', () => {
    const bench = served({ resetBurst: 1, resetsPerSecond: 0 })
    bench.wire
      .headers(1, fields({ ':method': 'GET' }))
      .headers(3, fields({ ':method': 'GET' }))
      .headers(5, GET)
    expect(bench.deliver()).toEqual([
      'RequestRefused 1 PROTOCOL_ERROR',
      'RequestRefused 3 PROTOCOL_ERROR',
      'LimitExceeded 0 resetBurst',
      calm,
    ])
    expect(bench.answers()).toEqual([
      'RST_STREAM 1 PROTOCOL_ERROR',
      'RST_STREAM 3 PROTOCOL_ERROR',
      'GOAWAY 3 ENHANCE_YOUR_CALM',
    ])
  })
  it('RFC 9113 §5.4.1: nothing is sent behind the GOAWAY, not the credit either for what led to it', () => {
    const limits = { resetBurst: 0, resetsPerSecond: 0 }
    const bench = new Bench({ role: 'server', limits, maxFrameSize: 65_536, connectionWindow: 65_535 })
    bench.wire.headers(1, GET, END_STREAM)
    bench.deliver()
    bench.answers()
    bench.wire.data(1, 40_000)
    bench.deliver()
    expect(bench.answers()).toEqual(['RST_STREAM 1 STREAM_CLOSED', 'GOAWAY 1 ENHANCE_YOUR_CALM'])
  })
  it('resetsPerSecond: so many are forgiven each second, without end', () => {
    const bench = served({ resetBurst: 5, resetsPerSecond: 10 })
    for (let i = 0; i < 500; i++) {
      bench.now += 100
      cancelled(bench, i)
      bench.deliver()
    }
    expect(bench.connection.state).toBe('open')
    for (let i = 500; i < 530; i++) {
      bench.now += 50
      cancelled(bench, i)
      bench.deliver()
    }
    expect(bench.connection.state).toBe('closed')
  })
})

describe('glitches', () => {
  const acts: readonly (readonly [string, (wire: Wire) => void])[] = [
    ['PING', (wire) => wire.ping('12345678')],
    ['PING acknowledgement', (wire) => wire.ping('12345678', 1)],
    ['SETTINGS', (wire) => wire.settings([])],
    ['SETTINGS acknowledgement', (wire) => wire.acknowledge()],
    ['PRIORITY', (wire) => wire.priority(1)],
    ['unknown', (wire) => wire.raw(0x4a, 0)],
    ['empty DATA', (wire) => wire.data(1, 0)],
    ['RST_STREAM on closed streams', (wire) => wire.reset(3, 8)],
    ['WINDOW_UPDATE on closed streams', (wire) => wire.windowUpdate(3, 1)],
    ['overtaken HEADERS', (wire) => wire.headers(3, fields({ a: 'b' }), END_STREAM)],
    ['overtaken DATA', (wire) => wire.data(3, 10)],
    ['GOAWAY', (wire) => wire.goAway(0, 0)],
  ]
  for (const [name, write] of acts) {
    it(`glitchBurst: 20 times ${name} pass, the 21st ends the connection`, () => {
      for (const [count, isOver] of [
        [20, false],
        [21, true],
      ] as const) {
        const bench = served({ glitchBurst: 20, glitchesPerSecond: 1 })
        bench.wire.headers(1, POST).headers(3, POST)
        // each stream comes with two WINDOW_UPDATE frames that cost nothing
        for (let i = 0; i < 4; i++) bench.wire.windowUpdate(0, 1)
        bench.deliver()
        bench.connection.reset(3)
        const last = burst(bench, count, ({ wire }) => write(wire))
        expect(bench.connection.state === 'closed').toBe(isOver)
        if (isOver) expect(last).toBe(calm)
      }
    })
  }
  it('RFC 9113 §6.8: requests behind our GOAWAY are ignored, each at the price of a glitch', () => {
    const bench = served({ glitchBurst: 20, glitchesPerSecond: 1 })
    bench.wire.headers(1, POST)
    bench.deliver()
    bench.connection.shutdown(bench.now)
    bench.wire.ping('draining', 1)
    bench.deliver()
    const later = ({ wire }: Bench, i: number) => void wire.headers(2 * i + 3, GET, END_STREAM)
    expect(burst(bench, 20, later)).toBe(undefined)
    expect(burst(bench, 1, (_, i) => later(bench, i + 20))).toBe(calm)
  })
  it('glitchesPerSecond: so many are forgiven each second', () => {
    const bench = served({ glitchBurst: 5, glitchesPerSecond: 100 })
    for (let i = 0; i < 1000; i++) {
      bench.now += 10
      bench.wire.ping('12345678')
      bench.deliver()
      bench.answers()
    }
    expect(bench.connection.state).toBe('open')
  })
})

it('maxQueuedControlBytes: the stream whose RST_STREAM is one answer too many ends before the connection', () => {
  const bench = served({ maxQueuedControlBytes: 12 })
  bench.wire.headers(1, POST).headers(3, POST).windowUpdate(1, 0)
  expect(bench.deliver().slice(2)).toEqual([
    'StreamReset 1 local PROTOCOL_ERROR',
    'LimitExceeded 0 maxQueuedControlBytes',
    'StreamReset 3 local ENHANCE_YOUR_CALM',
    calm,
  ])
  expect(bench.answers()).toEqual(['RST_STREAM 1 PROTOCOL_ERROR', 'GOAWAY 3 ENHANCE_YOUR_CALM'])
})

it('maxQueuedControlBytes: what our own caller resets is not the peer’s doing', () => {
  const bench = served({ maxQueuedControlBytes: 100 }, 'client')
  for (let i = 0; i < 1000; i++) bench.connection.reset(bench.connection.openStream(GET, true))
  expect(drain(bench.connection)).toEqual([])
  expect(bench.answers().filter((text) => text.startsWith('RST_STREAM')).length).toBe(1000)
})

it('maxQueuedControlBytes: a peer that makes us answer and does not read is cut off', () => {
  // A PING response is 17 octets, a SETTINGS acknowledgement 9, RST_STREAM 13.
  for (const [octets, write] of [
    [17, (wire: Wire) => wire.ping('12345678')],
    [9, (wire: Wire) => wire.settings([])],
    [13, (wire: Wire, i: number) => wire.headers(2 * i + 1, fields({ ':method': 'GET' }), END_STREAM)],
  ] as const) {
    const bench = served({ maxQueuedControlBytes: octets * 100, resetBurst: 1e6 })
    for (let i = 0; i < 100; i++) write(bench.wire, i)
    bench.deliver()
    expect(bench.connection.state).toBe('open')
    write(bench.wire, 100)
    const words = bench.deliver()
    expect(words.slice(-2)).toEqual(['LimitExceeded 0 maxQueuedControlBytes', calm])
    const reading = served({ maxQueuedControlBytes: octets * 100, resetBurst: 1e6 })
    expect(burst(reading, 300, ({ wire }, i) => void write(wire, i))).not.toBe(calm)
  }
})
