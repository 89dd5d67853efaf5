import { describe, expect, it } from 'vitest'
import { Connection, type ConnectionOptions } from '../../src/connection/index.ts'
import { CONNECTION_PREFACE, FrameType } from '../../src/frames/index.ts'
import { Bench, drain, GET, OK, POST } from './support.ts'
import { Wire } from './wire.ts'
import { connectionFault, END_STREAM, lawful, replay, streamFault } from './wire-case.ts'

const sized = (length: number) => [...POST, { name: 'content-length', value: String(length) }]

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
      before: ({ wire }) => {
        wire.headers(3, POST)
        fill(wire, 3, 65_530)
      },
      events: ['DataReceived 3 5'],
      wire: (wire) => wire.data(3, 5).data(3, 1),
    },
  )
  connectionFault(
    'RFC 9113 §6.9.1: DATA beyond the connection window is a connection error FLOW_CONTROL_ERROR',
    'FLOW_CONTROL_ERROR',
    {
      options: { role: 'server', streamWindow: 1_000_000, connectionWindow: 65_535 },
      before: ({ wire }) => {
        wire.headers(1, POST).headers(3, POST)
        fill(wire, 1, 65_500)
      },
      wire: (wire) => wire.data(3, 30).data(3, 5).data(3, 1),
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
        fill(bench.wire, 1, 65_500)
      },
      wire: (wire) => wire.data(3, 30).data(3, 5).data(3, 1),
    },
  )
  streamFault('RFC 9113 §6.1: the whole payload counts, pad length and padding too', 'FLOW_CONTROL_ERROR', {
    options: { role: 'server', streamWindow: 100 },
    before: ({ wire }) => wire.headers(3, POST),
    wire: (wire) => wire.data(3, 60, 0, 40),
  })
  lawful(
    'RFC 9113 §6.1: a payload that fills the window, padding included, is lawful',
    {
      options: { role: 'server', streamWindow: 100 },
      before: ({ wire }) => wire.headers(1, POST),
      wire: (wire) => wire.data(1, 60, 0, 39),
    },
    ['DataReceived 1 60'],
    [],
  )
  lawful(
    'RFC 9113 §6.9.1: an empty frame needs no window',
    {
      options: { role: 'server', streamWindow: 100 },
      before: ({ wire }) => wire.headers(1, POST),
      wire: (wire) => wire.data(1, 100).data(1, 0).end(1),
    },
    ['DataReceived 1 100 END_STREAM'],
    [],
  )
  it('RFC 9113 §6.9.3: what was sent before our smaller window was acknowledged is taken', () => {
    const connection = new Connection({ role: 'server', streamWindow: 100 })
    const wire = new Wire().bytes(CONNECTION_PREFACE)
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
  for (const role of ['server', 'client'] as const) {
    streamFault(
      `RFC 9113 §6.9.2: the window that we announced binds the peer once it acknowledged (${role})`,
      'FLOW_CONTROL_ERROR',
      {
        options: { role, streamWindow: 100 },
        events: role === 'server' ? ['HeadersReceived 3 request'] : ['HeadersReceived 3 response'],
        before: ({ connection }) => {
          if (role === 'client') connection.openStream(POST, false)
        },
        wire: (wire) => wire.headers(3, role === 'server' ? POST : OK).data(3, 101),
      },
    )
  }

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
  bench.wire.headers(3, POST).data(3, 10)
  bench.deliver()
  for (const id of [0, 5]) expect(() => bench.connection.consumed(id, 1)).toThrow('RFC 9113 §6.9')
})
