import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePriority } from '../../src/connection/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import { check } from './property.ts'
import { Bench, fields, GET, OK, POST } from './support.ts'
import { CLIENT, connectionFault, END_STREAM, SERVER } from './wire-case.ts'

describe('parsePriority', () => {
  it.each([
    ['', 3, false],
    ['u=0', 0, false],
    ['i', 3, true],
    ['u=5, i', 5, true],
    ['u=1,i=?1', 1, true],
    ['i=?0, u=7', 7, false],
    ['u=2;foo=bar, i;q', 2, true],
    ['u=8', 3, false],
    ['u=-1', 3, false],
    ['u=1.5', 3, false],
    ['u="1"', 3, false],
    ['i=1', 3, false],
    ['u=1, u=6', 6, false],
    ['a="x, u=0", u=4', 4, false],
    ['a="\\", u=0", i', 3, true],
    ['a="open, u=0', 3, false],
    ['U=0, I', 3, false],
  ])('RFC 9218 §4: %j is urgency %i, incremental %s', (value, urgency, incremental) => {
    expect(parsePriority(value)).toEqual({ urgency, incremental })
  })

  it('RFC 9218 §4: any value at all gives an urgency of 0 to 7', () => {
    check(
      fc.property(fc.string(), (value) => {
        const { urgency, incremental } = parsePriority(value)
        expect(urgency >= 0 && urgency <= 7 && typeof incremental === 'boolean').toBe(true)
      }),
    )
  })
})

/** A server with a request of each priority, every response 40,000 bytes long and queued; answers the DATA as sent. */
function served(priorities: readonly (string | undefined)[], between?: (bench: Bench) => void): number[] {
  const bench = new Bench(SERVER, [[4, 1_000_000]])
  bench.wire.windowUpdate(0, 10_000_000)
  priorities.forEach((priority, i) => {
    const line = priority === undefined ? [] : fields({ priority })
    bench.wire.headers(2 * i + 1, [...GET, ...line], END_STREAM)
  })
  bench.deliver()
  priorities.forEach((_, i) => {
    bench.connection.sendHeaders(2 * i + 1, OK, false)
    bench.connection.sendData(2 * i + 1, new Uint8Array(40_000), true)
  })
  between?.(bench)
  const data = bench.answers().filter((text) => text.startsWith('DATA'))
  return data.map((text) => Number(text.split(' ')[1]))
}

describe('scheduling', () => {
  it('RFC 9218 §10: what is more urgent goes first', () => {
    expect(served(['u=5', 'u=0', 'u=3'])).toEqual([3, 3, 3, 5, 5, 5, 1, 1, 1])
  })
  it('RFC 9218 §10: of one urgency, what is not incremental goes whole, in the order of ids', () => {
    expect(served(['u=3', 'u=3', 'u=3'])).toEqual([1, 1, 1, 3, 3, 3, 5, 5, 5])
  })
  it('RFC 9218 §10: of one urgency, incremental responses share', () => {
    expect(served(['i', 'i', 'i'])).toEqual([1, 3, 5, 1, 3, 5, 1, 3, 5])
  })
  it('RFC 9218 §10: neither kind starves the other', () => {
    expect(served(['u=3', 'i', 'u=3', 'i'])).toEqual([3, 1, 7, 1, 3, 1, 7, 5, 3, 5, 7, 5])
  })
  it('RFC 9218 §10: equal turns for a client that says nothing of priorities', () => {
    expect(served([undefined, undefined])).toEqual([1, 3, 1, 3, 1, 3])
  })
  it('RFC 9218 §7.1: PRIORITY_UPDATE moves a stream that stands in line already', () => {
    const order = served(['u=3', 'u=3'], (bench) => {
      bench.wire.frame({ kind: 'PRIORITY_UPDATE', streamId: 0, flags: 0, prioritizedStreamId: 3, value: 'u=1' })
      bench.deliver()
    })
    expect(order).toEqual([3, 3, 3, 1, 1, 1])
  })
  it('RFC 9218 §7.1: PRIORITY_UPDATE before its request overrides the request’s field', () => {
    const bench = new Bench(SERVER, [[4, 1_000_000]])
    bench.wire.frame({ kind: 'PRIORITY_UPDATE', streamId: 0, flags: 0, prioritizedStreamId: 3, value: 'u=0' })
    for (const id of [1, 3]) bench.wire.headers(id, [...GET, ...fields({ priority: 'u=2' })], END_STREAM)
    bench.deliver()
    for (const id of [1, 3]) {
      bench.connection.sendHeaders(id, OK, false)
      bench.connection.sendData(id, new Uint8Array(10), true)
    }
    expect(bench.answers().slice(2)).toEqual(['DATA 3 10 END_STREAM', 'DATA 1 10 END_STREAM'])
  })
  it('RFC 9218 §8: the server’s own choice replaces the client’s', () => {
    const order = served(['u=1', 'u=1'], (bench) => {
      bench.connection.prioritize(1, { urgency: 6, incremental: true })
    })
    expect(order).toEqual([3, 3, 3, 1, 1, 1])
  })
})

describe('PRIORITY_UPDATE', () => {
  connectionFault(
    'RFC 9218 §7.1: a client that receives one ends the connection with PROTOCOL_ERROR',
    'PROTOCOL_ERROR',
    {
      options: CLIENT,
      before: ({ connection }) => void connection.openStream(GET, true),
      wire: (wire) =>
        wire.frame({ kind: 'PRIORITY_UPDATE', streamId: 0, flags: 0, prioritizedStreamId: 1, value: 'u=1' }),
    },
    { section: 'RFC 9218 §7.1' },
  )
  it('RFC 9218 §7.1: a client sends one for a stream open or not yet', () => {
    const bench = new Bench(CLIENT)
    bench.connection.prioritize(1, { urgency: 1, incremental: true })
    const [frame] = bench.frames()
    expect(frame).toMatchObject({ kind: 'PRIORITY_UPDATE', prioritizedStreamId: 1, value: 'u=1, i' })
    expect(() => bench.connection.prioritize(1, { urgency: 8, incremental: false })).toThrow('0 to 7')
    expect(() => bench.connection.prioritize(2, { urgency: 1, incremental: false })).toThrow('never promised')
    expect(() => bench.connection.prioritize(0, { urgency: 1, incremental: false })).toThrow(UsageError)
    expect(bench.answers()).toEqual([])
  })
  it('RFC 9218 §7.1: a client speaks of no more streams, open and not yet, than may be open at once', () => {
    const bench = new Bench(CLIENT, [[3, 3]])
    const say = (id: number) => bench.connection.prioritize(id, { urgency: 1, incremental: false })
    for (const id of [1, 3, 5, 5]) say(id)
    expect(() => say(7)).toThrow('so many streams')
    for (let i = 0; i < 2; i++) bench.connection.openStream(GET, true)
    say(5)
    expect(() => say(7)).toThrow('so many streams')
    bench.connection.reset(1)
    say(7)
    say(3)
    expect(bench.answers().filter((text) => text.startsWith('PRIORITY_UPDATE')).length).toBe(7)
  })

  const update = (bench: Bench, id: number, value: string) =>
    bench.wire.frame({ kind: 'PRIORITY_UPDATE', streamId: 0, flags: 0, prioritizedStreamId: id, value })
  const fault = 'ConnectionClosed local PROTOCOL_ERROR'

  it('RFC 9218 §7.1: those for streams not open yet are kept, those passed over make room', () => {
    const bench = new Bench({ role: 'server', limits: { maxConcurrentStreams: 3 } }, [[4, 1_000_000]])
    update(bench, 1, 'u=0')
    update(bench, 3, 'u=6')
    update(bench, 5, 'u=0')
    update(bench, 5, 'u=7') // the same stream again is not one more
    for (const id of [3, 5]) bench.wire.headers(id, [...GET, ...fields({ priority: 'u=1' })], END_STREAM)
    update(bench, 9, 'u=1') // stream 1 can't come any more
    bench.deliver()
    const respond = (...ids: number[]) => {
      for (const id of ids) {
        bench.connection.sendHeaders(id, OK, false)
        bench.connection.sendData(id, new Uint8Array(10), true)
      }
      return bench.answers().filter((text) => text.startsWith('DATA'))
    }
    expect(respond(5, 3)).toEqual(['DATA 3 10 END_STREAM', 'DATA 5 10 END_STREAM'])
    for (const id of [7, 9]) bench.wire.headers(id, [...GET, ...fields({ priority: 'u=2' })], END_STREAM)
    bench.deliver()
    expect(respond(7, 9)).toEqual(['DATA 9 10 END_STREAM', 'DATA 7 10 END_STREAM'])
  })
  it('RFC 9218 §7.1: with those that are open they are no more than may be open at once, or PROTOCOL_ERROR', () => {
    const bench = new Bench({ role: 'server', limits: { maxConcurrentStreams: 3 } })
    bench.wire.headers(1, POST)
    for (const id of [3, 5]) update(bench, id, 'u=0')
    expect(bench.deliver()).toEqual(['HeadersReceived 1 request'])
    update(bench, 7, 'u=0')
    expect(bench.deliver().at(-1)).toBe(fault)
  })
  it('RFC 9218 §7.1: a client that does not know yet how many may be open sends too many, which are dropped', () => {
    const bench = new Bench({ role: 'server', limits: { maxConcurrentStreams: 3 } })
    bench.connection.updateSettings({ maxConcurrentStreams: 2 })
    for (const id of [1, 3, 5, 7]) update(bench, id, 'u=0')
    expect(bench.deliver()).toEqual([])
    bench.wire.acknowledge()
    update(bench, 7, 'u=0')
    expect(bench.deliver()).toEqual(['SettingsAcknowledged', fault])
  })
  it('RFC 9218 §7.1: those for closed streams are ignored', () => {
    const bench = new Bench(SERVER)
    bench.wire.headers(1, GET, END_STREAM).reset(1, 8)
    update(bench, 1, 'u=0')
    expect(bench.deliver()).toEqual(['HeadersReceived 1 request END_STREAM', 'StreamReset 1 remote CANCEL'])
    expect(bench.answers()).toEqual([])
  })
  it('RFC 9218 §7.1: one for a push stream that was never promised ends the connection with PROTOCOL_ERROR', () => {
    const bench = new Bench(SERVER)
    update(bench, 2, 'u=0')
    expect(bench.deliver()).toEqual([fault])
    expect(bench.answers()).toEqual(['GOAWAY 0 PROTOCOL_ERROR'])
  })
})
