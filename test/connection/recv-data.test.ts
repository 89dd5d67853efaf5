import { describe, expect, it } from 'vitest'
import { concat } from '../../src/bytes/index.ts'
import { Flag } from '../../src/frames/index.ts'
import { Bench, closedLongAgo, drain, fields, GET, OK, POST } from './support.ts'
import type { Wire } from './wire.ts'
import { CLIENT, connectionFault, END_STREAM, lawful, SERVER, streamFault } from './wire-case.ts'

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
  for (const options of [SERVER, CLIENT]) {
    connectionFault(
      `RFC 9113 §5.1: DATA on an idle stream of the server’s is a connection error PROTOCOL_ERROR (${options.role})`,
      'PROTOCOL_ERROR',
      { options, wire: (wire) => wire.data(2, 'x') },
    )
  }
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
  streamFault(
    'RFC 9113 §5.1: DATA on a stream closed long ago is a stream error STREAM_CLOSED, once',
    'STREAM_CLOSED',
    {
      options: SERVER,
      event: 'none',
      before: (bench) => closedLongAgo(bench, 3),
      wire: (wire) => wire.data(3, 'x').data(3, 'x').end(3, 'x'),
    },
  )
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
