import { describe, expect, it } from 'vitest'
import { closePayload, type FrameSpec, frame, join, replay } from './frames.ts'
import { binary, bytes, continuation, KEY, text, verify, type WireCase } from './wire-case.ts'

const BIG = 1n << 63n
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

describe('what is refused', () => {
  for (const wire of refusals) {
    it(wire.title, () => {
      const code = Number(/ (\d+) RFC/.exec(wire.events.at(-1) ?? '')?.[1])
      verify({ ...wire, answers: [...(wire.answers ?? []), ...close(code)] })
    })
  }
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
})
