import { describe, expect, it } from 'vitest'
import { ByteWriter, latin1Encode } from '../../src/bytes/index.ts'
import { Connection, defaultLimits, type SettingsUpdate } from '../../src/connection/index.ts'
import { CONNECTION_PREFACE, Flag, Setting } from '../../src/frames/index.ts'
import { HpackEncoder } from '../../src/hpack/index.ts'
import { Bench, drain, exchange, fields, GET, POST, request, webSocket, word } from './support.ts'
import { Wire } from './wire.ts'
import { CLIENT, END_STREAM, SERVER } from './wire-case.ts'

/** A server that has told a client something, with a stream of the client's open. */
const told = (update: SettingsUpdate, options = SERVER): Bench => {
  const bench = new Bench(options)
  bench.connection.updateSettings(update)
  bench.answers()
  return bench
}

describe('updateSettings', () => {
  it('RFC 9113 §6.5: sends only what is said, and extensions behind it', () => {
    const bench = new Bench(SERVER)
    bench.connection.updateSettings({ maxFrameSize: 20_000, headerTableSize: 0, extensions: [[0xf0b7, 3]] })
    bench.connection.updateSettings({})
    expect(bench.answers()).toEqual(['SETTINGS HEADER_TABLE_SIZE=0 MAX_FRAME_SIZE=20000 0xf0b7=3'])
  })

  it('RFC 9113 §6.5.3: each acknowledgement puts the oldest SETTINGS in force, and says what they were', () => {
    const bench = new Bench(SERVER)
    bench.connection.updateSettings({ maxConcurrentStreams: 7 })
    bench.connection.updateSettings({ maxConcurrentStreams: 3, maxHeaderListSize: 1000 })
    expect(bench.connection.localSettings.maxConcurrentStreams).toBe(100)
    bench.wire.acknowledge()
    expect(bench.events()).toEqual([{ type: 'SettingsAcknowledged', settings: [[3, 7]] }])
    expect(bench.connection.localSettings).toMatchObject({ maxConcurrentStreams: 7, maxHeaderListSize: 65_536 })
    bench.wire.acknowledge()
    expect(bench.events()).toMatchObject([
      {
        settings: [
          [3, 3],
          [6, 1000],
        ],
      },
    ])
    expect(bench.connection.localSettings).toMatchObject({ maxConcurrentStreams: 3, maxHeaderListSize: 1000 })
  })

  it('RFC 9113 §6.5.3: a value that goes down and up again is the larger one at every moment', () => {
    const bench = new Bench(SERVER)
    const frames = (): number => bench.connection.localSettings.maxFrameSize
    bench.connection.updateSettings({ maxFrameSize: 30_000 })
    expect(frames()).toBe(30_000)
    bench.connection.updateSettings({ maxFrameSize: 16_384 })
    bench.connection.updateSettings({ maxFrameSize: 20_000 })
    expect(frames()).toBe(30_000)
    bench.wire.acknowledge()
    bench.deliver()
    expect(frames()).toBe(30_000)
    bench.wire.acknowledge()
    bench.deliver()
    expect(frames()).toBe(20_000) // 16,384 is in force, but the peer may have 20,000 already
    bench.wire.acknowledge()
    bench.deliver()
    expect(frames()).toBe(20_000)
  })

  it('RFC 9113 §6.5.3: each has its own time to be acknowledged, and missing it ends the connection SETTINGS_TIMEOUT', () => {
    const bench = new Bench(CLIENT)
    bench.connection.updateSettings({ maxFrameSize: 20_000 })
    bench.connection.timeout(1000)
    bench.connection.updateSettings({ maxFrameSize: 30_000 })
    bench.connection.timeout(5000)
    bench.now = 6000
    bench.wire.acknowledge()
    bench.deliver()
    expect(bench.connection.deadline).toBe(5000 + defaultLimits.settingsTimeout)
    bench.connection.timeout(15_000)
    expect(drain(bench.connection).map(word)).toEqual([
      'LimitExceeded 0 settingsTimeout',
      'ConnectionClosed local SETTINGS_TIMEOUT',
    ])
  })

  it('refuses an eleventh SETTINGS while ten are not acknowledged', () => {
    const bench = new Bench(SERVER)
    for (let i = 0; i < 10; i++) bench.connection.updateSettings({ maxConcurrentStreams: i })
    expect(() => bench.connection.updateSettings({ maxConcurrentStreams: 10 })).toThrow('10 SETTINGS')
    expect(bench.answers().length).toBe(10)
    bench.wire.acknowledge()
    bench.deliver()
    bench.connection.updateSettings({ maxConcurrentStreams: 10 })
    expect(bench.answers()).toEqual(['SETTINGS MAX_CONCURRENT_STREAMS=10'])
  })

  it.each<[string, SettingsUpdate, 'client' | 'server']>([
    ['headerTableSize 2^32', { headerTableSize: 2 ** 32 }, 'server'],
    ['maxConcurrentStreams -1', { maxConcurrentStreams: -1 }, 'server'],
    ['maxConcurrentStreams 1.5', { maxConcurrentStreams: 1.5 }, 'server'],
    ['initialWindowSize 0', { initialWindowSize: 0 }, 'server'],
    ['initialWindowSize 2^31', { initialWindowSize: 2 ** 31 }, 'server'],
    ['maxFrameSize 16,383', { maxFrameSize: 16_383 }, 'server'],
    ['maxFrameSize 2^24', { maxFrameSize: 2 ** 24 }, 'server'],
    ['maxHeaderListSize beyond its limit', { maxHeaderListSize: 65_537 }, 'server'],
    ['enablePush of a server', { enablePush: false }, 'server'],
    ['enableConnectProtocol of a client', { enableConnectProtocol: true }, 'client'],
    ['an extension that is none', { extensions: [[Setting.MAX_FRAME_SIZE, 20_000]] }, 'server'],
    ['an identifier of 17 bits', { extensions: [[0x1_0000, 1]] }, 'server'],
    ['a value of 33 bits', { extensions: [[0xf0b7, 2 ** 32]] }, 'server'],
  ])('RFC 9113 §6.5.2: %s is refused, and nothing has changed', (_, update, role) => {
    const bench = new Bench({ role })
    const before = { ...bench.connection.localSettings }
    expect(() => bench.connection.updateSettings({ maxConcurrentStreams: 5, ...update })).toThrow()
    expect(bench.answers()).toEqual([])
    expect(bench.connection.localSettings).toEqual(before)
  })

  it('does nothing on a connection that is over', () => {
    const bench = new Bench(SERVER)
    bench.connection.goAway()
    bench.answers()
    bench.connection.updateSettings({ maxConcurrentStreams: 5 })
    expect(bench.connection.hasOutput).toBe(false)
  })
})

describe('MAX_CONCURRENT_STREAMS', () => {
  it('RFC 9113 §5.1.2: fewer streams bind the client once it has acknowledged; those open go on', () => {
    const bench = told({ maxConcurrentStreams: 1 })
    bench.wire.headers(1, POST).headers(3, POST)
    expect(bench.deliver()).toEqual(['HeadersReceived 1 request', 'HeadersReceived 3 request'])
    bench.wire.acknowledge().headers(5, POST)
    expect(bench.deliver()).toEqual(['SettingsAcknowledged', 'LimitExceeded 5 maxConcurrentStreams'])
    expect(bench.answers()).toEqual(['RST_STREAM 5 REFUSED_STREAM'])
    bench.wire.data(1, 'x')
    expect(bench.deliver()).toEqual(['DataReceived 1 1'])
  })

  it('RFC 9113 §6.5.3: more streams are taken from when the setting is sent', () => {
    const bench = new Bench({ role: 'server', limits: { maxConcurrentStreams: 1 } })
    bench.wire.headers(1, POST).headers(3, POST)
    expect(bench.deliver().at(-1)).toBe('LimitExceeded 3 maxConcurrentStreams')
    bench.connection.updateSettings({ maxConcurrentStreams: 2 })
    bench.wire.headers(5, POST).headers(7, POST)
    expect(bench.deliver()).toEqual(['HeadersReceived 5 request', 'LimitExceeded 7 maxConcurrentStreams'])
  })
})

describe('INITIAL_WINDOW_SIZE', () => {
  const windows = { role: 'server', streamWindow: 65_535, connectionWindow: 1_000_000 } as const

  it('RFC 9113 §6.9.2: larger windows hold at once, for open streams and new ones', () => {
    const bench = told({}, windows)
    bench.wire.headers(1, POST).data(1, 10_000)
    bench.deliver()
    bench.connection.updateSettings({ initialWindowSize: 100_000 })
    for (let i = 0; i < 9; i++) bench.wire.data(1, 10_000)
    bench.wire.headers(3, POST)
    for (let i = 0; i < 10; i++) bench.wire.data(3, 10_000)
    expect(bench.deliver().filter((text) => text.startsWith('StreamReset'))).toEqual([])
    bench.wire.data(1, 1).data(3, 1)
    expect(bench.deliver()).toEqual([
      'StreamReset 1 local FLOW_CONTROL_ERROR',
      'StreamReset 3 local FLOW_CONTROL_ERROR',
    ])
  })

  it('RFC 9113 §6.9.2: smaller windows bind once acknowledged, below zero too, and credit takes them above it again', () => {
    const bench = told({}, windows)
    bench.wire.headers(1, POST).data(1, 10_000)
    bench.deliver()
    bench.connection.updateSettings({ initialWindowSize: 20_000 })
    for (let i = 0; i < 5; i++) bench.wire.data(1, 10_000) // 60,000: on their way before the client has heard
    bench.wire.acknowledge() // its window is -40,000 now
    expect(bench.deliver().filter((text) => text.startsWith('StreamReset'))).toEqual([])
    bench.answers()
    bench.connection.consumed(1, 10_000)
    expect(bench.answers()).toEqual(['WINDOW_UPDATE 1 10000']) // still below zero: 50,000 are unread
    bench.connection.consumed(1, 50_000)
    expect(bench.answers()).toEqual(['WINDOW_UPDATE 1 50000'])
    bench.wire.data(1, 10_000).data(1, 10_000)
    expect(bench.deliver().filter((text) => text.startsWith('StreamReset'))).toEqual([])
    bench.wire.data(1, 1)
    expect(bench.deliver()).toEqual(['StreamReset 1 local FLOW_CONTROL_ERROR'])
  })

  it('RFC 9113 §6.9.2: what was consumed before the acknowledgement is credited with it, so that no stream stands still', () => {
    const bench = told({}, windows)
    bench.wire
      .headers(1, POST)
      .data(1, 30_000 - 16_384)
      .data(1, 16_384)
    bench.deliver()
    bench.connection.consumed(1, 30_000)
    bench.answers()
    bench.connection.updateSettings({ initialWindowSize: 10_000 })
    bench.answers()
    bench.wire.acknowledge()
    bench.deliver()
    expect(bench.answers()).toEqual(['WINDOW_UPDATE 1 30000'])
  })

  it('RFC 9113 §6.9.2: an update that would take the window of a stream above 2^31-1 is refused, and nothing has changed', () => {
    const bench = new Bench(windows)
    bench.wire.headers(1, POST)
    bench.connection.ping(latin1Encode('measured'), 1)
    bench.now = 101
    bench.wire.ping('measured', Flag.ACK)
    // the stream keeps up with the path, so that its window grows beyond the initial one
    for (let round = 0; round < 2; round++) {
      bench.wire.data(1, 16_384).data(1, 16_384)
      bench.deliver()
      bench.connection.consumed(1, 32_768)
    }
    expect(bench.answers().at(-1)).toBe('WINDOW_UPDATE 1 98303')
    expect(() => bench.connection.updateSettings({ initialWindowSize: 2 ** 31 - 65_535 })).toThrow('stream 1')
    expect(bench.answers()).toEqual([])
    bench.connection.updateSettings({ initialWindowSize: 2 ** 31 - 65_536 })
    expect(bench.answers().length).toBe(1)
  })
})

describe('the other settings', () => {
  it('RFC 9113 §4.2: larger frames are taken from when the setting is sent, smaller ones only bind once acknowledged', () => {
    const bench = told({ maxFrameSize: 20_000 })
    bench.wire.headers(1, POST).data(1, 20_000).acknowledge()
    bench.deliver()
    bench.connection.updateSettings({ maxFrameSize: 16_384 })
    bench.wire.data(1, 20_000)
    expect(bench.deliver()).toEqual(['DataReceived 1 20000'])
    bench.wire.acknowledge().data(1, 16_385)
    expect(bench.deliver()).toEqual(['SettingsAcknowledged', 'StreamReset 1 local FRAME_SIZE_ERROR'])
  })

  it('RFC 9113 §10.5.1: a smaller MAX_HEADER_LIST_SIZE is held to once acknowledged', () => {
    const bench = told({ maxHeaderListSize: 300 })
    const large = [...GET, ...fields({ 'x-large': 'x'.repeat(300) })]
    bench.wire.headers(1, large).acknowledge().headers(3, large).headers(5, GET)
    expect(bench.deliver()).toEqual([
      'HeadersReceived 1 request',
      'SettingsAcknowledged',
      'LimitExceeded 3 maxFieldSectionSize',
      'HeadersReceived 5 request',
    ])
    expect(bench.answers()).toEqual(['RST_STREAM 3 ENHANCE_YOUR_CALM'])
  })

  /** A block of an encoder of its own, which has a table of that size. */
  const block = (encoder: HpackEncoder, path: string): Uint8Array => {
    const writer = new ByteWriter()
    encoder.encode([...request('GET', path), { name: 'x-id', value: path }], writer)
    return writer.take()
  }
  const whole = END_STREAM | Flag.END_HEADERS

  it('RFC 9113 §4.3.1: a larger table is used by the peer, a smaller one must be declared after the acknowledgement', () => {
    const bench = told({ headerTableSize: 8192 })
    const encoder = new HpackEncoder({ tableSizeCap: 65_536 })
    encoder.setTableSizeLimit(8192)
    bench.wire.acknowledge().opening(1, block(encoder, '/1'), whole)
    expect(bench.deliver()).toEqual(['SettingsAcknowledged', 'HeadersReceived 1 request END_STREAM'])
    bench.connection.updateSettings({ headerTableSize: 100 })
    bench.wire.opening(3, block(encoder, '/3'), whole)
    expect(bench.deliver()).toEqual(['HeadersReceived 3 request END_STREAM'])
    encoder.setTableSizeLimit(100)
    bench.wire.acknowledge().opening(5, block(encoder, '/5'), whole)
    expect(bench.deliver()).toEqual(['SettingsAcknowledged', 'HeadersReceived 5 request END_STREAM'])
  })

  it('RFC 9113 §4.3.1: a table that is not made smaller after the acknowledgement is an error COMPRESSION_ERROR', () => {
    const bench = told({ headerTableSize: 100 })
    bench.wire.headers(1, GET, END_STREAM).acknowledge().headers(3, GET, END_STREAM)
    expect(bench.deliver()).toEqual([
      'HeadersReceived 1 request END_STREAM',
      'SettingsAcknowledged',
      'StreamReset 1 local COMPRESSION_ERROR',
      'ConnectionClosed local COMPRESSION_ERROR',
    ])
  })

  it('RFC 7541 §4.2: a table that went down and up again on the way must still be declared as small as it was', () => {
    const run = (sizes: readonly number[]): string => {
      const bench = told({ headerTableSize: 50 })
      bench.connection.updateSettings({ headerTableSize: 4096 })
      const encoder = new HpackEncoder()
      for (const size of sizes) encoder.setTableSizeLimit(size)
      bench.wire.acknowledge().acknowledge().opening(1, block(encoder, '/1'), whole)
      return bench.deliver().at(-1)!
    }
    expect(run([50, 4096])).toBe('HeadersReceived 1 request END_STREAM')
    expect(run([])).toBe('ConnectionClosed local COMPRESSION_ERROR')
  })
})

describe('ENABLE_CONNECT_PROTOCOL', () => {
  it('RFC 8441 §3: a server may begin to advertise it, and takes such requests from then on', () => {
    const server = new Connection(SERVER)
    const client = new Connection(CLIENT)
    exchange(client, server)
    expect(() => client.openStream(webSocket, false)).toThrow('ENABLE_CONNECT_PROTOCOL=1')
    server.updateSettings({ enableConnectProtocol: true })
    exchange(client, server)
    client.openStream(webSocket, false)
    expect(exchange(client, server).server.map(word)).toEqual(['HeadersReceived 1 request'])
  })

  it('RFC 8441 §3: once it was sent, 0 is refused, acknowledged or not', () => {
    const bench = new Bench({ role: 'server', extendedConnect: 'advertise' })
    expect(() => bench.connection.updateSettings({ enableConnectProtocol: false })).toThrow('from 1 back to 0')
    const other = told({ enableConnectProtocol: true })
    expect(() => other.connection.updateSettings({ enableConnectProtocol: false })).toThrow('from 1 back to 0')
    other.connection.updateSettings({ enableConnectProtocol: true })
    expect(other.answers()).toEqual(['SETTINGS ENABLE_CONNECT_PROTOCOL=1'])
  })

  it('RFC 8441 §3: a server that only accepts may say 0, and goes on accepting', () => {
    const bench = told({ enableConnectProtocol: false }, { role: 'server', extendedConnect: 'accept' })
    bench.wire.acknowledge().headers(1, webSocket)
    expect(bench.deliver()).toEqual(['SettingsAcknowledged', 'HeadersReceived 1 request'])
  })
})

it('RFC 9113 §6.5.3: limits of the first SETTINGS hold before they are acknowledged', () => {
  const server = new Connection({ role: 'server', limits: { maxConcurrentStreams: 1 } })
  const wire = new Wire().bytes(CONNECTION_PREFACE).settings([]).headers(1, POST).headers(3, POST)
  server.receive(wire.take(), 1)
  expect(drain(server).map(word)).toEqual([
    'SettingsReceived',
    'HeadersReceived 1 request',
    'LimitExceeded 3 maxConcurrentStreams',
  ])
})
