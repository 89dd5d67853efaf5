import { describe, expect, it } from 'vitest'
import { latin1Encode } from '../../src/bytes/index.ts'
import { Core } from '../../src/connection/core.ts'
import { Connection } from '../../src/connection/index.ts'
import { canOpenStream, openStream } from '../../src/connection/send.ts'
import { UsageError } from '../../src/errors/index.ts'
import { FrameType } from '../../src/frames/index.ts'
import type { FieldInput } from '../../src/hpack/index.ts'
import { Bench, drain, exchange, fields, GET, OK, POST, word } from './support.ts'
import { CLIENT, END_STREAM, SERVER } from './wire-case.ts'

const informational = fields({ ':status': '103' })
const bytes = (n: number): Uint8Array => new Uint8Array(n)

/** A server with request 1 open and request 3 ended. */
function asked(): Bench {
  const bench = new Bench(SERVER)
  bench.wire.headers(1, POST).headers(3, GET, END_STREAM)
  bench.deliver()
  return bench
}

describe('a server’s answer', () => {
  it('RFC 9113 §8.1: interim responses, the final one, data and trailers go out in this order', () => {
    const bench = asked()
    const { connection } = bench
    connection.sendHeaders(3, informational, false)
    connection.sendHeaders(3, informational, false)
    connection.sendHeaders(3, OK, false)
    connection.sendData(3, bytes(5), false)
    connection.sendTrailers(3, fields({ 'x-sum': '1' }))
    expect(bench.answers()).toEqual([
      'HEADERS 3 :status=103',
      'HEADERS 3 :status=103',
      'HEADERS 3 :status=200',
      'DATA 3 5',
      'HEADERS 3 x-sum=1 END_STREAM',
    ])
    expect(drain(connection).map(word)).toEqual(['StreamClosed 3'])
  })
  it('RFC 9113 §8.1: what would not be a message is a UsageError', () => {
    const { connection } = asked()
    expect(() => connection.sendData(1, bytes(1), false)).toThrow('before the header section')
    expect(() => connection.sendTrailers(1, [])).toThrow('without a header section')
    expect(() => connection.sendHeaders(1, informational, true)).toThrow('RFC 9113 §8.1.1')
    connection.sendHeaders(1, OK, false)
    expect(() => connection.sendHeaders(1, OK, false)).toThrow('second header section')
    expect(() => connection.sendHeaders(1, informational, false)).toThrow('after the final one')
    connection.sendData(1, bytes(1), true)
    expect(() => connection.sendData(1, bytes(1), true)).toThrow('already ended')
    expect(() => connection.sendTrailers(1, [])).toThrow('already ended')
    connection.sendHeaders(3, OK, true)
    expect(() => connection.sendData(3, bytes(1), true)).toThrow('ended')
  })
  it('trailers that wait behind data are those that were given, whatever becomes of the list', () => {
    const bench = asked()
    const { connection } = bench
    connection.sendHeaders(3, OK, false)
    connection.sendData(3, bytes(5), false)
    const trailers = [{ name: 'x-sum', value: '1' }]
    connection.sendTrailers(3, trailers)
    trailers[0]!.value = 'not\na value'
    trailers.push({ name: ':path', value: '/' })
    expect(bench.answers().slice(1)).toEqual(['DATA 3 5', 'HEADERS 3 x-sum=1 END_STREAM'])
  })

  it('what is not a string is a UsageError, and nothing has been sent of it', () => {
    const bench = asked()
    const { connection } = bench
    for (const wrong of [[], ['x'], 5, null, undefined, { length: 0 }]) {
      for (const line of [
        { name: 'x', value: wrong },
        { name: wrong, value: 'x' },
      ]) {
        expect(() => connection.sendHeaders(3, [...OK, line as FieldInput], true)).toThrow(UsageError)
        expect(() => connection.sendHeaders(1, [line as FieldInput, ...OK], true)).toThrow(UsageError)
      }
    }
    connection.sendHeaders(3, OK, false)
    const trailers = [{ name: 'x', value: [] as unknown as string }]
    expect(() => connection.sendTrailers(3, trailers)).toThrow(UsageError)
    connection.sendData(3, bytes(0), true)
    expect(bench.answers()).toEqual(['HEADERS 3 :status=200', 'DATA 3 0 END_STREAM'])
  })

  it('RFC 9113 §5.1.1: a server opens no streams, and nothing is sent on an idle one', () => {
    const { connection } = asked()
    expect(() => connection.openStream(GET, true)).toThrow('RFC 9113 §5.1.1')
    for (const id of [0, 2, 5, 99]) {
      expect(() => connection.sendHeaders(id, OK, true)).toThrow(UsageError)
      expect(() => connection.sendData(id, bytes(1), true)).toThrow(UsageError)
      expect(() => connection.sendTrailers(id, [])).toThrow(UsageError)
      expect(() => connection.reset(id)).toThrow(UsageError)
      expect(() => connection.consumed(id, 1)).toThrow(UsageError)
    }
    expect(connection.hasOutput).toBe(false)
  })
  it('RFC 9113 §5.1: on a stream that the peer ended behind the caller’s back, commands do nothing', () => {
    const bench = asked()
    bench.wire.reset(1, 8).windowUpdate(3, 0)
    bench.deliver()
    bench.answers()
    for (const id of [1, 3]) {
      bench.connection.sendHeaders(id, OK, false)
      expect(bench.connection.sendData(id, bytes(1), false)).toBe(true)
      bench.connection.sendTrailers(id, [])
      bench.connection.reset(id)
    }
    expect(bench.connection.hasOutput).toBe(false)
  })
  it('RFC 9113 §8.1: a whole response before the whole request, then RST_STREAM(NO_ERROR)', () => {
    const bench = asked()
    bench.connection.sendHeaders(1, OK, true)
    bench.connection.reset(1, 0)
    expect(bench.answers()).toEqual(['HEADERS 1 :status=200 END_STREAM', 'RST_STREAM 1 NO_ERROR'])
    bench.wire.data(1, 100).end(1, 100)
    expect(bench.deliver()).toEqual([])
  })
})

describe('a client’s request', () => {
  it('RFC 9113 §8.1: header section, data, trailers', () => {
    const bench = new Bench(CLIENT)
    const id = bench.connection.openStream(POST, false)
    bench.connection.sendData(id, bytes(3), false)
    bench.connection.sendTrailers(id, fields({ 'x-sum': '1' }))
    expect(bench.answers().slice(1)).toEqual(['DATA 1 3', 'HEADERS 1 x-sum=1 END_STREAM'])
    expect(() => bench.connection.sendHeaders(id, OK, false)).toThrow('openStream')
    expect(() => bench.connection.sendData(id, bytes(1), false)).toThrow('ended')
  })
  it('RFC 9113 §6.4: a reset is one RST_STREAM, no event, and drops what is queued', () => {
    const bench = new Bench(CLIENT)
    const id = bench.connection.openStream(POST, false)
    bench.answers()
    bench.connection.sendData(id, bytes(5000), true)
    bench.connection.reset(id)
    bench.connection.reset(id)
    expect(bench.answers()).toEqual(['RST_STREAM 1 CANCEL'])
    expect(drain(bench.connection)).toEqual([])
    expect([bench.connection.openStreams, bench.connection.queuedBytes(id)]).toEqual([0, 0])
  })
})

describe('the queue', () => {
  it('says when it is full and when it has drained, once each time', () => {
    const bench = new Bench({ role: 'client', sendHighWaterMark: 1000 })
    const { connection } = bench
    const id = connection.openStream(POST, false)
    bench.answers()
    expect(connection.sendData(id, bytes(999), false)).toBe(true)
    expect(connection.sendData(id, bytes(1), false)).toBe(false)
    expect(connection.sendData(id, bytes(500), false)).toBe(false)
    expect(connection.queuedBytes(id)).toBe(1500)
    connection.takeOutput(900)
    expect(drain(connection)).toEqual([])
    connection.takeOutput(100)
    expect(drain(connection).map(word)).toEqual(['StreamWritable 1'])
    expect(connection.queuedBytes(id)).toBe(500)
    connection.takeOutput(1000)
    expect(drain(connection)).toEqual([])
    expect(connection.sendData(id, bytes(999), false)).toBe(true)
  })
  it('RFC 9113 §6.1: pieces are joined in order, and END_STREAM is on the last frame', () => {
    const bench = new Bench(CLIENT)
    const id = bench.connection.openStream(POST, false)
    bench.answers()
    const body = Uint8Array.from({ length: 40_000 }, (_, i) => i * 13)
    for (let at = 0, n = 1; at < body.length; at += n, n = (n * 7 + 1) % 5000)
      bench.connection.sendData(id, body.slice(at, at + n), false)
    bench.connection.sendData(id, bytes(0), true)
    const frames = bench.frames()
    const sent = frames.map((frame) => (frame.kind === 'DATA' ? Buffer.from(frame.data) : Buffer.alloc(0)))
    expect(Buffer.compare(Buffer.concat(sent), body)).toBe(0)
    expect(frames.map((frame) => frame.flags & END_STREAM)).toEqual([...frames.slice(1).map(() => 0), END_STREAM])
  })
  it('streams take turns, one frame each', () => {
    const bench = new Bench(CLIENT)
    for (const size of [40_000, 10, 20_000]) {
      const id = bench.connection.openStream(POST, false)
      bench.connection.sendData(id, bytes(size), true)
    }
    expect(bench.answers().slice(3)).toEqual([
      'DATA 1 16384',
      'DATA 3 10 END_STREAM',
      'DATA 5 16384',
      'DATA 1 16384',
      'DATA 5 3616 END_STREAM',
      'DATA 1 7232 END_STREAM',
    ])
  })
  it('knows of long bodies beside tunnels, for a second after either', () => {
    const bench = new Bench(CLIENT)
    const { connection } = bench
    const tunnel = connection.openStream(fields({ ':method': 'CONNECT', ':authority': 'a:7' }), false)
    const upload = connection.openStream(POST, false)
    const sent = (id: number, size: number, now: number) => {
      connection.sendData(id, bytes(size), false)
      connection.takeOutput(65_536, now)
      return connection.isShared
    }
    expect(connection.isShared).toBe(false)
    expect(sent(tunnel, 1, 1000)).toBe(false)
    expect(sent(upload, 16_383, 1000)).toBe(false)
    expect(sent(upload, 16_384, 1999)).toBe(true)
    expect(sent(upload, 16_384, 2000)).toBe(false)
    expect(sent(tunnel, 1, 2999)).toBe(true)
    expect(sent(tunnel, 1, 3000)).toBe(false)
  })

  it('takeOutput keeps to about the size that it is given, and its chunks are never empty', () => {
    const bench = new Bench(CLIENT)
    for (let i = 0; i < 3; i++) {
      const id = bench.connection.openStream(POST, false)
      bench.connection.sendData(id, bytes(3000), false)
      bench.connection.sendData(id, bytes(3000), true)
    }
    const sizes: number[] = []
    for (let n = 0; bench.connection.hasOutput && n < 100; n++) {
      const chunks = bench.connection.takeOutput(1000)
      expect(chunks.every((chunk) => chunk.length > 0)).toBe(true)
      sizes.push(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
    }
    expect(Math.max(...sizes)).toBeLessThan(1200)
    expect(sizes.reduce((sum, n) => sum + n)).toBeGreaterThan(18_000)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
  })
  it('large chunks go out as views of the caller’s memory, small ones as copies', () => {
    const bench = new Bench(CLIENT)
    const id = bench.connection.openStream(POST, false)
    bench.answers()
    const large = bytes(10_000)
    const small = bytes(100)
    bench.connection.sendData(id, large, false)
    bench.connection.sendData(id, small, true)
    const buffers = bench.connection.takeOutput(1 << 20).map((chunk) => chunk.buffer)
    expect(buffers).toContain(large.buffer)
    expect(buffers).not.toContain(small.buffer)
  })
})

describe('options', () => {
  it('RFC 9113 §6.9.1: a window that is none is a UsageError', () => {
    for (const size of [0, -1, 0.5, 2 ** 31, Number.NaN]) {
      expect(() => new Connection({ role: 'server', streamWindow: size })).toThrow(UsageError)
      expect(() => new Connection({ role: 'server', connectionWindow: size })).toThrow(UsageError)
    }
  })
  it('RFC 9113 §4.2: so is a frame size out of range', () => {
    for (const maxFrameSize of [16_383, 2 ** 24])
      expect(() => new Connection({ role: 'client', maxFrameSize })).toThrow(UsageError)
  })
  it('RFC 9113 §4.2: a larger frame size than the default is taken', () => {
    const bench = new Bench({ role: 'server', maxFrameSize: 50_000 })
    bench.wire.headers(1, POST).data(1, 50_000).data(1, 50_001)
    expect(bench.deliver()).toEqual([
      'HeadersReceived 1 request',
      'DataReceived 1 50000',
      'StreamReset 1 local FRAME_SIZE_ERROR',
    ])
  })
})

it('an observer sees frames with a fault too', () => {
  const seen: string[] = []
  const frameReceived = (type: number, _flags: number, streamId: number, length: number) =>
    seen.push(`${type} ${streamId} ${length}`)
  const bench = new Bench({ role: 'server', observer: { frameReceived } })
  bench.wire.headers(1, POST)
  bench.deliver()
  seen.length = 0
  bench.wire.windowUpdate(1, 0).data(1, 16_385).settings([]).raw(FrameType.PING, 0, new Uint8Array(7))
  bench.deliver()
  expect(seen).toEqual(['8 1 4', '0 1 16385', '4 0 0', '6 0 7'])
})

it('an observer sees the windows that we grant, as they are used and given back', () => {
  const seen: string[] = []
  const bench = new Bench({
    role: 'server',
    streamWindow: 1000,
    connectionWindow: 65_535,
    observer: { windowChanged: (streamId, direction, size) => seen.push(`${direction} ${streamId} ${size}`) },
  })
  bench.wire.headers(1, POST).data(1, 600)
  bench.deliver()
  bench.connection.consumed(1, 600)
  expect(seen).toEqual(['receive 0 64935', 'receive 1 400', 'receive 1 1000'])
})

it('an observer sees frames, states and windows, and changes nothing', () => {
  const seen: string[] = []
  const observed = new Connection({
    role: 'client',
    observer: {
      frameReceived: (type, flags, streamId, length) => seen.push(`in ${type} ${flags} ${streamId} ${length}`),
      frameSent: (type, flags, streamId) => seen.push(`out ${type} ${flags} ${streamId}`),
      stateChanged: (streamId, from, to) => seen.push(`${streamId}: ${from} > ${to}`),
      windowChanged: (streamId, direction, size) => seen.push(`${direction} ${streamId} ${size}`),
    },
  })
  const server = new Connection(SERVER)
  exchange(observed, server)
  seen.length = 0
  const id = observed.openStream(POST, false)
  observed.sendData(id, latin1Encode('hello'), true)
  exchange(observed, server)
  server.sendHeaders(id, OK, true)
  exchange(observed, server)
  expect(seen).toEqual([
    '1: IDLE > OPEN',
    'out 1 4 1',
    'out 0 1 1',
    'send 1 262139',
    'send 0 1048571',
    '1: OPEN > HALF_CLOSED_LOCAL',
    'in 1 5 1 1',
    '1: HALF_CLOSED_LOCAL > CLOSED',
  ])
})

it('RFC 9113 §5.1.1: a client that has used all stream identifiers opens no more', () => {
  const core = new Core({ role: 'client' })
  core.highestOwnId = 2 ** 31 - 3
  expect(openStream(core, GET, true)).toBe(2 ** 31 - 1)
  expect(canOpenStream(core)).toBe(false)
  expect(() => openStream(core, GET, true)).toThrow(UsageError)
})
