import { describe } from 'vitest'
import { Flag, FrameType, Setting } from '../../src/frames/index.ts'
import type { FieldInput } from '../../src/hpack/index.ts'
import { type Bench, fields, GET, OK, POST } from './support.ts'
import type { Wire } from './wire.ts'
import { CLIENT, connectionFault, END_STREAM, lawful, SERVER } from './wire-case.ts'

/** Opens a field block on stream 1 with its first octets; answers those that are left. */
const begun = (wire: Wire, lines: readonly FieldInput[] = GET): Uint8Array => {
  const block = wire.block(lines)
  wire.opening(1, block.slice(0, 3), END_STREAM)
  return block.slice(3)
}

const update = { kind: 'PRIORITY_UPDATE', streamId: 0, flags: 0, prioritizedStreamId: 1, value: 'u=1' } as const
const altSvc = { kind: 'ALTSVC', streamId: 0, flags: 0, origin: 'https://a.example', value: 'clear' } as const
const origin = { kind: 'ORIGIN', streamId: 0, flags: 0, origins: ['https://a.example'] } as const

/** Frames of every type; also those that would be ignored elsewhere, and those with a fault of their own. */
const intruders: readonly (readonly [name: string, write: (wire: Wire) => void])[] = [
  ['DATA', (wire) => wire.data(1, 'x')],
  ['padded DATA', (wire) => wire.data(1, 'xyz', END_STREAM, 4)],
  ['HEADERS', (wire) => wire.headers(3, GET)],
  ['HEADERS of the same stream', (wire) => wire.headers(1, GET)],
  ['PRIORITY', (wire) => wire.priority(1)],
  ['RST_STREAM', (wire) => wire.reset(1, 8)],
  ['SETTINGS', (wire) => wire.settings([])],
  ['a SETTINGS acknowledgement', (wire) => wire.acknowledge()],
  ['PUSH_PROMISE', (wire) => wire.promise(1, 2, GET)],
  ['PING', (wire) => wire.ping('12345678')],
  ['a PING acknowledgement', (wire) => wire.ping('12345678', Flag.ACK)],
  ['GOAWAY', (wire) => wire.goAway(0, 0)],
  ['WINDOW_UPDATE', (wire) => wire.windowUpdate(0, 1)],
  ['WINDOW_UPDATE of the stream', (wire) => wire.windowUpdate(1, 1)],
  ['CONTINUATION of another stream', (wire) => wire.continuation(3, new Uint8Array(0))],
  ['CONTINUATION of stream 2', (wire) => wire.continuation(2, new Uint8Array(0))],
  ['CONTINUATION of stream 0', (wire) => wire.continuation(0, new Uint8Array(0))],
  ['PRIORITY_UPDATE', (wire) => wire.frame(update)],
  ['ALTSVC', (wire) => wire.frame(altSvc)],
  ['ALTSVC of the stream', (wire) => wire.frame({ ...altSvc, streamId: 1, origin: '' })],
  ['ORIGIN', (wire) => wire.frame(origin)],
  ['an unknown frame', (wire) => wire.raw(0x4a, 1)],
  ['an unknown frame on stream 0', (wire) => wire.raw(0x4a, 0, new Uint8Array(5), 0xff)],
  ['a frame with a stream error of its own', (wire) => wire.windowUpdate(1, 0)],
  ['a frame with a connection error of its own', (wire) => wire.raw(FrameType.PING, 0, new Uint8Array(7))],
]

const asked = ({ connection }: Bench): void => void connection.openStream(GET, true)
const answer = fields({ ':status': '200', server: 'a' })

describe('what breaks into a field block', () => {
  for (const [name, write] of intruders) {
    // RFC 9113 §5.5 says it of unknown frames once more: elsewhere they are discarded.
    const section = name === 'an unknown frame' ? '§5.5' : '§6.2'
    const broken = { section: 'RFC 9113 §6.10' }
    connectionFault(
      `RFC 9113 ${section}: ${name} inside a field block is a connection error PROTOCOL_ERROR`,
      'PROTOCOL_ERROR',
      {
        options: SERVER,
        wire: (wire) => {
          const rest = begun(wire)
          write(wire)
          wire.continuation(1, rest)
        },
      },
      broken,
    )
    connectionFault(
      `RFC 9113 §6.10: ${name} between two CONTINUATIONs is a connection error PROTOCOL_ERROR`,
      'PROTOCOL_ERROR',
      {
        options: SERVER,
        wire: (wire) => {
          const rest = begun(wire)
          wire.continuation(1, rest.slice(0, 2), 0)
          write(wire)
          wire.continuation(1, rest.slice(2))
        },
      },
      broken,
    )
    connectionFault(
      `RFC 9113 §6.2: ${name} inside trailers is a connection error PROTOCOL_ERROR`,
      'PROTOCOL_ERROR',
      {
        options: SERVER,
        before: ({ wire }) => wire.headers(1, POST).data(1, 'body'),
        wire: (wire) => {
          const rest = begun(wire, fields({ 'x-checksum': 'abc' }))
          write(wire)
          wire.continuation(1, rest)
        },
      },
      broken,
    )
    connectionFault(
      `RFC 9113 §6.6: ${name} inside the field block of a promise is a connection error PROTOCOL_ERROR`,
      'PROTOCOL_ERROR',
      {
        options: { role: 'client', enablePush: true },
        before: asked,
        wire: (wire) => {
          const block = wire.block(GET)
          const fragment = block.slice(0, 3)
          wire.frame({ kind: 'PUSH_PROMISE', streamId: 1, flags: 0, promisedStreamId: 2, fragment })
          write(wire)
          wire.continuation(1, block.slice(3))
        },
      },
      broken,
    )
    connectionFault(
      `RFC 9113 §6.2: ${name} inside a response’s field block is a connection error PROTOCOL_ERROR`,
      'PROTOCOL_ERROR',
      {
        options: CLIENT,
        before: asked,
        wire: (wire) => {
          const rest = begun(wire, answer)
          write(wire)
          wire.continuation(1, rest)
        },
      },
      broken,
    )
  }
})

describe('the order of frames', () => {
  connectionFault(
    'RFC 9113 §6.10: CONTINUATION after END_HEADERS is a connection error PROTOCOL_ERROR',
    'PROTOCOL_ERROR',
    {
      options: SERVER,
      wire: (wire) => wire.headers(1, POST).continuation(1, new Uint8Array(0)),
    },
  )
  connectionFault(
    'RFC 9113 §6.10: CONTINUATION after no HEADERS is a connection error PROTOCOL_ERROR',
    'PROTOCOL_ERROR',
    {
      options: CLIENT,
      before: ({ connection }) => void connection.openStream(GET, true),
      wire: (wire) => wire.continuation(1, wire.block(OK)),
    },
  )
  lawful(
    'RFC 9113 §6.10: a field block may come in any number of fragments, empty ones too, and END_STREAM of HEADERS holds',
    {
      options: SERVER,
      wire: (wire) => {
        const rest = begun(wire)
        wire.continuation(1, new Uint8Array(0), 0)
        for (const octet of rest.slice(0, 5)) wire.continuation(1, Uint8Array.of(octet), 0)
        wire.continuation(1, rest.slice(5))
      },
    },
    ['HeadersReceived 1 request END_STREAM'],
    [],
  )
  connectionFault(
    'RFC 9113 §5.4.1: the GOAWAY of an error names the last stream received',
    'PROTOCOL_ERROR',
    {
      options: SERVER,
      before: ({ wire }) => wire.headers(1, POST).headers(7, GET, END_STREAM),
      wire: (wire) => wire.settings([[Setting.MAX_FRAME_SIZE, 1]]),
    },
    { last: 7 },
  )
})
