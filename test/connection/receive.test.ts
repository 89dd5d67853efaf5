import { describe, expect, it } from 'vitest'
import { latin1Encode } from '../../src/bytes/index.ts'
import { Flag, FrameType } from '../../src/frames/index.ts'
import { Bench, drain, GET, OK, POST, word } from './support.ts'
import type { Wire } from './wire.ts'
import { CLIENT, connectionFault, END_STREAM, lawful, replay, SERVER, streamFault } from './wire-case.ts'

describe('extension', () => {
  for (const options of [SERVER, CLIENT]) {
    lawful(
      `RFC 9113 §5.5: a ${options.role} discards frames of unknown types, on any stream, and ignores unknown flags`,
      {
        options,
        wire: (wire) =>
          wire
            .raw(0x4a, 0, new Uint8Array(30))
            .raw(0xff, 9, new Uint8Array(1), 0xff)
            .raw(FrameType.PING, 0, new Uint8Array(8), 0xfe),
      },
      ['PingReceived'],
      [`PING ACK ${'\0'.repeat(8)}`],
    )
    lawful(
      `RFC 9113 §5.3.2: a ${options.role} ignores PRIORITY in any state`,
      {
        options,
        wire: (wire) =>
          wire
            .priority(1)
            .priority(2)
            .priority(99)
            .priority(2 ** 31 - 1),
      },
      [],
      [],
    )
  }
  lawful(
    'RFC 9113 §7: an unknown error code has no special meaning and is handed on',
    {
      options: CLIENT,
      before: ({ connection }) => void connection.openStream(GET, true),
      wire: (wire) => wire.reset(1, 0xdead),
    },
    ['StreamReset 1 remote 0xdead'],
    [],
  )
})

describe('faults that one frame shows', () => {
  streamFault('RFC 9113 §6.3: PRIORITY of another size is a stream error FRAME_SIZE_ERROR', 'FRAME_SIZE_ERROR', {
    options: SERVER,
    wire: (wire) => wire.raw(FrameType.PRIORITY, 3, new Uint8Array(4)),
  })
  streamFault('RFC 9113 §6.9: WINDOW_UPDATE by 0 is a stream error PROTOCOL_ERROR', 'PROTOCOL_ERROR', {
    options: CLIENT,
    wire: (wire) => wire.windowUpdate(3, 0),
  })
  streamFault('RFC 9113 §4.2: DATA larger than our limit is a stream error FRAME_SIZE_ERROR', 'FRAME_SIZE_ERROR', {
    options: SERVER,
    wire: (wire) => wire.data(3, 16_385),
  })
  connectionFault(
    'RFC 9113 §5.4.2, §6.4: such a fault on an idle stream, which cannot be reset, ends the connection',
    'PROTOCOL_ERROR',
    {
      options: SERVER,
      wire: (wire) => wire.windowUpdate(5, 0),
    },
  )
  for (const [name, role, code, payload] of [
    ['RST_STREAM of 3 octets', FrameType.RST_STREAM, 'FRAME_SIZE_ERROR', 3],
    ['SETTINGS of 5 octets', FrameType.SETTINGS, 'FRAME_SIZE_ERROR', 5],
  ] as const) {
    connectionFault(`RFC 9113 §4.2: ${name} is a connection error ${code}`, code, {
      options: SERVER,
      before: ({ wire }) => wire.headers(1, POST),
      wire: (wire) => wire.raw(role, role === FrameType.SETTINGS ? 0 : 1, new Uint8Array(payload)),
    })
  }
  lawful(
    'RFC 9113 §5.4.2: the rest of a frame with a stream error is skipped, and its faults are told once',
    {
      options: SERVER,
      wire: (wire) => wire.headers(1, POST).windowUpdate(1, 0).windowUpdate(1, 0).data(1, 'late').end(1),
    },
    ['HeadersReceived 1 request', 'StreamReset 1 local PROTOCOL_ERROR'],
    ['RST_STREAM 1 PROTOCOL_ERROR'],
  )
  it('RFC 9113 §5.4.1: what came before a connection error is still told, in one chunk or in many', () => {
    const wire = (w: Wire): Wire => w.headers(1, POST).data(1, 'abc').windowUpdate(0, 0).ping('too late')
    replay({ options: SERVER, wire }, ({ words }) => {
      expect(words).toEqual([
        'HeadersReceived 1 request',
        'DataReceived 1 3',
        'StreamReset 1 local PROTOCOL_ERROR',
        'ConnectionClosed local PROTOCOL_ERROR',
      ])
    })
  })
})

describe('RST_STREAM', () => {
  lawful(
    'RFC 9113 §6.4: a server’s stream ends by the client’s RST_STREAM, and no frame answers it',
    { options: SERVER, before: ({ wire }) => wire.headers(1, POST), wire: (wire) => wire.reset(1, 8) },
    ['StreamReset 1 remote CANCEL'],
    [],
  )
  lawful(
    'RFC 9113 §6.4: after RST_STREAM nothing more is sent on the stream, queued DATA neither',
    {
      options: CLIENT,
      before: ({ connection }) => {
        connection.openStream(POST, false)
      },
      wire: (wire) => wire.reset(1, 0),
      after: ({ connection }) => {
        connection.sendData(1, latin1Encode('nobody reads this'), true)
        connection.sendTrailers(1, [])
        connection.reset(1)
        expect(connection.hasOutput).toBe(false)
      },
    },
    ['StreamReset 1 remote NO_ERROR'],
    [],
  )
  it('RFC 9113 §6.4: DATA queued before RST_STREAM came never leaves', () => {
    const bench = new Bench(CLIENT)
    bench.connection.openStream(POST, false)
    bench.answers()
    bench.connection.sendData(1, new Uint8Array(100), true)
    bench.wire.reset(1, 8)
    expect(bench.deliver()).toEqual(['StreamReset 1 remote CANCEL'])
    expect(bench.connection.hasOutput).toBe(false)
    expect(bench.answers()).toEqual([])
  })
  for (const options of [SERVER, CLIENT]) {
    for (const id of [1, 2]) {
      connectionFault(
        `RFC 9113 §6.4: RST_STREAM on idle stream ${id} is a connection error PROTOCOL_ERROR (${options.role})`,
        'PROTOCOL_ERROR',
        { options, wire: (wire) => wire.reset(id, 8) },
      )
    }
  }
  it('RFC 9113 §8.7: REFUSED_STREAM says that the request may be sent again, other codes do not', () => {
    const bench = new Bench(CLIENT)
    for (let i = 0; i < 3; i++) bench.connection.openStream(GET, true)
    bench.wire.reset(1, 7).reset(3, 8).reset(5, 1)
    const retryable = bench.events().map((event) => event.type === 'StreamReset' && event.error.retryable)
    expect(retryable).toEqual([true, false, false])
  })
  lawful(
    'RFC 9113 §8.1: a whole response before RST_STREAM(NO_ERROR) is handed on',
    {
      options: CLIENT,
      before: ({ connection }) => void connection.openStream(POST, false),
      wire: (wire) => wire.headers(1, OK).end(1, 'done').reset(1, 0),
    },
    ['HeadersReceived 1 response', 'DataReceived 1 4 END_STREAM', 'StreamReset 1 remote NO_ERROR'],
    [],
  )
  it('RFC 9113 §5.4.2: no RST_STREAM is answered by one, whatever state the stream is in', () => {
    const bench = new Bench(SERVER)
    bench.wire.headers(1, GET, END_STREAM).headers(3, POST).headers(5, POST).headers(7, GET, END_STREAM)
    bench.deliver()
    bench.connection.sendHeaders(1, OK, true)
    bench.connection.reset(3)
    expect(bench.deliver()).toEqual(['StreamClosed 1'])
    bench.answers()
    bench.wire.reset(1, 8).reset(3, 8).reset(5, 8).reset(5, 8).reset(7, 8).reset(7, 8)
    expect(bench.deliver()).toEqual(['StreamReset 5 remote CANCEL', 'StreamReset 7 remote CANCEL'])
    expect(bench.answers()).toEqual([])
  })
})

describe('the end of the transport', () => {
  it('RFC 9113 §5.4.3: streams that were open cannot be retried', () => {
    const bench = new Bench(CLIENT)
    bench.connection.openStream(GET, true)
    bench.connection.receiveEnd(2)
    const events = drain(bench.connection)
    expect(events.map((event) => event.type)).toEqual(['StreamReset', 'ConnectionClosed'])
    expect(events[0]).toMatchObject({ initiator: 'transport', error: { retryable: false } })
    expect(events[1]).toMatchObject({ initiator: 'transport', error: { initiator: 'transport' } })
  })
  it('RFC 9113 §5.4.3: with no stream open it is a clean end', () => {
    const bench = new Bench(SERVER)
    bench.connection.receiveEnd(2)
    expect(drain(bench.connection).map(word)).toEqual(['ConnectionClosed transport clean'])
    bench.connection.receiveEnd(3)
    bench.connection.receive(latin1Encode('anything'), 3)
    expect(drain(bench.connection)).toEqual([])
  })
})

it('RFC 9113 §4.1: the flags END_STREAM and ACK are one bit, and the frame type tells which', () => {
  expect(Flag.ACK).toBe(Flag.END_STREAM)
})
