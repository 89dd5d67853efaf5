import { describe, expect, it } from 'vitest'
import { latin1Decode, latin1Encode } from '../../src/bytes/index.ts'
import { Connection, type ConnectionOptions } from '../../src/connection/index.ts'
import { Setting } from '../../src/frames/index.ts'
import type { FieldInput } from '../../src/hpack/index.ts'
import { Bench, drain, exchange, fields, OK, webSocket, word } from './support.ts'
import { CLIENT, connectionFault, END_STREAM, lawful, SERVER, streamFault } from './wire-case.ts'

const ENABLE = Setting.ENABLE_CONNECT_PROTOCOL
const accepting: ConnectionOptions = { role: 'server', extendedConnect: 'accept' }
const without = (...names: string[]): FieldInput[] => webSocket.filter(({ name }) => !names.includes(name))
const plainConnect = fields({ ':method': 'CONNECT', ':authority': 'localhost:443' })

describe('SETTINGS_ENABLE_CONNECT_PROTOCOL', () => {
  connectionFault('RFC 8441 §3: a value other than 0 or 1 is a connection error PROTOCOL_ERROR', 'PROTOCOL_ERROR', {
    options: CLIENT,
    wire: (wire) => wire.settings([[ENABLE, 2]]),
  })
  connectionFault('RFC 8441 §3: 0 after 1 is a connection error PROTOCOL_ERROR', 'PROTOCOL_ERROR', {
    options: CLIENT,
    settings: [[ENABLE, 1]],
    wire: (wire) => wire.settings([[ENABLE, 0]]),
  })
  connectionFault('RFC 8441 §3: 0 after 1 in one frame too', 'PROTOCOL_ERROR', {
    options: CLIENT,
    wire: (wire) =>
      wire.settings([
        [ENABLE, 1],
        [ENABLE, 0],
      ]),
  })
  lawful(
    'RFC 8441 §3: 0, then 1, then 1 again is lawful',
    {
      options: CLIENT,
      wire: (wire) =>
        wire
          .settings([[ENABLE, 0]])
          .settings([[ENABLE, 1]])
          .settings([[ENABLE, 1]]),
    },
    ['SettingsReceived', 'SettingsReceived', 'SettingsReceived'],
    ['SETTINGS ACK', 'SETTINGS ACK', 'SETTINGS ACK'],
  )
  lawful(
    'RFC 8441 §3: what a client sends in it has no impact on a server',
    {
      options: accepting,
      wire: (wire) =>
        wire
          .settings([[ENABLE, 1]])
          .settings([[ENABLE, 0]])
          .settings([[ENABLE, 9]]),
    },
    ['SettingsReceived', 'SettingsReceived', 'SettingsReceived'],
    ['SETTINGS ACK', 'SETTINGS ACK', 'SETTINGS ACK'],
  )
  it('RFC 8441 §3: only a server that advertises sends it', () => {
    const says = (options: ConnectionOptions): boolean => {
      const client = new Connection(options.role === 'client' ? { role: 'server' } : { role: 'client' })
      const other = new Connection(options)
      if (options.role === 'client') exchange(other, client)
      else exchange(client, other)
      return client.peerSettings.enableConnectProtocol
    }
    expect(says({ role: 'server', extendedConnect: 'advertise' })).toBe(true)
    expect(says(accepting)).toBe(false)
    expect(says(SERVER)).toBe(false)
  })
})

describe('a client', () => {
  it('RFC 8441 §3: sends no :protocol before the server said that it may', () => {
    const bench = new Bench(CLIENT)
    expect(() => bench.connection.openStream(webSocket, false)).toThrow('RFC 8441 §4')
    expect(bench.connection.hasOutput).toBe(false)
    bench.wire.settings([[ENABLE, 1]])
    bench.deliver()
    expect(bench.connection.openStream(webSocket, false)).toBe(1)
  })
  it('RFC 8441 §4: :scheme, :path and a method of CONNECT belong to :protocol', () => {
    const { connection } = new Bench(CLIENT, [[ENABLE, 1]])
    for (const name of [':scheme', ':path', ':method', ':authority']) {
      expect(() => connection.openStream(without(name), false), name).toThrow(/RFC (8441|9113)/)
    }
    const get = webSocket.map((line) => (line.name === ':method' ? { name: ':method', value: 'GET' } : line))
    expect(() => connection.openStream(get, false)).toThrow('RFC 8441 §4')
    expect(connection.openStream(webSocket, false)).toBe(1)
  })
})

describe('a server', () => {
  for (const extendedConnect of ['accept', 'advertise'] as const) {
    lawful(
      `RFC 8441 §4: takes CONNECT with :protocol when it would ${extendedConnect}`,
      { options: { role: 'server', extendedConnect }, wire: (wire) => wire.headers(1, webSocket).data(1, 'bytes') },
      ['HeadersReceived 1 request', 'DataReceived 1 5'],
      [],
    )
  }
  const malformed: readonly (readonly [string, ConnectionOptions, readonly FieldInput[]])[] = [
    ['RFC 8441 §3: :protocol with the policy off', SERVER, webSocket],
    ['RFC 8441 §4: :protocol without :scheme', accepting, without(':scheme')],
    ['RFC 8441 §4: :protocol without :path', accepting, without(':path')],
    ['RFC 9113 §8.3.1: :protocol without :authority', accepting, without(':authority')],
    ['RFC 8441 §4: :protocol on GET', accepting, [{ name: ':method', value: 'GET' }, ...without(':method')]],
    ['RFC 8441 §4: :protocol twice', accepting, [{ name: ':protocol', value: 'websocket' }, ...webSocket]],
    ['RFC 8441 §4: an empty :protocol', accepting, [{ name: ':protocol', value: '' }, ...without(':protocol')]],
    [
      'RFC 8441 §4: two tokens in :protocol',
      accepting,
      [{ name: ':protocol', value: 'a, b' }, ...without(':protocol')],
    ],
    ['RFC 8441 §5: Connection and Upgrade', accepting, [...webSocket, { name: 'upgrade', value: 'websocket' }]],
  ]
  for (const [title, options, lines] of malformed) {
    streamFault(`${title} makes the request malformed`, 'PROTOCOL_ERROR', {
      options,
      before: ({ wire }) => wire,
      event: 'RequestRefused',
      wire: (wire) => wire.headers(3, lines),
    })
  }
  streamFault('RFC 9113 §8.5: HEADERS in a tunnel are a stream error', 'PROTOCOL_ERROR', {
    options: accepting,
    before: ({ wire }) => wire.headers(3, webSocket),
    wire: (wire) => wire.headers(3, fields({ 'x-trailer': 'a' }), END_STREAM),
    section: 'RFC 9113 §8.5',
  })
  lawful(
    'RFC 9113 §8.5: the data of a tunnel have no content-length',
    {
      options: SERVER,
      wire: (wire) =>
        wire
          .headers(1, [...plainConnect, { name: 'content-length', value: '3' }])
          .data(1, 'more')
          .end(1),
    },
    ['HeadersReceived 1 request', 'DataReceived 1 4 END_STREAM'],
    [],
  )
})

describe('tunnels', () => {
  const opened = (): { client: Connection; server: Connection } => {
    const client = new Connection({ role: 'client' })
    const server = new Connection({ role: 'server', extendedConnect: 'advertise' })
    exchange(client, server)
    client.openStream(webSocket, false)
    exchange(client, server)
    server.sendHeaders(1, OK, false)
    exchange(client, server)
    return { client, server }
  }
  it('RFC 8441 §5: bytes go both ways, END_STREAM is an orderly close of one side', () => {
    const { client, server } = opened()
    client.sendData(1, latin1Encode('ping'), true)
    const there = exchange(client, server).server
    expect(there.map(word)).toEqual(['DataReceived 1 4 END_STREAM'])
    expect(there[0]?.type === 'DataReceived' && latin1Decode(there[0].data)).toBe('ping')
    server.sendData(1, latin1Encode('pong'), false)
    expect(exchange(client, server).client.map(word)).toEqual(['DataReceived 1 4'])
    server.sendData(1, new Uint8Array(0), true)
    const end = exchange(client, server)
    expect(end.client.map(word)).toEqual(['DataReceived 1 0 END_STREAM', 'StreamClosed 1'])
    expect(end.server.map(word)).toEqual(['StreamClosed 1'])
    expect(client.openStreams + server.openStreams).toBe(0)
  })
  it('RFC 8441 §5: RST_STREAM with CANCEL ends both sides at once', () => {
    const { client, server } = opened()
    client.reset(1)
    expect(exchange(client, server).server.map(word)).toEqual(['StreamReset 1 remote CANCEL'])
  })
  it('RFC 9113 §8.5: neither side sends trailers in a tunnel', () => {
    const { client, server } = opened()
    expect(() => client.sendTrailers(1, [])).toThrow('tunnel')
    expect(() => server.sendTrailers(1, [])).toThrow('tunnel')
    expect(() => server.sendHeaders(1, OK, false)).toThrow('tunnel')
  })
  it('RFC 8441 §4: a refused tunnel is a response like any other, with body and trailers', () => {
    const client = new Connection({ role: 'client' })
    const server = new Connection({ role: 'server', extendedConnect: 'advertise' })
    exchange(client, server)
    client.openStream(webSocket, false)
    exchange(client, server)
    server.sendHeaders(1, fields({ ':status': '403', 'content-length': '2' }), false)
    server.sendData(1, latin1Encode('no'), false)
    server.sendTrailers(1, fields({ 'x-why': 'policy' }))
    expect(exchange(client, server).client.map(word)).toEqual([
      'HeadersReceived 1 response',
      'DataReceived 1 2',
      'HeadersReceived 1 trailers END_STREAM',
    ])
  })
  streamFault('RFC 9113 §8.5: a second response in a tunnel is a stream error', 'PROTOCOL_ERROR', {
    options: CLIENT,
    settings: [[ENABLE, 1]],
    before: ({ connection }) => void connection.openStream(webSocket, false),
    events: ['HeadersReceived 3 response', 'DataReceived 3 1'],
    wire: (wire) => wire.headers(3, OK).data(3, 'x').headers(3, OK, END_STREAM),
    section: 'RFC 9113 §8.5',
  })
  lawful(
    'RFC 9113 §8.5: interim responses may come before the tunnel opens',
    {
      options: CLIENT,
      settings: [[ENABLE, 1]],
      before: ({ connection }) => void connection.openStream(webSocket, false),
      wire: (wire) =>
        wire
          .headers(1, fields({ ':status': '103' }))
          .headers(1, OK)
          .data(1, 'x'),
    },
    ['HeadersReceived 1 informational', 'HeadersReceived 1 response', 'DataReceived 1 1'],
    [],
  )
})

it('RFC 9113 §8.5: plain CONNECT needs no setting', () => {
  const client = new Connection({ role: 'client' })
  const server = new Connection(SERVER)
  exchange(client, server)
  client.openStream(plainConnect, false)
  expect(exchange(client, server).server.map(word)).toEqual(['HeadersReceived 1 request'])
  expect(drain(client)).toEqual([])
})
