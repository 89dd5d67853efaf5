import { describe, expect, it } from 'vitest'
import { closePayload, type FrameSpec, frame, join, replay } from './frames.ts'

/** What a server gets is masked; the key is fixed, so that a case is the same bytes each time. */
const KEY = [0x37, 0xfa, 0x21, 0x3d]
const BIG = 1n << 63n

interface WireCase {
  readonly title: string
  /** As the client sends them to a server; a client gets the same without the mask. */
  readonly frames: readonly FrameSpec[]
  readonly events: readonly string[]
  /** What is written meanwhile, by the server. */
  readonly answers?: readonly FrameSpec[]
  readonly limits?: { maxMessageSize?: number; maxEmptyFragments?: number }
}

const text = (payload: string | Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec => ({
  opcode: 1,
  payload,
  ...more,
})
const binary = (payload: string | Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec => ({
  opcode: 2,
  payload,
  ...more,
})
const continuation = (payload: string | Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec => ({
  opcode: 0,
  payload,
  ...more,
})
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const closed = (code: number, section: string): string[] => [`closed 1006 unclean ${code} RFC 6455 ${section}`]
const close = (code: number): FrameSpec[] => [{ opcode: 8, payload: closePayload(code) }]

const refusals: WireCase[] = [
  ...[1, 2, 4, 7].map((rsv) => ({
    title: `RFC 6455 §5.2: reserved bits ${rsv} without an extension fail the connection`,
    frames: [text('one'), text('two', { rsv })],
    events: ['text "one"', ...closed(1002, '§5.2')],
  })),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => ({
    title: `RFC 6455 §5.2: the reserved opcode ${opcode} fails the connection`,
    frames: [text('one'), { opcode, payload: 'x' }],
    events: ['text "one"', ...closed(1002, '§5.2')],
  })),
  {
    title: 'RFC 6455 §5.2: a length below 126 in 16 bits is refused',
    frames: [binary('x'.repeat(125), { extended: 2 })],
    events: closed(1002, '§5.2'),
  },
  {
    title: 'RFC 6455 §5.2: a length below 65536 in 64 bits is refused',
    frames: [binary('', { length: 65_535n, extended: 8 })],
    events: closed(1002, '§5.2'),
  },
  {
    title: 'RFC 6455 §5.2: a 64-bit length with its highest bit set is refused',
    frames: [binary('', { length: BIG })],
    events: closed(1002, '§5.2'),
  },
  ...[BIG - 1n, 1n << 53n, (1n << 53n) - 1n, 1n << 32n, (1n << 32n) + 5n, 1n << 31n].map((length) => ({
    title: `RFC 6455 §10.4: a frame of ${length} bytes is refused at its header`,
    frames: [text('one'), binary('', { length })],
    events: ['text "one"', ...closed(1009, '§10.4')],
  })),
  {
    title: 'RFC 6455 §10.4: a frame one byte above the limit is refused before its payload',
    frames: [binary('', { length: 201n })],
    limits: { maxMessageSize: 200 },
    events: closed(1009, '§10.4'),
  },
  {
    title: 'RFC 6455 §10.4: fragments that exceed the limit together are refused at the header of the one that does',
    frames: [
      text('x'.repeat(100), { fin: false }),
      continuation('y'.repeat(60), { fin: false }),
      continuation('', { length: 41n }),
    ],
    limits: { maxMessageSize: 200 },
    events: closed(1009, '§10.4'),
  },
  {
    title: 'RFC 6455 §10.4: empty fragments above the limit are refused',
    frames: [
      text('', { fin: false }),
      continuation('a', { fin: false }),
      continuation('', { fin: false }),
      continuation('', { fin: false }),
    ],
    limits: { maxEmptyFragments: 2 },
    events: closed(1008, '§10.4'),
  },
  {
    title: 'RFC 6455 §5.4: a continuation without a message is refused',
    frames: [text('one'), continuation('two')],
    events: ['text "one"', ...closed(1002, '§5.4')],
  },
  {
    title: 'RFC 6455 §5.4: a continuation after the last fragment is refused',
    frames: [text('a', { fin: false }), continuation('b'), continuation('c')],
    events: ['text "ab"', ...closed(1002, '§5.4')],
  },
  {
    title: 'RFC 6455 §5.4: a text frame inside a fragmented message is refused',
    frames: [text('a', { fin: false }), text('b')],
    events: closed(1002, '§5.4'),
  },
  {
    title: 'RFC 6455 §5.4: a binary frame inside a fragmented message is refused',
    frames: [text('a', { fin: false }), { opcode: 9 }, binary('b', { fin: false })],
    events: ['ping ""', ...closed(1002, '§5.4')],
    answers: [{ opcode: 10 }],
  },
  ...[8, 9, 10].map((opcode) => ({
    title: `RFC 6455 §5.5: a fragmented control frame ${opcode} is refused`,
    frames: [{ opcode, fin: false }],
    events: closed(1002, '§5.5'),
  })),
  ...[8, 9, 10].map((opcode) => ({
    title: `RFC 6455 §5.5: a control frame ${opcode} of 126 bytes is refused`,
    frames: [{ opcode, payload: 'x'.repeat(126) }],
    events: closed(1002, '§5.5'),
  })),
  {
    title: 'RFC 6455 §5.5.1: a Close frame with half a code is refused',
    frames: [{ opcode: 8, payload: bytes(3) }],
    events: closed(1002, '§5.5.1'),
  },
  ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code) => ({
    title: `RFC 6455 §7.4: the close code ${code} on the wire is refused`,
    frames: [{ opcode: 8, payload: closePayload(code) }],
    events: closed(1002, '§7.4'),
  })),
  {
    title: 'RFC 6455 §7.1.6: a close reason that is not UTF-8 is refused',
    frames: [{ opcode: 8, payload: closePayload(1000, bytes(0x61, 0xff)) }],
    events: closed(1007, '§8.1'),
  },
  {
    title: 'RFC 6455 §7.1.6: a close reason that ends inside a code point is refused',
    frames: [{ opcode: 8, payload: closePayload(1000, bytes(0xe2, 0x82)) }],
    events: closed(1007, '§8.1'),
  },
  {
    title: 'RFC 6455 §8.1: text that is not UTF-8 is refused, the messages before it delivered',
    frames: [text('one'), binary(bytes(0xff)), text(bytes(0x61, 0xff, 0x62))],
    events: ['text "one"', 'binary "ÿ"', ...closed(1007, '§8.1')],
  },
  {
    title: 'RFC 6455 §8.1: text that ends inside a code point is refused',
    frames: [text(bytes(0x61, 0xe2, 0x82))],
    events: closed(1007, '§8.1'),
  },
  {
    title: 'RFC 6455 §8.1: ASCII where a continuation byte belongs is refused, across fragments too',
    frames: [text(bytes(0xe2, 0x82), { fin: false }), continuation('abc')],
    events: closed(1007, '§8.1'),
  },
  {
    title: 'RFC 6455 §8.1: a surrogate is refused at its second byte, in an unfinished fragment of an unfinished frame',
    frames: [text(bytes(0x61, 0xed, 0xa0), { fin: false, length: 1000n })],
    events: closed(1007, '§8.1'),
  },
  {
    title: 'RFC 6455 §8.1: a message cut inside a code point by an empty last fragment is refused',
    frames: [text(bytes(0xc3), { fin: false }), continuation('')],
    events: closed(1007, '§8.1'),
  },
]

const acceptances: WireCase[] = [
  { title: 'RFC 6455 §5.7: a text message in one frame', frames: [text('Hello')], events: ['text "Hello"'] },
  {
    title: 'RFC 6455 §5.4: fragments are one message, of the kind the first one says',
    frames: [text('Hel', { fin: false }), continuation('', { fin: false }), continuation('lo'), binary('x')],
    events: ['text "Hello"', 'binary "x"'],
  },
  {
    title: 'RFC 6455 §5.4: control frames come between fragments',
    frames: [
      binary('a', { fin: false }),
      { opcode: 9, payload: 'p' },
      continuation('b', { fin: false }),
      { opcode: 10, payload: 'q' },
      continuation('c'),
    ],
    events: ['ping "p"', 'pong "q"', 'binary "abc"'],
    answers: [{ opcode: 10, payload: 'p' }],
  },
  {
    title: 'RFC 6455 §5.4: empty messages are messages',
    frames: [text(''), binary(''), text('', { fin: false }), continuation('')],
    events: ['text ""', 'binary ""', 'text ""'],
  },
  {
    title: 'RFC 6455 §5.4: empty fragments are counted for each message anew, the last one not at all',
    frames: [
      ...[1, 2, 3].flatMap(() => [text('', { fin: false }), continuation('', { fin: false }), continuation('')]),
      text('end'),
    ],
    limits: { maxEmptyFragments: 2 },
    events: ['text ""', 'text ""', 'text ""', 'text "end"'],
  },
  ...[125, 126, 127, 300].map((size) => ({
    title: `RFC 6455 §5.2: a message of ${size} bytes`,
    frames: [binary('x'.repeat(size)), text('end')],
    events: [`binary "${'x'.repeat(size)}"`, 'text "end"'],
  })),
  {
    title:
      'RFC 6455 §10.4: messages exactly as long as the limit are taken, one after the other, whole and in fragments',
    frames: [
      binary('x'.repeat(200)),
      text('y'.repeat(150), { fin: false }),
      continuation('z'.repeat(50)),
      binary('x'.repeat(200)),
    ],
    limits: { maxMessageSize: 200 },
    events: [
      `binary "${'x'.repeat(200)}"`,
      `text "${'y'.repeat(150)}${'z'.repeat(50)}"`,
      `binary "${'x'.repeat(200)}"`,
    ],
  },
  {
    title: 'RFC 6455 §5.5: a Ping may be longer than the limit for messages, and come inside one that is full',
    frames: [text('abcd', { fin: false }), { opcode: 9, payload: 'ping!' }, continuation('')],
    limits: { maxMessageSize: 4 },
    events: ['ping "ping!"', 'text "abcd"'],
    answers: [{ opcode: 10, payload: 'ping!' }],
  },
  {
    title: 'RFC 6455 §8.1: code points may be cut by fragments anywhere',
    frames: [
      text(bytes(0xf0), { fin: false }),
      continuation(bytes(0x9f, 0x98), { fin: false }),
      continuation(bytes(0x80, 0x21)),
    ],
    events: ['text "ð\u009f\u0098\u0080!"'],
  },
  {
    title: 'RFC 6455 §5.5.2: a Ping is answered with its payload',
    frames: [{ opcode: 9, payload: 'x'.repeat(125) }],
    events: [`ping "${'x'.repeat(125)}"`],
    answers: [{ opcode: 10, payload: 'x'.repeat(125) }],
  },
  {
    title: 'RFC 6455 §5.5.3: of several Pings the latest one may be answered alone',
    frames: [{ opcode: 9, payload: 'a' }, text('t'), { opcode: 9, payload: 'b' }, { opcode: 9, payload: 'c' }],
    events: ['ping "a"', 'text "t"', 'ping "b"', 'ping "c"'],
    answers: [{ opcode: 10, payload: 'c' }],
  },
  {
    title: 'RFC 6455 §5.5: control frames of different sizes in a row',
    frames: [1, 3, 0, 2, 5].map((size) => ({ opcode: 10, payload: 'abcde'.slice(0, size) })),
    events: ['pong "a"', 'pong "abc"', 'pong ""', 'pong "ab"', 'pong "abcde"'],
  },
  {
    title: 'RFC 6455 §5.5.3: a Pong nobody asked for is no fault and gets no answer',
    frames: [{ opcode: 10, payload: 'unasked' }],
    events: ['pong "unasked"'],
  },
  {
    title: 'RFC 6455 §5.5.1: a Close is answered with its code, what comes after it ignored',
    frames: [{ opcode: 9 }, { opcode: 8, payload: closePayload(3000, 'grüß') }, text('late'), { opcode: 15, rsv: 7 }],
    events: ['ping ""', 'close 3000 "grÃ¼Ã\u009f"', 'closed 3000 clean'],
    answers: [{ opcode: 10 }, { opcode: 8, payload: closePayload(3000) }],
  },
  {
    title: 'RFC 6455 §7.1.5: a Close without a code stands for 1005 and is answered without one',
    frames: [{ opcode: 8 }],
    events: ['close 1005 ""', 'closed 1005 clean'],
    answers: [{ opcode: 8 }],
  },
  {
    title: 'RFC 6455 §5.4: a Close inside a fragmented message ends it undelivered',
    frames: [text('never', { fin: false }), { opcode: 8, payload: closePayload(1001) }],
    events: ['close 1001 ""', 'closed 1001 clean'],
    answers: [{ opcode: 8, payload: closePayload(1001) }],
  },
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map((code) => ({
    title: `RFC 6455 §7.4: the close code ${code} is taken`,
    frames: [{ opcode: 8, payload: closePayload(code) }],
    events: [`close ${code} ""`, `closed ${code} clean`],
    answers: [{ opcode: 8, payload: closePayload(code) }],
  })),
]

/** Runs a case in both roles at every chunk size. */
function verify({ frames, events, answers = [], limits }: WireCase): void {
  const forServer = join(...frames.map((spec) => frame({ ...spec, key: KEY })))
  const forClient = join(...frames.map(frame))
  const answer = join(...answers.map(frame))
  for (let size = 1; size <= forServer.length; size++) {
    const server = replay(forServer, size, 'server', limits)
    expect(server.events, `server, chunks of ${size}`).toEqual(events)
    expect(server.output, `server, chunks of ${size}`).toEqual(answer)
    const client = replay(forClient, size, 'client', limits)
    expect(client.events, `client, chunks of ${size}`).toEqual(events)
    // A client masks its answers: every frame is four bytes longer, and the server side reads them.
    expect(client.output.length).toBe(answer.length + 4 * answers.length)
  }
}

describe('what is refused', () => {
  for (const wire of refusals) {
    it(wire.title, () => {
      const code = Number(/ (\d+) RFC/.exec(wire.events.at(-1) ?? '')?.[1])
      verify({ ...wire, answers: [...(wire.answers ?? []), ...close(code)] })
    })
  }
})

describe('what is taken', () => {
  for (const wire of acceptances) it(wire.title, () => verify(wire))
})

describe('masking by role', () => {
  const fault = ['text "one"', ...closed(1002, '§5.1')]

  it('RFC 6455 §5.1: a server refuses an unmasked frame before it delivers any of it', () => {
    const wire = join(frame({ ...text('one'), key: KEY }), frame(text('two')), frame({ ...text('three'), key: KEY }))
    for (let size = 1; size <= wire.length; size++) expect(replay(wire, size, 'server').events).toEqual(fault)
  })

  it('RFC 6455 §5.1: a client refuses a masked frame', () => {
    const wire = join(frame(text('one')), frame({ ...text('two'), key: KEY }))
    for (let size = 1; size <= wire.length; size++) expect(replay(wire, size, 'client').events).toEqual(fault)
  })

  it('RFC 6455 §5.3: a key of zeros is a key', () => {
    expect(replay(frame({ ...text('one'), key: [0, 0, 0, 0] }), 3, 'server').events).toEqual(['text "one"'])
  })

  it('RFC 6455 §5.7: the masked example of the RFC', () => {
    const wire = bytes(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58)
    expect(replay(wire, 11, 'server').events).toEqual(['text "Hello"'])
  })
})
