import { describe, expect, it } from 'vitest'
import { Connection } from '../../src/connection/index.ts'
import { CONNECTION_PREFACE, Setting } from '../../src/frames/index.ts'
import { Bench, drain, GET, OK, POST, word } from './support.ts'
import { Wire } from './wire.ts'
import { CLIENT, connectionFault, END_STREAM, lawful, SERVER } from './wire-case.ts'

describe('values', () => {
  for (const [name, id, value, code] of [
    ['ENABLE_PUSH 2', Setting.ENABLE_PUSH, 2, 'PROTOCOL_ERROR'],
    ['INITIAL_WINDOW_SIZE 2^31', Setting.INITIAL_WINDOW_SIZE, 2 ** 31, 'FLOW_CONTROL_ERROR'],
    ['MAX_FRAME_SIZE 16,383', Setting.MAX_FRAME_SIZE, 16_383, 'PROTOCOL_ERROR'],
    ['MAX_FRAME_SIZE 2^24', Setting.MAX_FRAME_SIZE, 2 ** 24, 'PROTOCOL_ERROR'],
  ] as const) {
    for (const options of [SERVER, CLIENT]) {
      connectionFault(`RFC 9113 §6.5.2: ${name} is a connection error ${code} (${options.role})`, code, {
        options,
        wire: (wire) => wire.settings([[id, value]]),
      })
    }
  }
  connectionFault(
    'RFC 9113 §6.5.2: ENABLE_PUSH 1 from a server is a connection error PROTOCOL_ERROR',
    'PROTOCOL_ERROR',
    {
      options: CLIENT,
      wire: (wire) => wire.settings([[Setting.ENABLE_PUSH, 1]]),
    },
  )
  for (const options of [SERVER, CLIENT]) {
    connectionFault(
      `RFC 9218 §2.1: NO_RFC7540_PRIORITIES 2 is a connection error PROTOCOL_ERROR (${options.role})`,
      'PROTOCOL_ERROR',
      { options, wire: (wire) => wire.settings([[Setting.NO_RFC7540_PRIORITIES, 2]]) },
    )
  }
  it('RFC 9113 §6.5.2: every setting of the RFC is taken at the ends of its range', () => {
    const bench = new Bench(SERVER)
    bench.wire.settings([
      [Setting.HEADER_TABLE_SIZE, 0],
      [Setting.ENABLE_PUSH, 1],
      [Setting.MAX_CONCURRENT_STREAMS, 0],
      [Setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1],
      [Setting.MAX_FRAME_SIZE, 2 ** 24 - 1],
      [Setting.MAX_HEADER_LIST_SIZE, 2 ** 32 - 1],
      [Setting.NO_RFC7540_PRIORITIES, 1],
    ])
    bench.deliver()
    expect(bench.connection.peerSettings).toEqual({
      received: true,
      headerTableSize: 0,
      enablePush: true,
      maxConcurrentStreams: 0,
      initialWindowSize: 2 ** 31 - 1,
      maxFrameSize: 2 ** 24 - 1,
      maxHeaderListSize: 2 ** 32 - 1,
      enableConnectProtocol: false,
      noRfc7540Priorities: true,
    })
    bench.wire.settings([
      [Setting.MAX_FRAME_SIZE, 16_384],
      [Setting.ENABLE_PUSH, 0],
    ])
    bench.deliver()
    expect(bench.connection.peerSettings).toMatchObject({ maxFrameSize: 16_384, enablePush: false, headerTableSize: 0 })
  })
  it('RFC 9113 §6.5.2: before the peer’s SETTINGS the initial values hold', () => {
    expect(new Connection(CLIENT).peerSettings).toEqual({
      received: false,
      headerTableSize: 4096,
      enablePush: true,
      maxConcurrentStreams: Number.POSITIVE_INFINITY,
      initialWindowSize: 65_535,
      maxFrameSize: 16_384,
      maxHeaderListSize: Number.POSITIVE_INFINITY,
      enableConnectProtocol: false,
      noRfc7540Priorities: false,
    })
  })
  lawful(
    'RFC 9113 §6.5.2: a setting that is not known is ignored, and handed on',
    {
      options: CLIENT,
      wire: (wire) =>
        wire.settings([
          [0x4a4a, 7],
          [0, 1],
        ]),
    },
    ['SettingsReceived'],
    ['SETTINGS ACK'],
  )
})

describe('synchronization', () => {
  lawful(
    'RFC 9113 §6.5.3: each SETTINGS is acknowledged, in their order, before what comes after',
    {
      options: SERVER,
      wire: (wire) =>
        wire
          .settings([])
          .settings([[4, 1]])
          .ping('behind  ')
          .settings([]),
    },
    ['SettingsReceived', 'SettingsReceived', 'PingReceived', 'SettingsReceived'],
    ['SETTINGS ACK', 'SETTINGS ACK', 'PING ACK behind  ', 'SETTINGS ACK'],
  )
  it('RFC 9113 §6.5: the last value of one setting in one frame counts', () => {
    const bench = new Bench(CLIENT)
    bench.wire.settings([
      [3, 5],
      [4, 10],
      [3, 7],
      [4, 20],
    ])
    expect(bench.events()).toMatchObject([
      {
        type: 'SettingsReceived',
        settings: [
          [3, 5],
          [4, 10],
          [3, 7],
          [4, 20],
        ],
      },
    ])
    expect(bench.connection.peerSettings).toMatchObject({ maxConcurrentStreams: 7, initialWindowSize: 20 })
  })
  lawful(
    'RFC 9113 §6.5.3: an acknowledgement that nobody waits for changes nothing',
    { options: SERVER, wire: (wire) => wire.acknowledge().acknowledge() },
    [],
    [],
  )
  it('RFC 9113 §6.5.3: our SETTINGS are acknowledged once', () => {
    const connection = new Connection(SERVER)
    connection.receive(new Wire().bytes(CONNECTION_PREFACE).settings([]).acknowledge().acknowledge().take(), 1)
    expect(drain(connection).map(word)).toEqual(['SettingsReceived', 'SettingsAcknowledged'])
  })
  it('RFC 9113 §4.3.1: a smaller HEADER_TABLE_SIZE is declared at the start of the next block', () => {
    const bench = new Bench(CLIENT)
    bench.connection.openStream([...GET, { name: 'x-name', value: 'in the table' }], true)
    bench.answers()
    bench.wire.settings([
      [Setting.HEADER_TABLE_SIZE, 0],
      [Setting.HEADER_TABLE_SIZE, 100],
    ])
    bench.deliver()
    bench.connection.openStream([...GET, { name: 'x-name', value: 'in the table' }], true)
    const headers = bench.frames().find((frame) => frame.kind === 'HEADERS')
    if (headers?.kind !== 'HEADERS') throw new Error('no HEADERS')
    // RFC 7541 §6.3: 001 and a 5-bit prefix; first the smallest size, 0, then the one in force, 100 = 31 + 69
    expect([...headers.fragment.slice(0, 3)]).toEqual([0x20, 0x3f, 69])
  })
})

describe('INITIAL_WINDOW_SIZE', () => {
  it('RFC 9113 §6.9.2: the windows of open streams move by the difference, below zero too, and DATA waits', () => {
    const bench = new Bench(CLIENT)
    bench.connection.openStream(POST, false)
    bench.connection.sendData(1, new Uint8Array(70_000), true)
    const sent = () => bench.frames().reduce((sum, frame) => sum + (frame.kind === 'DATA' ? frame.data.length : 0), 0)
    expect(sent()).toBe(65_535)
    bench.wire.windowUpdate(0, 1_000_000).settings([[4, 16_384]])
    bench.deliver()
    expect(sent()).toBe(0)
    bench.wire.windowUpdate(1, 49_151) // now the window is 0
    bench.deliver()
    expect(sent()).toBe(0)
    expect(bench.connection.hasOutput).toBe(false)
    bench.wire.windowUpdate(1, 10)
    bench.deliver()
    expect(sent()).toBe(10)
    bench.wire.settings([[4, 16_384 + 100]])
    bench.deliver()
    expect(sent()).toBe(100)
    bench.wire.settings([[4, 100_000]])
    bench.deliver()
    expect(sent()).toBe(70_000 - 65_535 - 110)
  })
  it('RFC 9113 §6.9.2: what was queued and not framed yet obeys a smaller window', () => {
    const bench = new Bench(CLIENT)
    bench.connection.openStream(POST, false)
    bench.connection.sendData(1, new Uint8Array(1000), true)
    bench.wire.settings([[4, 10]])
    bench.deliver()
    expect(bench.answers().slice(1)).toEqual(['SETTINGS ACK', 'DATA 1 10'])
  })
  it('RFC 9113 §6.9.2: streams opened later have the new size, and the connection window stays', () => {
    const bench = new Bench(CLIENT, [[4, 200_000]])
    bench.connection.openStream(POST, false)
    bench.connection.sendData(1, new Uint8Array(100_000), true)
    const sent = bench.frames().reduce((sum, frame) => sum + (frame.kind === 'DATA' ? frame.data.length : 0), 0)
    expect(sent).toBe(65_535)
  })
  connectionFault(
    'RFC 9113 §6.9.2: a change that takes a window above 2^31-1 is a connection error FLOW_CONTROL_ERROR',
    'FLOW_CONTROL_ERROR',
    {
      options: CLIENT,
      before: ({ connection }) => void connection.openStream(POST, false),
      wire: (wire) => wire.windowUpdate(1, 1).settings([[4, 2 ** 31 - 1]]),
    },
  )
  lawful(
    'RFC 9113 §6.9.2: a window of exactly 2^31-1 is lawful',
    {
      options: CLIENT,
      before: ({ connection }) => void connection.openStream(POST, false),
      wire: (wire) => wire.windowUpdate(1, 1).settings([[4, 2 ** 31 - 2]]),
    },
    ['SettingsReceived'],
    ['SETTINGS ACK'],
  )
})

describe('MAX_FRAME_SIZE', () => {
  it('RFC 9113 §4.2, §6.10: a field block longer than the peer’s frames goes out in CONTINUATION frames', () => {
    const bench = new Bench(CLIENT)
    const value = '{|}~^`'.repeat(8000)
    bench.connection.openStream([...GET, { name: 'x-long', value }], true)
    const [headers] = bench.frames()
    expect(headers).toMatchObject({ kind: 'HEADERS', flags: END_STREAM })
    if (headers?.kind !== 'HEADERS') throw new Error('no HEADERS')
    expect(headers.fields?.at(-1)?.value).toBe(value)
    expect(headers.fragment.length).toBeGreaterThan(2 * 16_384)
  })
  it('RFC 9113 §4.2: no DATA frame is larger than the peer allows', () => {
    const bench = new Bench(SERVER, [[4, 100_000]])
    bench.wire.windowUpdate(0, 100_000).headers(1, GET, END_STREAM)
    bench.deliver()
    bench.connection.sendHeaders(1, OK, false)
    bench.connection.sendData(1, new Uint8Array(40_000), true)
    const lengths = bench.frames().map((frame) => (frame.kind === 'DATA' ? frame.data.length : 0))
    expect(Math.max(...lengths)).toBeLessThanOrEqual(16_384)
    expect(lengths.reduce((sum, n) => sum + n)).toBe(40_000)
  })
})

it('our own first SETTINGS say what we hold the peer to', () => {
  const first = (connection: Connection): string[] => {
    const bytes = Buffer.concat(connection.takeOutput(1 << 20))
    const at = connection.role === 'client' ? CONNECTION_PREFACE.length : 0
    const out: string[] = []
    for (let i = at + 9; i < at + 9 + bytes.readUIntBE(at, 3); i += 6) {
      out.push(`${bytes.readUInt16BE(i)}=${bytes.readUInt32BE(i + 2)}`)
    }
    return out
  }
  expect(first(new Connection(CLIENT))).toEqual(['2=0', '4=262144', '6=65536', '9=1'])
  expect(first(new Connection({ role: 'server', extendedConnect: 'advertise', maxFrameSize: 20_000 }))).toEqual([
    '3=100',
    '4=262144',
    '5=20000',
    '6=65536',
    '8=1',
    '9=1',
  ])
  expect(first(new Connection({ role: 'server', extendedConnect: 'accept', streamWindow: 65_535 }))).toEqual([
    '3=100',
    '6=65536',
    '9=1',
  ])
})
