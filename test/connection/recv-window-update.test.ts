import { describe, expect, it } from 'vitest'
import { Connection } from '../../src/connection/index.ts'
import { CONNECTION_PREFACE } from '../../src/frames/index.ts'
import { Bench, drain, GET, OK, POST, word } from './support.ts'
import { Listener, line, Wire } from './wire.ts'
import { CLIENT, connectionFault, END_STREAM, lawful, SERVER, streamFault } from './wire-case.ts'

const MAX = 2 ** 31 - 1

describe('WINDOW_UPDATE', () => {
  for (const options of [SERVER, CLIENT]) {
    connectionFault(
      `RFC 9113 §5.1: on an idle stream it is a connection error PROTOCOL_ERROR (${options.role})`,
      'PROTOCOL_ERROR',
      {
        options,
        wire: (wire) => wire.windowUpdate(1, 1),
      },
    )
    connectionFault(
      `RFC 9113 §5.1: on an idle stream of the server’s it is a connection error PROTOCOL_ERROR (${options.role})`,
      'PROTOCOL_ERROR',
      { options, wire: (wire) => wire.windowUpdate(2, 1) },
    )
    connectionFault(
      `RFC 9113 §6.9.1: a connection window above 2^31-1 is a connection error FLOW_CONTROL_ERROR (${options.role})`,
      'FLOW_CONTROL_ERROR',
      { options, wire: (wire) => wire.windowUpdate(0, MAX - 65_535).windowUpdate(0, 1) },
    )
    lawful(
      `RFC 9113 §6.9.1: a connection window of 2^31-1 is lawful (${options.role})`,
      { options, wire: (wire) => wire.windowUpdate(0, MAX - 65_535) },
      [],
      [],
    )
  }
  connectionFault('RFC 9113 §6.9: by 0 on the connection it is a connection error PROTOCOL_ERROR', 'PROTOCOL_ERROR', {
    options: SERVER,
    wire: (wire) => wire.windowUpdate(0, 0),
  })
  streamFault(
    'RFC 9113 §6.9.1: a stream window above 2^31-1 is a stream error FLOW_CONTROL_ERROR',
    'FLOW_CONTROL_ERROR',
    {
      options: CLIENT,
      wire: (wire) => wire.windowUpdate(3, MAX - 65_535).windowUpdate(3, 1),
    },
  )
  streamFault('RFC 9113 §6.9.1: so it is for a server', 'FLOW_CONTROL_ERROR', {
    options: SERVER,
    wire: (wire) => wire.windowUpdate(3, MAX),
  })
  lawful(
    'RFC 9113 §6.9: on half-closed (remote) and closed streams it is no error',
    {
      options: SERVER,
      before: (bench) => {
        bench.wire.headers(1, GET, END_STREAM).headers(3, GET, END_STREAM).headers(5, POST).headers(7, POST).reset(7, 8)
        bench.deliver()
        bench.connection.sendHeaders(3, OK, true)
        bench.connection.reset(5)
      },
      wire: (wire) => wire.windowUpdate(1, 1).windowUpdate(3, 1).windowUpdate(5, 1).windowUpdate(7, 1),
    },
    [],
    [],
  )
  it('RFC 9113 §6.9.1: DATA takes of both windows and stops where either ends', () => {
    const bench = new Bench(CLIENT)
    bench.connection.openStream(POST, false)
    bench.connection.openStream(POST, false)
    bench.connection.sendData(1, new Uint8Array(65_535), false)
    bench.connection.sendData(3, new Uint8Array(10), false)
    const sent = () => bench.answers().filter((text) => text.startsWith('DATA'))
    const bytes = sent().reduce((sum, text) => sum + Number(text.split(' ')[2]), 0)
    expect(bytes).toBe(65_535)
    bench.wire.windowUpdate(1, 100)
    bench.deliver()
    expect(sent()).toEqual([])
    bench.wire.windowUpdate(0, 4)
    bench.deliver()
    expect(sent()).toEqual(['DATA 1 4'])
    bench.wire.windowUpdate(0, 100)
    bench.deliver()
    expect(sent()).toEqual(['DATA 1 6'])
  })
  it('RFC 9113 §6.9.1: an empty DATA with END_STREAM goes out with no window left', () => {
    const bench = new Bench(CLIENT)
    bench.connection.openStream(POST, false)
    bench.connection.sendData(1, new Uint8Array(65_535), false)
    bench.answers()
    bench.connection.sendData(1, new Uint8Array(0), true)
    expect(bench.answers()).toEqual(['DATA 1 0 END_STREAM'])
  })
})

describe('credit', () => {
  const options = { role: 'server', streamWindow: 1000, connectionWindow: 65_535 } as const

  it('RFC 9113 §6.9: it follows consumption, never arrival, in batches of half a window', () => {
    const bench = new Bench(options)
    bench.wire.headers(1, POST).data(1, 1000)
    bench.deliver()
    expect(bench.answers()).toEqual([])
    bench.connection.consumed(1, 499)
    expect(bench.answers()).toEqual([])
    bench.connection.consumed(1, 1)
    expect(bench.answers()).toEqual(['WINDOW_UPDATE 1 500'])
    bench.connection.consumed(1, 500)
    expect(bench.answers()).toEqual(['WINDOW_UPDATE 1 500'])
  })
  it('RFC 9113 §6.9: a stream that the peer ended gets no more of it, the connection does', () => {
    const bench = new Bench({ role: 'server', streamWindow: 40_000, connectionWindow: 65_535 })
    bench.wire.headers(1, POST).data(1, 16_384).data(1, 16_384).end(1, 7_000)
    bench.deliver()
    bench.connection.consumed(1, 39_768)
    expect(bench.answers()).toEqual(['WINDOW_UPDATE 0 39768'])
  })
  it('RFC 9113 §6.9.2: data consumed before our smaller window was acknowledged is credited when it is', () => {
    const connection = new Connection({ role: 'server', streamWindow: 1000 })
    const wire = new Wire().bytes(CONNECTION_PREFACE).settings([]).headers(1, POST).data(1, 5000)
    connection.receive(wire.take(), 1)
    const listener = new Listener('server')
    const answers = () => connection.takeOutput(1 << 20).flatMap((chunk) => listener.read(chunk).map(line))
    expect(drain(connection).map(word).at(-1)).toBe('DataReceived 1 5000')
    connection.consumed(1, 5000)
    expect(answers().filter((text) => text.startsWith('WINDOW_UPDATE 1'))).toEqual([])
    // The peer's window falls to 1000 - 5000; without credit now it would wait for ever.
    connection.receive(wire.acknowledge().take(), 2)
    expect(answers()).toEqual(['WINDOW_UPDATE 1 5000'])
  })
  it('RFC 9113 §6.9.1: the connection’s window is raised at the start by WINDOW_UPDATE', () => {
    const bench = new Bench({ role: 'server', streamWindow: 65_535, connectionWindow: 200_000 })
    bench.wire.headers(1, POST).headers(3, POST).headers(5, POST)
    for (const id of [1, 3, 5]) for (let i = 0; i < 4; i++) bench.wire.data(id, 16_383)
    expect(bench.deliver().filter((text) => text.startsWith('DataReceived')).length).toBe(12)
  })
})
