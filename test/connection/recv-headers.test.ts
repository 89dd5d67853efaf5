import { describe, expect, it } from 'vitest'
import { Flag, FrameType } from '../../src/frames/index.ts'
import { Bench, closedLongAgo, drain, fields, GET, OK, POST, request, word } from './support.ts'
import { CLIENT, connectionFault, END_STREAM, lawful, SERVER, streamFault } from './wire-case.ts'

const trailers = fields({ 'x-checksum': 'abc' })

describe('field blocks', () => {
  connectionFault(
    'RFC 9113 §4.3: a block that does not decode is a connection error COMPRESSION_ERROR',
    'COMPRESSION_ERROR',
    {
      options: SERVER,
      wire: (wire) => wire.raw(FrameType.HEADERS, 1, Uint8Array.of(0x80), Flag.END_HEADERS),
    },
  )
  connectionFault(
    'RFC 9113 §4.3: a block on a closed stream that does not decode is a connection error COMPRESSION_ERROR',
    'COMPRESSION_ERROR',
    {
      options: SERVER,
      before: (bench) => {
        bench.wire.headers(1, POST)
        bench.deliver()
        bench.connection.reset(1)
      },
      wire: (wire) =>
        wire.raw(FrameType.HEADERS, 1, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), Flag.END_HEADERS),
    },
  )
  connectionFault(
    'RFC 9113 §4.3: a block cut short by END_HEADERS is a connection error COMPRESSION_ERROR',
    'COMPRESSION_ERROR',
    {
      options: CLIENT,
      before: ({ connection }) => void connection.openStream(GET, true),
      wire: (wire) => {
        const block = wire.block(fields({ ':status': '200', 'x-name': 'value' }))
        wire.opening(1, block.slice(0, 2)).continuation(1, block.slice(2, -1))
      },
    },
  )
  it('RFC 9113 §4.3: blocks on reset, refused and malformed streams are decoded, so that the tables stay in step', () => {
    const bench = new Bench({ role: 'server', limits: { maxConcurrentStreams: 1 } })
    bench.wire.headers(1, [...POST, { name: 'x-one', value: 'kept by the table' }])
    bench.deliver()
    bench.connection.reset(1)
    bench.wire
      .headers(1, [{ name: 'x-two', value: 'on a reset stream' }], END_STREAM)
      .headers(3, [...POST, { name: 'x-three', value: 'on an open stream' }])
      .headers(5, [...GET, { name: 'x-four', value: 'on a refused stream' }], END_STREAM)
      .headers(
        3,
        [
          { name: 'x-two', value: 'on a reset stream' },
          { name: 'x-four', value: 'on a refused stream' },
        ],
        END_STREAM,
      )
    const last = bench.events().at(-1)
    expect(last).toMatchObject({
      type: 'HeadersReceived',
      kind: 'trailers',
      fields: [
        { name: 'x-two', value: 'on a reset stream' },
        { name: 'x-four', value: 'on a refused stream' },
      ],
    })
  })
})

describe('stream identifiers', () => {
  connectionFault(
    'RFC 9113 §5.1.1: HEADERS on an even id from a client is a connection error PROTOCOL_ERROR',
    'PROTOCOL_ERROR',
    {
      options: SERVER,
      wire: (wire) => wire.headers(2, GET, END_STREAM),
    },
  )
  connectionFault(
    'RFC 9113 §5.1: HEADERS on an even idle id from a server is a connection error PROTOCOL_ERROR',
    'PROTOCOL_ERROR',
    {
      options: CLIENT,
      wire: (wire) => wire.headers(2, OK, END_STREAM),
    },
  )
  connectionFault(
    'RFC 9113 §5.1: a response on a stream that the client never opened is a connection error',
    'PROTOCOL_ERROR',
    {
      options: CLIENT,
      before: ({ connection }) => void connection.openStream(GET, true),
      wire: (wire) => wire.headers(3, OK, END_STREAM),
    },
  )
  connectionFault(
    'RFC 9113 §5.1.1: an id below one opened before is a connection error PROTOCOL_ERROR',
    'PROTOCOL_ERROR',
    {
      options: SERVER,
      before: ({ wire }) => wire.headers(9, GET, END_STREAM),
      wire: (wire) => wire.headers(7, GET, END_STREAM),
    },
  )
  lawful(
    'RFC 9113 §5.1.1: an endpoint may skip stream identifiers',
    { options: SERVER, wire: (wire) => wire.headers(5, GET, END_STREAM).headers(2 ** 31 - 1, GET, END_STREAM) },
    ['HeadersReceived 5 request END_STREAM', 'HeadersReceived 2147483647 request END_STREAM'],
    [],
  )
  connectionFault(
    'RFC 9113 §5.1: HEADERS on a stream that both sides ended is a connection error STREAM_CLOSED',
    'STREAM_CLOSED',
    {
      options: SERVER,
      before: (bench) => {
        bench.wire.headers(1, GET, END_STREAM)
        bench.deliver()
        bench.connection.sendHeaders(1, OK, true)
      },
      wire: (wire) => wire.headers(1, GET, END_STREAM),
    },
  )
  it('RFC 9113 §5.1.1: a client counts its streams 1, 3, 5', () => {
    const { connection } = new Bench(CLIENT)
    expect([1, 2, 3].map(() => connection.openStream(GET, true))).toEqual([1, 3, 5])
  })
})

describe('stream identifiers that have passed', () => {
  connectionFault(
    'RFC 9113 §5.1.1: HEADERS on a stream closed long ago is a connection error PROTOCOL_ERROR',
    'PROTOCOL_ERROR',
    { options: SERVER, before: (bench) => closedLongAgo(bench, 1), wire: (wire) => wire.headers(1, GET, END_STREAM) },
    { section: 'RFC 9113 §5.1.1', last: 99 },
  )
  connectionFault(
    'RFC 9113 §5.1: a response on a stream that both sides ended is a connection error STREAM_CLOSED',
    'STREAM_CLOSED',
    {
      options: CLIENT,
      before: ({ connection, wire }) => {
        connection.openStream(GET, true)
        wire.headers(1, OK, END_STREAM)
      },
      wire: (wire) => wire.headers(1, OK, END_STREAM),
    },
  )
})

describe('concurrent streams', () => {
  lawful(
    'RFC 9113 §5.1.2: a request over our limit is a stream error REFUSED_STREAM, and those below it go on',
    {
      options: { role: 'server', limits: { maxConcurrentStreams: 2 } },
      before: ({ wire }) => wire.headers(1, POST).headers(3, GET, END_STREAM),
      wire: (wire) => wire.headers(5, POST).end(5, 'late').headers(7, GET, END_STREAM).data(1, 'on').end(1),
    },
    ['LimitExceeded 5 maxConcurrentStreams', 'LimitExceeded 7 maxConcurrentStreams', 'DataReceived 1 2 END_STREAM'],
    ['RST_STREAM 5 REFUSED_STREAM', 'RST_STREAM 7 REFUSED_STREAM'],
  )
  it('RFC 9113 §5.1.2: one that ends makes room for another', () => {
    const bench = new Bench({ role: 'server', limits: { maxConcurrentStreams: 2 } })
    bench.wire.headers(1, POST).headers(3, GET, END_STREAM).headers(5, GET, END_STREAM)
    expect(bench.deliver()).toEqual([
      'HeadersReceived 1 request',
      'HeadersReceived 3 request END_STREAM',
      'LimitExceeded 5 maxConcurrentStreams',
    ])
    expect(bench.answers()).toEqual(['RST_STREAM 5 REFUSED_STREAM'])
    bench.connection.sendHeaders(3, OK, true)
    bench.wire.headers(7, GET, END_STREAM).end(1)
    expect(bench.deliver()).toEqual([
      'StreamClosed 3',
      'HeadersReceived 7 request END_STREAM',
      'DataReceived 1 0 END_STREAM',
    ])
  })
  it('RFC 9113 §5.1.2: open and half-closed streams count, closed ones do not', () => {
    const bench = new Bench({ role: 'server', limits: { maxConcurrentStreams: 2 } })
    for (let id = 1; id < 41; id += 2) {
      bench.wire.headers(id, GET, END_STREAM)
      expect(bench.deliver()).toContain(`HeadersReceived ${id} request END_STREAM`)
      if (id % 4 === 1) bench.connection.sendHeaders(id, OK, true)
      else bench.connection.reset(id)
    }
    expect(bench.connection.openStreams).toBe(0)
  })
  it('RFC 9113 §5.1.2: a client opens no more streams than the server allows', () => {
    const bench = new Bench(CLIENT, [[3, 2]])
    const { connection } = bench
    connection.openStream(GET, true)
    connection.openStream(POST, false)
    expect(connection.canOpenStream).toBe(false)
    expect(() => connection.openStream(GET, true)).toThrow('RFC 9113 §5.1.2')
    bench.wire.headers(1, OK, END_STREAM)
    bench.deliver()
    expect(connection.canOpenStream).toBe(true)
    connection.openStream(GET, true)
    bench.wire.settings([[3, 0]])
    bench.deliver()
    expect(connection.canOpenStream).toBe(false)
  })
})

describe('half-closed and closed streams', () => {
  streamFault('RFC 9113 §5.1: HEADERS on half-closed (remote) is a stream error STREAM_CLOSED', 'STREAM_CLOSED', {
    options: SERVER,
    before: ({ wire }) => wire.headers(3, GET, END_STREAM),
    wire: (wire) => wire.headers(3, trailers, END_STREAM),
  })
  streamFault(
    'RFC 9113 §5.1: a second response on half-closed (remote) is a stream error STREAM_CLOSED',
    'STREAM_CLOSED',
    {
      options: CLIENT,
      before: (bench) => {
        bench.connection.openStream(POST, false)
        bench.wire.headers(3, OK, END_STREAM)
      },
      wire: (wire) => wire.headers(3, OK, END_STREAM),
    },
  )
  lawful(
    'RFC 9113 §5.1: frames that were on their way when we sent RST_STREAM are discarded',
    {
      options: CLIENT,
      before: (bench) => {
        bench.connection.openStream(POST, false)
        bench.connection.reset(1)
      },
      wire: (wire) => wire.headers(1, OK).data(1, 300).windowUpdate(1, 10).end(1).reset(1, 0),
    },
    [],
    [],
  )
  streamFault(
    'RFC 9113 §5.1: HEADERS on a stream that the peer itself had reset is a stream error STREAM_CLOSED',
    'STREAM_CLOSED',
    {
      options: SERVER,
      event: 'none',
      before: (bench) => {
        bench.wire.headers(3, POST).reset(3, 8)
        bench.deliver()
      },
      wire: (wire) => wire.headers(3, trailers, END_STREAM),
    },
  )
})

it('RFC 9113 §8.1.1: a stream error of a request leaves the streams beside it alone', () => {
  const bench = new Bench(SERVER)
  bench.wire.headers(1, POST).headers(3, request('GET', 'no slash'), END_STREAM).data(1, 'on').end(1)
  expect(bench.deliver()).toEqual([
    'HeadersReceived 1 request',
    'RequestRefused 3 PROTOCOL_ERROR',
    'DataReceived 1 2',
    'DataReceived 1 0 END_STREAM',
  ])
  bench.connection.sendHeaders(1, OK, true)
  expect(drain(bench.connection).map(word)).toEqual(['StreamClosed 1'])
})
