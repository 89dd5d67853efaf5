import { describe, expect, it } from 'vitest'
import { concat } from '../../src/bytes/index.ts'
import { Connection, type ConnectionOptions } from '../../src/connection/index.ts'
import { Flag, FrameType } from '../../src/frames/index.ts'
import { Bench, drain, fields, GET, OK, POST, Wire } from './support.ts'
import { CLIENT, connectionFault, END_STREAM, lawful, replay, SERVER, streamFault } from './wire-case.ts'

const sized = (length: number) => [...POST, { name: 'content-length', value: String(length) }]
const answer = (length: number, status = '200') => fields({ ':status': status, 'content-length': String(length) })
const HEAD = fields({ ':method': 'HEAD', ':scheme': 'http', ':path': '/', ':authority': 'localhost' })

describe('DATA and the state of its stream', () => {
  connectionFault('RFC 9113 §5.1: DATA on an idle stream is a connection error PROTOCOL_ERROR', 'PROTOCOL_ERROR', {
    options: SERVER,
    wire: (wire) => wire.data(1, 'x'),
  })
  connectionFault(
    'RFC 9113 §5.1: DATA on an idle stream of the client’s is a connection error PROTOCOL_ERROR',
    'PROTOCOL_ERROR',
    {
      options: CLIENT,
      wire: (wire) => wire.data(1, 'x'),
    },
  )
  connectionFault('RFC 9113 §6.1: DATA on stream 0 is a connection error PROTOCOL_ERROR', 'PROTOCOL_ERROR', {
    options: SERVER,
    wire: (wire) => wire.data(0, 'x'),
  })
  streamFault('RFC 9113 §6.1: DATA on half-closed (remote) is a stream error STREAM_CLOSED', 'STREAM_CLOSED', {
    options: SERVER,
    before: ({ wire }) => wire.headers(3, GET, END_STREAM),
    wire: (wire) => wire.data(3, 'x'),
  })
  streamFault(
    'RFC 9113 §6.1: DATA behind the END_STREAM of a response is a stream error STREAM_CLOSED',
    'STREAM_CLOSED',
    {
      options: CLIENT,
      events: ['HeadersReceived 3 response END_STREAM'],
      wire: (wire) => wire.headers(3, OK, END_STREAM).end(3, 'x'),
    },
  )
  connectionFault(
    'RFC 9113 §5.1: DATA on a stream that both sides ended is a connection error STREAM_CLOSED',
    'STREAM_CLOSED',
    {
      options: CLIENT,
      before: (bench) => {
        bench.connection.openStream(GET, true)
        bench.wire.headers(1, OK, END_STREAM)
      },
      wire: (wire) => wire.data(1, 'x'),
    },
  )
  streamFault(
    'RFC 9113 §6.1: DATA on a stream that the peer itself had reset is a stream error STREAM_CLOSED',
    'STREAM_CLOSED',
    {
      options: SERVER,
      event: 'none',
      before: (bench) => {
        bench.wire.headers(3, POST).reset(3, 8)
        bench.deliver()
      },
      wire: (wire) => wire.data(3, 'x').data(3, 'y'),
    },
  )
  it('RFC 9113 §5.1: DATA on a stream closed long ago is a stream error STREAM_CLOSED, once', () => {
    const bench = new Bench(SERVER)
    for (let id = 1; id < 101; id += 2) {
      bench.wire.headers(id, GET, END_STREAM)
      bench.deliver()
      bench.connection.sendHeaders(id, OK, true)
    }
    bench.answers()
    bench.wire.data(1, 'x').data(1, 'x').data(1, 'x')
    bench.deliver()
    expect(bench.answers()).toEqual(['RST_STREAM 1 STREAM_CLOSED'])
  })
})

describe('the length of a body', () => {
  for (const [name, write] of [
    ['more than', (wire: Wire) => wire.headers(3, sized(5)).data(3, '123456')],
    ['more than, in two frames,', (wire: Wire) => wire.headers(3, sized(5)).data(3, '123').data(3, '456')],
    ['less than', (wire: Wire) => wire.headers(3, sized(5)).end(3, '1234')],
    ['less than (padding does not count)', (wire: Wire) => wire.headers(3, sized(5)).data(3, '1234', END_STREAM, 1)],
    ['less than, before an empty end,', (wire: Wire) => wire.headers(3, sized(5)).data(3, '1234').end(3)],
  ] as const) {
    streamFault(`RFC 9113 §8.1.1: a request body of ${name} content-length is malformed`, 'PROTOCOL_ERROR', {
      options: SERVER,
      before: ({ wire }) => wire,
      wire: write,
      events: /two frames/.test(name)
        ? ['HeadersReceived 3 request', 'DataReceived 3 3']
        : /empty end/.test(name)
          ? ['HeadersReceived 3 request', 'DataReceived 3 4']
          : ['HeadersReceived 3 request'],
    })
  }
  streamFault(
    'RFC 9113 §8.1.1: a body ended by trailers before content-length is reached is malformed',
    'PROTOCOL_ERROR',
    {
      options: CLIENT,
      events: ['HeadersReceived 3 response', 'DataReceived 3 3'],
      wire: (wire) => wire.headers(3, answer(5)).data(3, 'abc').headers(3, [], END_STREAM),
    },
  )
  streamFault('RFC 9113 §8.1.1: a response that announces a body and has none is malformed', 'PROTOCOL_ERROR', {
    options: CLIENT,
    wire: (wire) => wire.headers(3, answer(5), END_STREAM),
  })
  streamFault('RFC 9113 §8.1.1: a request that announces a body and has none is malformed', 'PROTOCOL_ERROR', {
    options: SERVER,
    event: 'RequestRefused',
    before: ({ wire }) => wire,
    wire: (wire) => wire.headers(3, sized(5), END_STREAM),
  })
  lawful(
    'RFC 9113 §8.1.1: the DATA payloads together are content-length, padding and empty frames aside',
    {
      options: SERVER,
      wire: (wire) => wire.headers(1, sized(5)).data(1, '123', 0, 7).data(1, 0).data(1, '45', END_STREAM, 0),
    },
    ['HeadersReceived 1 request', 'DataReceived 1 5 END_STREAM'],
    [],
  )
  lawful(
    'RFC 9113 §8.1.1: responses defined to have no content may have a content-length',
    {
      options: CLIENT,
      before: ({ connection }) => {
        connection.openStream(HEAD, true)
        connection.openStream(GET, true)
        connection.openStream(GET, true)
      },
      wire: (wire) =>
        wire
          .headers(1, answer(500), END_STREAM)
          .headers(3, answer(500, '304'))
          .end(3)
          .headers(5, answer(5, '204'), END_STREAM),
    },
    [
      'HeadersReceived 1 response END_STREAM',
      'StreamClosed 1',
      'HeadersReceived 3 response',
      'DataReceived 3 0 END_STREAM',
      'StreamClosed 3',
      'HeadersReceived 5 response END_STREAM',
      'StreamClosed 5',
    ],
    [],
  )
  for (const status of ['204', '304']) {
    streamFault(`RFC 9113 §8.1.1, RFC 9110 §6.4.1: content in a ${status} response is malformed`, 'PROTOCOL_ERROR', {
      options: CLIENT,
      events: ['HeadersReceived 3 response'],
      wire: (wire) => wire.headers(3, fields({ ':status': status })).data(3, 'x'),
    })
  }
  streamFault('RFC 9113 §8.1.1, RFC 9110 §6.4.1: content in the response to HEAD is malformed', 'PROTOCOL_ERROR', {
    options: CLIENT,
    before: ({ connection }) => void connection.openStream(HEAD, true),
    events: ['HeadersReceived 3 response'],
    wire: (wire) => wire.headers(3, answer(1)).end(3, 'x'),
  })
})

describe('what DATA takes of the windows', () => {
  const small: ConnectionOptions = { role: 'server', streamWindow: 65_535, connectionWindow: 65_535 }
  const fill = (wire: Wire, streamId: number, total: number): void => {
    for (let left = total; left > 0; left -= 16_384) wire.data(streamId, Math.min(left, 16_384))
  }

  streamFault(
    'RFC 9113 §6.9.1: DATA beyond the stream window is a stream error FLOW_CONTROL_ERROR',
    'FLOW_CONTROL_ERROR',
    {
      options: { role: 'server', streamWindow: 65_535 },
      events: ['DataReceived 3 65535'],
      wire: (wire) => {
        fill(wire, 3, 65_535)
        wire.data(3, 1)
      },
    },
  )
  connectionFault(
    'RFC 9113 §6.9.1: DATA beyond the connection window is a connection error FLOW_CONTROL_ERROR',
    'FLOW_CONTROL_ERROR',
    {
      options: { role: 'server', streamWindow: 1_000_000, connectionWindow: 65_535 },
      before: ({ wire }) => wire.headers(1, POST).headers(3, POST),
      wire: (wire) => {
        fill(wire, 1, 60_000)
        fill(wire, 3, 5_536)
      },
    },
  )
  connectionFault(
    'RFC 9113 §6.9: DATA on a stream that we had reset counts on the connection window too',
    'FLOW_CONTROL_ERROR',
    {
      options: small,
      before: (bench) => {
        bench.wire.headers(1, POST).headers(3, POST)
        bench.deliver()
        bench.connection.reset(3)
      },
      wire: (wire) => {
        fill(wire, 1, 60_000)
        wire.data(3, 5_536)
      },
    },
  )
  it('RFC 9113 §6.1: the whole payload counts, pad length and padding too', () => {
    const bench = new Bench({ role: 'server', streamWindow: 1000 })
    bench.wire.headers(1, POST).headers(3, POST).data(1, 900, 0, 99).data(3, 900, 0, 100)
    bench.deliver()
    expect(bench.answers()).toEqual(['RST_STREAM 3 FLOW_CONTROL_ERROR'])
  })
  it('RFC 9113 §6.9.1: an empty frame needs no window', () => {
    const bench = new Bench({ role: 'server', streamWindow: 100 })
    bench.wire.headers(1, POST).data(1, 100).data(1, 0).end(1)
    bench.deliver()
    expect(bench.answers()).toEqual([])
  })
  it('RFC 9113 §6.9.3: what was sent before our smaller window was acknowledged is taken', () => {
    const connection = new Connection({ role: 'server', streamWindow: 100 })
    const wire = new Wire().bytes(new Uint8Array(0))
    wire.bytes(Uint8Array.from(Buffer.from('505249202a20485454502f322e300d0a0d0a534d0d0a0d0a', 'hex')))
    wire.settings([]).headers(1, POST).data(1, 5000)
    connection.receive(wire.take(), 1)
    expect(drain(connection).map((event) => event.type)).toEqual([
      'SettingsReceived',
      'HeadersReceived',
      'DataReceived',
    ])
    // Acknowledged: the window is 100 - 5000, and an empty end still needs none.
    connection.receive(wire.acknowledge().end(1).take(), 2)
    expect(drain(connection)).toMatchObject([
      { type: 'SettingsAcknowledged' },
      { type: 'DataReceived', endStream: true },
    ])
  })
  it('RFC 9113 §6.9.2: the window that we announced binds the peer once it acknowledged', () => {
    const bench = new Bench({ role: 'server', streamWindow: 100 })
    bench.wire.headers(1, POST).data(1, 101)
    expect(bench.deliver()).toEqual(['HeadersReceived 1 request', 'StreamReset 1 local FLOW_CONTROL_ERROR'])
  })

  /** All bytes that came in come back as credit of the connection, whatever became of them. */
  const conserved = (
    title: string,
    options: ConnectionOptions,
    before: (bench: Bench) => void,
    write: (wire: Wire) => void,
  ) => {
    it(title, () => {
      replay({ options, before, wire: write }, ({ events, frames, bench }) => {
        let credited = 0
        for (const event of events) {
          if (event.type === 'DataReceived') bench.connection.consumed(event.streamId, event.data.length)
        }
        for (const frame of [...frames, ...bench.frames()]) {
          if (frame.kind === 'WINDOW_UPDATE' && frame.streamId === 0) credited += frame.increment
        }
        // Given back in batches of half a window; that nothing is outstanding says that the rest will be.
        expect(credited).toBeGreaterThanOrEqual(32_767)
        if (bench.connection.openStreams > 0) bench.connection.reset(1)
        expect(() => bench.connection.consumed(1, 1)).toThrow('RFC 9113 §6.9')
      })
    })
  }
  conserved(
    'RFC 9113 §6.9: padding is given back at once',
    small,
    ({ wire }) => wire.headers(1, POST),
    (wire) => wire.data(1, 14_000, 0, 255).data(1, 14_000, 0, 0).data(1, 11_487, END_STREAM, 255),
  )
  conserved(
    'RFC 9113 §6.9: DATA of a stream reset by us is given back, padding too',
    small,
    (bench) => {
      bench.wire.headers(1, POST)
      bench.deliver()
      bench.connection.reset(1)
    },
    (wire) => wire.data(1, 14_000, 0, 255).data(1, 14_000, 0, 0).end(1, 11_743),
  )
  conserved(
    'RFC 9113 §6.9: DATA in error is given back: wrong length, wrong state, wrong size',
    small,
    ({ wire }) => wire.headers(1, sized(10)).headers(3, GET, END_STREAM).headers(5, POST),
    (wire) =>
      wire.data(1, 12_000, 0, 255).data(3, 11_344, END_STREAM, 14).raw(FrameType.DATA, 5, new Uint8Array(16_385)),
  )
})

it('RFC 9113 §6.9: a frame whose stream is reset between its pieces gives the rest back', () => {
  const bench = new Bench({ role: 'server', connectionWindow: 65_535 })
  bench.wire.headers(1, POST)
  bench.deliver()
  const bytes = bench.wire.data(1, 16_000, 0, 100).data(1, 16_000).data(1, 16_000).take()
  bench.connection.receive(bytes.slice(0, 5000), 1)
  const [first] = drain(bench.connection)
  bench.connection.reset(1)
  bench.connection.receive(bytes.slice(5000), 1)
  expect(drain(bench.connection)).toEqual([])
  if (first?.type !== 'DataReceived') throw new Error('no data came')
  bench.connection.consumed(1, first.data.length)
  const credited = bench.frames().map((frame) => (frame.kind === 'WINDOW_UPDATE' ? frame.increment : 0))
  expect(credited.reduce((sum, n) => sum + n)).toBeGreaterThanOrEqual(32_767)
  expect(() => bench.connection.consumed(1, 1)).toThrow('RFC 9113 §6.9')
})

it('DATA is handed on as views of the chunk, in order', () => {
  const bench = new Bench(SERVER)
  bench.wire.headers(1, POST)
  bench.deliver()
  const bytes = bench.wire.data(1, 'hello ').data(1, 'world', Flag.END_STREAM).take()
  bench.connection.receive(bytes, 1)
  const parts = drain(bench.connection).flatMap((event) => (event.type === 'DataReceived' ? [event.data] : []))
  expect(Buffer.from(concat(parts)).toString()).toBe('hello world')
  expect(parts.every((part) => part.buffer === bytes.buffer)).toBe(true)
})
