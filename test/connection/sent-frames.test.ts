import { describe, expect, it } from 'vitest'
import { concat } from '../../src/bytes/index.ts'
import { Connection } from '../../src/connection/index.ts'
import { ErrorCode, UsageError } from '../../src/errors/index.ts'
import { CONNECTION_PREFACE, Flag, FrameType, frameTypeName } from '../../src/frames/index.ts'
import { Bench, drain, exchange, fields, GET, OK, POST } from './support.ts'
import { CLIENT, END_STREAM, SERVER } from './wire-case.ts'

/** A frame as it stands on the wire. */
interface RawFrame {
  readonly type: number
  readonly flags: number
  /** With the reserved bit before it. */
  readonly id: number
  readonly payload: Buffer
}

/** Cuts the output of an endpoint into frames without the reader of the library, which would hide a reserved bit. */
function rawFrames(output: Uint8Array): RawFrame[] {
  const bytes = Buffer.from(output)
  const frames: RawFrame[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 9 + bytes.readUIntBE(at, 3)
    frames.push({
      type: bytes[at + 3]!,
      flags: bytes[at + 4]!,
      id: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + 9, end),
    })
    at = end
  }
  return frames
}

/** RFC 9113 §6: the flags that each type defines, and the numbers in its payload that have a reserved bit before them. */
const defined: Readonly<Record<number, number>> = {
  [FrameType.DATA]: Flag.END_STREAM | Flag.PADDED,
  [FrameType.HEADERS]: Flag.END_STREAM | Flag.END_HEADERS | Flag.PADDED | Flag.PRIORITY,
  [FrameType.CONTINUATION]: Flag.END_HEADERS,
  [FrameType.SETTINGS]: Flag.ACK,
  [FrameType.PING]: Flag.ACK,
}
const reserved: readonly number[] = [FrameType.GOAWAY, FrameType.WINDOW_UPDATE, FrameType.PRIORITY_UPDATE]

/** An exchange in which every kind of frame that we send is sent. */
function allKinds(): RawFrame[] {
  const client = new Connection({ role: 'client', streamWindow: 65_535 })
  const server = new Connection({ role: 'server', streamWindow: 65_535 })
  const sent: Uint8Array[] = []
  const carry = (from: Connection, to: Connection): void => {
    for (let event = from.nextEvent(); event !== undefined; event = from.nextEvent()) {
      if (event.type === 'DataReceived') from.consumed(event.streamId, event.data.length)
    }
    const bytes = concat(from.takeOutput(1 << 20))
    to.receive(bytes, 1)
    const preface = sent.length === 0 ? CONNECTION_PREFACE.length : 0
    sent.push(bytes.slice(preface))
  }
  const both = (): void => {
    for (let n = 0; n < 4; n++) {
      carry(client, server)
      carry(server, client)
    }
  }
  both()
  client.ping(new Uint8Array(8), 1)
  client.prioritize(3, { urgency: 1, incremental: true })
  client.openStream(POST, false)
  client.sendData(1, new Uint8Array(50_000), false)
  client.sendTrailers(1, fields({ 'x-long': '{|}~^`'.repeat(8000) }))
  client.openStream(POST, false)
  client.reset(3)
  both()
  server.sendHeaders(1, OK, true)
  server.goAway(ErrorCode.ENHANCE_YOUR_CALM)
  both()
  return rawFrames(concat(sent))
}

describe('what we send', () => {
  it('RFC 9113 §4.1: in what we send, every undefined flag and reserved bit is unset', () => {
    const frames = allKinds()
    const kinds = new Set(frames.map(({ type }) => frameTypeName(type)))
    const { PRIORITY, PUSH_PROMISE, ALTSVC, ORIGIN, ...ours } = FrameType
    expect([PRIORITY, PUSH_PROMISE, ALTSVC, ORIGIN].filter((type) => kinds.has(frameTypeName(type)))).toEqual([])
    expect([...kinds].sort()).toEqual(Object.keys(ours).sort())
    for (const { type, flags, id, payload } of frames) {
      const name = frameTypeName(type)
      expect(flags & ~(defined[type] ?? 0), name).toBe(0)
      expect(id, name).toBeLessThan(2 ** 31)
      if (reserved.includes(type)) expect(payload.readUInt32BE(0), name).toBeLessThan(2 ** 31)
    }
  })

  it('RFC 9113 §4.3: the frames of a field block are sent in one run, whatever waits to be sent', () => {
    const bench = new Bench(CLIENT)
    const { connection } = bench
    const long = [...POST, { name: 'x-long', value: '{|}~^`'.repeat(8000) }]
    connection.openStream(POST, false)
    connection.sendData(1, new Uint8Array(30_000), false)
    connection.openStream(long, false)
    connection.ping(new Uint8Array(8), 1)
    connection.sendData(3, new Uint8Array(30_000), false)
    connection.sendTrailers(1, fields({ 'x-long': '{|}~^`'.repeat(8000) }))
    connection.reset(connection.openStream(long, false))
    const output: Uint8Array[] = []
    // A little at a time, with more frames that want to go first: they must wait for the end of a block.
    for (let n = 0; connection.hasOutput && n < 1000; n++) {
      output.push(...connection.takeOutput(1000).map((chunk) => chunk.slice()))
      bench.wire.ping('01234567')
      bench.deliver()
    }
    let open = 0
    let blocks = 0
    for (const { type, flags, id } of rawFrames(concat(output))) {
      if (open !== 0) expect([frameTypeName(type), id]).toEqual(['CONTINUATION', open])
      else expect(frameTypeName(type)).not.toBe('CONTINUATION')
      if (type !== FrameType.HEADERS && type !== FrameType.CONTINUATION) continue
      open = (flags & Flag.END_HEADERS) === 0 ? id : 0
      if (type === FrameType.HEADERS && open !== 0) blocks += 1
    }
    expect([open, blocks]).toEqual([0, 3])
  })
})

describe('frames that have no window', () => {
  it('RFC 9113 §5.2.2: with every window used up, other frames are still read, answered and sent', () => {
    // Each side has sent all that it may, and neither has taken what it was sent.
    const settings = { streamWindow: 65_535, connectionWindow: 65_535 }
    const client = new Connection({ role: 'client', ...settings })
    const server = new Connection({ role: 'server', ...settings })
    exchange(client, server)
    client.openStream(POST, false)
    client.sendData(1, new Uint8Array(100_000), false)
    exchange(client, server)
    server.sendHeaders(1, OK, false)
    server.sendData(1, new Uint8Array(100_000), false)
    exchange(client, server)
    expect([client.queuedBytes(1), server.queuedBytes(1)]).toEqual([34_465, 34_465])

    client.ping(new Uint8Array(8), 2)
    client.openStream(GET, true)
    const told = exchange(client, server)
    expect(told.server.map(({ type }) => type)).toEqual(['PingReceived', 'HeadersReceived'])
    expect(told.client.map(({ type }) => type)).toEqual(['PingAcknowledged'])
    server.sendHeaders(3, OK, false)
    server.sendTrailers(3, fields({ 'x-sum': '1' }))
    expect(exchange(client, server).client.map(({ type }) => type)).toEqual([
      'HeadersReceived',
      'HeadersReceived',
      'StreamClosed',
    ])
    // What frees the way again is such a frame too.
    server.consumed(1, 65_535)
    exchange(client, server)
    expect([client.queuedBytes(1), server.queuedBytes(1)]).toEqual([0, 34_465])
    client.reset(1)
    expect(exchange(client, server).server).toMatchObject([{ type: 'StreamReset', streamId: 1 }])
  })
})

describe('REFUSED_STREAM', () => {
  it('RFC 9113 §8.7: REFUSED_STREAM of our own is for requests that nobody was told of', () => {
    const bench = new Bench({ ...SERVER, limits: { maxConcurrentStreams: 2 } })
    const told: number[] = []
    const refused: number[] = []
    for (let id = 1; id < 40; id += 2) {
      // Every third request ends at once, some are malformed, and one is answered now and then.
      bench.wire.headers(id, id % 7 === 0 ? fields({ ':method': 'GET' }) : POST, id % 3 === 0 ? END_STREAM : 0)
      bench.wire.data(id, 'body', END_STREAM)
      for (const event of bench.events()) {
        if (event.type === 'HeadersReceived') told.push(event.streamId)
      }
      if (id % 5 === 0) for (const open of told.splice(0, 1)) bench.connection.sendHeaders(open, OK, true)
      for (const frame of bench.frames()) {
        if (frame.kind !== 'RST_STREAM' || frame.errorCode !== ErrorCode.REFUSED_STREAM) continue
        refused.push(frame.streamId)
        expect(told).not.toContain(frame.streamId)
      }
      drain(bench.connection)
    }
    expect(refused.length).toBeGreaterThan(5)
    expect(told.length).toBeGreaterThan(0)
  })

  it('RFC 9113 §8.7: a request is refused by a server alone, and not once a response has begun', () => {
    const refuse = ({ connection }: Bench): void => connection.refuse(1, 'maxUnfinishedHandlers', 'busy')
    const client = new Bench(CLIENT)
    client.connection.openStream(POST, false)
    client.answers()
    expect(() => refuse(client)).toThrow('only a server')

    const server = new Bench(SERVER)
    server.wire.headers(1, POST).headers(3, POST)
    server.deliver()
    server.connection.sendHeaders(1, OK, false)
    expect(server.answers()).toEqual(['HEADERS 1 :status=200'])
    expect(() => refuse(server)).toThrow(UsageError)
    expect([...client.answers(), ...server.answers()]).toEqual([])
    expect(drain(server.connection)).toEqual([])
    server.connection.refuse(3, 'maxUnfinishedHandlers', 'busy')
    expect(server.answers()).toEqual(['RST_STREAM 3 REFUSED_STREAM'])
  })
})
