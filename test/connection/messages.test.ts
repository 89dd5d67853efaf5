import { describe } from 'vitest'
import { fields, GET, OK, POST } from './support.ts'
import { CLIENT, connectionFault, END_STREAM, lawful, SERVER, streamFault } from './wire-case.ts'

const trailers = fields({ 'x-checksum': 'abc' })
const informational = fields({ ':status': '103', link: '</style.css>' })

describe('messages', () => {
  lawful(
    'RFC 9113 §8.1: a request with body and trailers',
    { options: SERVER, wire: (wire) => wire.headers(1, POST).data(1, 'body').headers(1, trailers, END_STREAM) },
    ['HeadersReceived 1 request', 'DataReceived 1 4', 'HeadersReceived 1 trailers END_STREAM'],
    [],
  )
  lawful(
    'RFC 9113 §8.1: interim responses come before the final one, and trailers behind the body',
    {
      options: CLIENT,
      before: ({ connection }) => void connection.openStream(GET, true),
      wire: (wire) =>
        wire
          .headers(1, informational)
          .headers(1, informational)
          .headers(1, OK)
          .data(1, 'abc')
          .headers(1, trailers, END_STREAM),
    },
    [
      'HeadersReceived 1 informational',
      'HeadersReceived 1 informational',
      'HeadersReceived 1 response',
      'DataReceived 1 3',
      'HeadersReceived 1 trailers END_STREAM',
      'StreamClosed 1',
    ],
    [],
  )
  lawful(
    'RFC 9113 §8.1: trailers may follow the header section at once',
    { options: SERVER, wire: (wire) => wire.headers(1, POST).headers(1, trailers, END_STREAM) },
    ['HeadersReceived 1 request', 'HeadersReceived 1 trailers END_STREAM'],
    [],
  )
  streamFault('RFC 9113 §8.1: a second HEADERS without END_STREAM makes a request malformed', 'PROTOCOL_ERROR', {
    options: SERVER,
    wire: (wire) => wire.headers(3, trailers),
  })
  streamFault('RFC 9113 §8.1: a second HEADERS without END_STREAM makes a response malformed', 'PROTOCOL_ERROR', {
    options: CLIENT,
    events: ['HeadersReceived 3 response'],
    wire: (wire) => wire.headers(3, OK).headers(3, trailers),
  })
  streamFault('RFC 9113 §8.1: an interim response after the final one is malformed', 'PROTOCOL_ERROR', {
    options: CLIENT,
    events: ['HeadersReceived 3 response'],
    wire: (wire) => wire.headers(3, OK).headers(3, informational, END_STREAM),
  })
  streamFault('RFC 9113 §8.1: an informational status with END_STREAM is malformed', 'PROTOCOL_ERROR', {
    options: CLIENT,
    wire: (wire) => wire.headers(3, informational, END_STREAM),
    section: 'RFC 9113 §8.1.1',
  })
  streamFault('RFC 9113 §8.1: pseudo-header fields in the trailers of a request make it malformed', 'PROTOCOL_ERROR', {
    options: SERVER,
    wire: (wire) => wire.headers(3, fields({ ':path': '/' }), END_STREAM),
  })
  streamFault('RFC 9113 §8.1: pseudo-header fields in the trailers of a response make it malformed', 'PROTOCOL_ERROR', {
    options: CLIENT,
    events: ['HeadersReceived 3 response'],
    wire: (wire) => wire.headers(3, OK).headers(3, fields({ ':status': '200' }), END_STREAM),
  })
  streamFault('RFC 9113 §8.1: DATA before the response’s HEADERS is malformed', 'PROTOCOL_ERROR', {
    options: CLIENT,
    wire: (wire) => wire.data(3, 'x'),
  })
  streamFault('RFC 9113 §8.1: DATA between an interim response and the final one is malformed', 'PROTOCOL_ERROR', {
    options: CLIENT,
    events: ['HeadersReceived 3 informational'],
    wire: (wire) => wire.headers(3, informational).data(3, 'x'),
  })
  streamFault('RFC 9113 §8.6: status 101 is malformed', 'PROTOCOL_ERROR', {
    options: CLIENT,
    wire: (wire) => wire.headers(3, fields({ ':status': '101' })),
    section: 'RFC 9113 §8.6',
  })
})

describe('PUSH_PROMISE', () => {
  connectionFault('RFC 9113 §8.4: PUSH_PROMISE from a client is a connection error PROTOCOL_ERROR', 'PROTOCOL_ERROR', {
    options: SERVER,
    before: ({ wire }) => wire.headers(1, POST),
    wire: (wire) => wire.promise(1, 2, GET),
  })
  connectionFault(
    'RFC 9113 §6.6: PUSH_PROMISE after ENABLE_PUSH=0 was acknowledged is a connection error PROTOCOL_ERROR',
    'PROTOCOL_ERROR',
    {
      options: CLIENT,
      before: ({ connection }) => void connection.openStream(GET, true),
      wire: (wire) => wire.promise(1, 2, GET),
    },
  )
})
