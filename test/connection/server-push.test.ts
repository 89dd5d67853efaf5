import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../src/bytes/index.ts'
import { Connection, type ConnectionOptions, defaultLimits } from '../../src/connection/index.ts'
import { Flag } from '../../src/frames/index.ts'
import { Bench, drain, fields, GET, OK, POST, request, word } from './support.ts'
import type { Wire } from './wire.ts'
import { connectionFault, END_STREAM, lawful } from './wire-case.ts'

const PUSHED: ConnectionOptions = { role: 'client', enablePush: true }
const style = request('GET', '/style.css')
const asked = ({ connection }: Bench): void => void connection.openStream(GET, true)

/** A client that has asked, and takes pushes. */
const client = (options: Partial<ConnectionOptions> = {}): Bench => {
  const bench = new Bench({ ...PUSHED, ...options })
  asked(bench)
  bench.answers()
  return bench
}

describe('a client that takes pushes', () => {
  it('RFC 9113 §6.5.2: leaves ENABLE_PUSH at 1, and says how many pushed streams may be open', () => {
    const connection = new Connection(PUSHED)
    const settings = Buffer.concat(connection.takeOutput(1 << 20)).subarray(24 + 9)
    expect([settings.readUInt16BE(0), settings.readUInt32BE(2)]).toEqual([3, 100])
    expect(connection.localSettings.enablePush).toBe(true)
    expect(new Connection({ role: 'server', enablePush: true }).localSettings.enablePush).toBe(false)
  })

  lawful(
    'RFC 9113 §8.4: a promise is told with its request, and answered on its own stream',
    {
      options: PUSHED,
      before: asked,
      wire: (wire) =>
        wire
          .promise(1, 2, style)
          .headers(1, OK)
          .headers(2, fields({ ':status': '103' }))
          .headers(2, OK)
          .data(2, 'css')
          .data(1, 'page')
          .headers(2, fields({ 'x-trailer': 'end' }), END_STREAM)
          .end(1),
    },
    [
      'PushPromised',
      'HeadersReceived 1 response',
      'HeadersReceived 2 informational',
      'HeadersReceived 2 response',
      'DataReceived 2 3',
      'DataReceived 1 4',
      'HeadersReceived 2 trailers END_STREAM',
      'StreamClosed 2',
      'DataReceived 1 0 END_STREAM',
      'StreamClosed 1',
    ],
    [],
  )

  it('RFC 9113 §8.4.1: the event has the fields that the server sent, and the stream that they were sent on', () => {
    const bench = client()
    bench.wire.promise(1, 2, style)
    expect(bench.events()).toMatchObject([{ type: 'PushPromised', streamId: 1, promisedStreamId: 2, fields: style }])
    expect(bench.connection.openStreams).toBe(2)
  })

  lawful(
    'RFC 9113 §6.6: a promise may come in CONTINUATION frames, on an open stream too, and its ids may skip some',
    {
      options: PUSHED,
      before: ({ connection }) => void connection.openStream(POST, false),
      wire: (wire) => {
        const block = wire.block(style)
        const fragment = block.subarray(0, 3)
        wire
          .frame({ kind: 'PUSH_PROMISE', streamId: 1, flags: 0, promisedStreamId: 4, fragment })
          .continuation(1, block.subarray(3))
          .promise(1, 10, request('HEAD', '/'))
      },
    },
    ['PushPromised', 'PushPromised'],
    [],
  )

  it('RFC 9110 §9.3.2: the response to a promised HEAD has no body, whatever its content-length says', () => {
    const bench = client()
    bench.wire
      .promise(1, 2, request('HEAD', '/'))
      .headers(2, fields({ ':status': '200', 'content-length': '9' }), END_STREAM)
    expect(bench.deliver()).toEqual(['PushPromised', 'HeadersReceived 2 response END_STREAM', 'StreamClosed 2'])
  })

  it('RFC 9113 §5.1: a promise may be given up by either side before it is answered', () => {
    const bench = client()
    bench.wire.promise(1, 2, style).promise(1, 4, style)
    bench.deliver()
    bench.connection.reset(2)
    expect(bench.answers()).toEqual(['RST_STREAM 2 CANCEL'])
    bench.wire.reset(4, 8).headers(2, OK).end(2, 'on its way')
    expect(bench.deliver()).toEqual(['StreamReset 4 remote CANCEL'])
    expect(bench.connection.openStreams).toBe(1)
    expect(() => bench.connection.sendData(2, new Uint8Array(1), false)).not.toThrow()
  })

  it('RFC 9113 §5.1: on a promised stream a client sends nothing but RST_STREAM', () => {
    const bench = client()
    bench.wire.promise(1, 2, style)
    bench.deliver()
    const send = (): unknown => bench.connection.sendData(2, new Uint8Array(1), false)
    expect(send).toThrow('only RST_STREAM')
    bench.wire.headers(2, OK)
    bench.deliver()
    expect(send).toThrow('ended on this side')
  })

  it('RFC 9113 §6.9: what is pushed is flow-controlled like any other response', () => {
    const bench = client({ streamWindow: 20_000 })
    bench.wire.promise(1, 2, style).headers(2, OK).data(2, 10_000)
    bench.deliver()
    bench.connection.consumed(2, 10_000)
    expect(bench.answers()).toContain('WINDOW_UPDATE 2 10000')
    bench.wire.data(2, 16_000).data(2, 4_001)
    expect(bench.deliver()).toEqual(['DataReceived 2 16000', 'StreamReset 2 local FLOW_CONTROL_ERROR'])
  })
})

describe('a promise that is refused', () => {
  const refused: readonly (readonly [title: string, lines: ReturnType<typeof request>, section: string])[] = [
    ['RFC 9113 §8.4.1: a promise of POST, which is not safe', POST, 'RFC 9113 §8.4.1'],
    ['RFC 9113 §8.4.1: a promise of OPTIONS, which cannot be cached', request('OPTIONS', '/'), 'RFC 9113 §8.4.1'],
    [
      'RFC 9113 §8.4: a promise of a request with a body',
      [...style, ...fields({ 'content-length': '1' })],
      'RFC 9113 §8.4.1',
    ],
    ['RFC 9113 §8.4.1: a promise without :path', style.filter(({ name }) => name !== ':path'), 'RFC 9113 §8.3.1'],
    [
      'RFC 9113 §8.4.1: a promise with a field in upper case',
      [...style, ...fields({ Accept: '*/*' })],
      'RFC 9113 §8.2.1',
    ],
    [
      'RFC 9113 §8.4: a promise without :authority',
      [...style.filter(({ name }) => name !== ':authority'), ...fields({ host: 'localhost' })],
      'RFC 9113 §8.4.1',
    ],
    [
      'RFC 9113 §8.4: a promise for an origin other than that of its request',
      style.map((field) => (field.name === ':authority' ? { ...field, value: 'elsewhere' } : field)),
      'RFC 9113 §8.4.1',
    ],
    [
      'RFC 9113 §8.4: a promise for another scheme',
      style.map((field) => (field.name === ':scheme' ? { ...field, value: 'https' } : field)),
      'RFC 9113 §8.4.1',
    ],
  ]
  for (const [title, lines, section] of refused) {
    it(`${title} is a stream error PROTOCOL_ERROR on the promised stream`, () => {
      const bench = client()
      bench.wire.promise(1, 2, lines).headers(2, OK).promise(1, 4, style)
      const events = bench.events()
      expect(events.map(word)).toEqual(['RequestRefused 2 PROTOCOL_ERROR', 'PushPromised'])
      expect(events[0]).toMatchObject({ error: { section, initiator: 'local' } })
      expect(bench.answers()).toEqual(['RST_STREAM 2 PROTOCOL_ERROR'])
    })
  }

  it('RFC 9113 §8.4.1: an origin may be spelt in more than one way', () => {
    const bench = client()
    bench.wire.promise(
      1,
      2,
      style.map((field) => (field.name === ':authority' ? { ...field, value: 'LOCALHOST:80' } : field)),
    )
    expect(bench.deliver()).toEqual(['PushPromised'])
  })

  it('RFC 9113 §6.6: what was promised on a stream before it heard of our RST_STREAM is decoded, then refused', () => {
    const bench = client()
    bench.connection.reset(1)
    bench.answers()
    const indexed = [...style, { name: 'x-new', value: 'in the table' }]
    bench.wire.promise(1, 2, indexed).headers(2, OK).data(2, 300)
    expect(bench.deliver()).toEqual([])
    expect(bench.answers()).toEqual(['RST_STREAM 2 CANCEL'])
    bench.connection.openStream(GET, true)
    bench.wire.promise(3, 4, indexed)
    expect(bench.events()).toMatchObject([{ type: 'PushPromised', fields: indexed }])
  })

  it('RFC 9113 §5.1.2: more promises than maxReservedStreams are refused, until others are answered or given up', () => {
    const bench = client({ limits: { maxReservedStreams: 2 } })
    bench.wire.promise(1, 2, style).promise(1, 4, style).promise(1, 6, style)
    expect(bench.deliver()).toEqual(['PushPromised', 'PushPromised', 'LimitExceeded 6 maxReservedStreams'])
    expect(bench.answers()).toEqual(['RST_STREAM 6 REFUSED_STREAM'])
    bench.wire.headers(2, OK).promise(1, 8, style).promise(1, 10, style)
    expect(bench.deliver().slice(1)).toEqual(['PushPromised', 'LimitExceeded 10 maxReservedStreams'])
    bench.connection.reset(8)
    bench.wire.promise(1, 12, style)
    expect(bench.deliver()).toEqual(['PushPromised'])
  })

  it('RFC 9113 §8.4.2: our MAX_CONCURRENT_STREAMS bounds pushed streams that are being answered, not promises', () => {
    const bench = client({ limits: { maxConcurrentStreams: 1 } })
    bench.wire.promise(1, 2, style).promise(1, 4, style).headers(2, OK).headers(4, OK)
    expect(bench.deliver()).toEqual([
      'PushPromised',
      'PushPromised',
      'HeadersReceived 2 response',
      'LimitExceeded 4 maxConcurrentStreams',
      'StreamReset 4 local REFUSED_STREAM',
    ])
    bench.wire.end(2).promise(1, 6, style).headers(6, OK, END_STREAM)
    expect(bench.deliver().at(-1)).toBe('StreamClosed 6')
  })

  it('RFC 9113 §10.5.1: the sections of promises count among those that open streams hold', () => {
    const bench = client({ limits: { maxRetainedFieldSize: 600 } })
    const large = [...style, ...fields({ 'x-large': 'x'.repeat(150) })]
    bench.wire.promise(1, 2, large).promise(1, 4, large)
    expect(bench.deliver()).toEqual(['PushPromised', 'LimitExceeded 4 maxRetainedFieldSize'])
    bench.connection.reset(2)
    bench.wire.promise(1, 6, large)
    expect(bench.deliver()).toEqual(['PushPromised'])
  })

  it('RFC 9113 §10.5.1: a promise with too large a section is refused, and not for ever', () => {
    const bench = client({ limits: { maxFieldSectionSize: 200, overflowBurst: 1, overflowsPerSecond: 0 } })
    const large = [...style, ...fields({ 'x-large': 'x'.repeat(150) })]
    bench.wire.promise(1, 2, large)
    expect(bench.deliver()).toEqual(['LimitExceeded 2 maxFieldSectionSize'])
    expect(bench.answers()).toEqual(['RST_STREAM 2 ENHANCE_YOUR_CALM'])
    bench.wire.promise(1, 4, large)
    expect(bench.deliver().at(-1)).toBe('ConnectionClosed local ENHANCE_YOUR_CALM')
  })

  it('RFC 9113 §10.5: promises that must be given up again and again end the connection ENHANCE_YOUR_CALM', () => {
    const bench = client({ limits: { resetBurst: 20, resetsPerSecond: 0 } })
    for (let id = 2; id <= 40; id += 2) {
      bench.wire.promise(1, id, style)
      expect(bench.deliver()).toEqual(['PushPromised'])
      bench.connection.reset(id)
    }
    expect(bench.connection.state).toBe('open')
    bench.wire.promise(1, 42, style)
    bench.deliver()
    bench.connection.reset(42)
    expect(drain(bench.connection).map(word)).toContain('LimitExceeded 0 resetBurst')
  })

  it('RFC 9113 §6.8: what is promised after our GOAWAY is ignored, what was promised before is served', () => {
    const bench = client()
    bench.wire.promise(1, 2, style)
    bench.deliver()
    bench.connection.shutdown(1)
    expect(bench.answers()).toEqual(['GOAWAY 2 NO_ERROR'])
    bench.wire.promise(1, 4, style).headers(4, OK).data(4, 300).headers(2, OK).end(2)
    expect(bench.deliver()).toEqual(['HeadersReceived 2 response', 'DataReceived 2 0 END_STREAM', 'StreamClosed 2'])
    bench.wire.headers(1, OK, END_STREAM)
    expect(bench.deliver().at(-1)).toBe('ConnectionClosed local clean')
  })

  it('RFC 9113 §6.8: promises after our GOAWAY are ignored, each at the price of a glitch', () => {
    const bench = client({ limits: { glitchBurst: 20, glitchesPerSecond: 0 } })
    bench.connection.shutdown(1)
    for (let id = 2; id <= 40; id += 2) bench.wire.promise(1, id, style)
    expect(bench.deliver()).toEqual([])
    bench.wire.promise(1, 42, style)
    expect(bench.deliver()[0]).toBe('LimitExceeded 0 glitchBurst')
  })
  it('RFC 9113 §6.8: GOAWAY of the server leaves its own streams alone', () => {
    const bench = client()
    bench.wire.promise(1, 2, style).goAway(1, 0).headers(2, OK, END_STREAM)
    expect(bench.deliver()).toEqual([
      'PushPromised',
      'GoAwayReceived 1 NO_ERROR',
      'HeadersReceived 2 response END_STREAM',
      'StreamClosed 2',
    ])
  })
})

describe('a promise that ends the connection', () => {
  const cases: readonly (readonly [title: string, before: (bench: Bench) => void, on: number, promised: number])[] = [
    ['RFC 9113 §6.6: a promise on an idle stream', () => {}, 1, 2],
    [
      'RFC 9113 §6.6: a promise on a stream that the server has ended',
      (bench) => {
        bench.connection.openStream(POST, false)
        bench.wire.headers(1, OK, END_STREAM)
      },
      1,
      2,
    ],
    [
      'RFC 9113 §6.6: a promise on a closed stream',
      (bench) => {
        asked(bench)
        bench.wire.headers(1, OK, END_STREAM)
      },
      1,
      2,
    ],
    [
      'RFC 9113 §6.6: a promise on a stream that the server has reset',
      (bench) => {
        asked(bench)
        bench.wire.reset(1, 8)
      },
      1,
      2,
    ],
    [
      'RFC 9113 §6.6: a promise on a pushed stream',
      (bench) => {
        asked(bench)
        bench.wire.promise(1, 2, style).headers(2, OK)
      },
      2,
      4,
    ],
    ['RFC 9113 §5.1.1: a promise of an odd stream', asked, 1, 3],
    [
      'RFC 9113 §6.6: a promise of a stream that is promised already',
      (bench) => {
        asked(bench)
        bench.wire.promise(1, 2, style)
      },
      1,
      2,
    ],
    [
      'RFC 9113 §5.1.1: a promise of a stream lower than one before',
      (bench) => {
        asked(bench)
        bench.wire.promise(1, 6, style)
      },
      1,
      4,
    ],
    [
      'RFC 9113 §6.6: a promise of a stream that was refused',
      (bench) => {
        asked(bench)
        bench.wire.promise(1, 2, POST)
      },
      1,
      2,
    ],
  ]
  for (const [title, before, on, promised] of cases) {
    connectionFault(`${title} is a connection error PROTOCOL_ERROR`, 'PROTOCOL_ERROR', {
      options: PUSHED,
      before,
      wire: (wire) => wire.promise(on, promised, style),
    })
  }

  for (const [what, write] of [
    ['DATA', (wire: Wire) => wire.data(2, 'x')],
    ['empty DATA with END_STREAM', (wire: Wire) => wire.end(2)],
    ['WINDOW_UPDATE', (wire: Wire) => wire.windowUpdate(2, 1)],
  ] as const) {
    connectionFault(
      `RFC 9113 §5.1: ${what} on a stream that is only promised is a connection error PROTOCOL_ERROR`,
      'PROTOCOL_ERROR',
      { options: PUSHED, before: asked, wire: (wire) => write(wire.promise(1, 2, style)) },
      { section: 'RFC 9113 §5.1' },
    )
  }

  connectionFault(
    'RFC 9113 §4.3: a promise that does not decode is a connection error COMPRESSION_ERROR',
    'COMPRESSION_ERROR',
    {
      options: PUSHED,
      before: asked,
      wire: (wire) =>
        wire.frame({
          kind: 'PUSH_PROMISE',
          streamId: 1,
          flags: Flag.END_HEADERS,
          promisedStreamId: 2,
          fragment: Uint8Array.of(0x80),
        }),
    },
  )
})

describe('ENABLE_PUSH on a running connection', () => {
  it('RFC 9113 §6.5.2: turned off, pushes on their way are taken; after the acknowledgement one ends the connection', () => {
    const bench = client()
    bench.connection.updateSettings({ enablePush: false })
    expect(bench.answers()).toEqual(['SETTINGS ENABLE_PUSH=0'])
    bench.wire.promise(1, 2, style)
    expect(bench.deliver()).toEqual(['PushPromised'])
    bench.wire.acknowledge().promise(1, 4, style)
    expect(bench.deliver().at(-1)).toBe('ConnectionClosed local PROTOCOL_ERROR')
  })

  it('RFC 9113 §6.5.2: turned on, pushes are taken for what is asked from then on', () => {
    const bench = new Bench({ role: 'client' })
    bench.connection.updateSettings({ enablePush: true })
    asked(bench)
    bench.wire.promise(1, 2, style)
    expect(bench.deliver()).toEqual(['PushPromised'])
  })
})

it('fieldBlockTimeout: a promise is whole in time, however its fragments trickle', () => {
  const bench = client()
  bench.now = 5000
  const writer = new ByteWriter()
  bench.wire.frame({ kind: 'PUSH_PROMISE', streamId: 1, flags: 0, promisedStreamId: 2, fragment: writer.take() })
  bench.deliver()
  bench.connection.timeout(4999 + defaultLimits.fieldBlockTimeout)
  expect(bench.connection.state).toBe('open')
  bench.connection.timeout(5000 + defaultLimits.fieldBlockTimeout)
  expect(drain(bench.connection).map(word)[0]).toBe('LimitExceeded 0 fieldBlockTimeout')
})
