import { describe, expect, it } from 'vitest'
import type { MessageReceived } from '../../src/websocket/index.ts'
import { echoed, echoOf } from './echo.ts'
import { closePayload, type FrameSpec, frame, join, show, utf8 } from './frames.ts'
import { binary, bytes, continuation, KEY, text } from './wire-case.ts'

/** What the Autobahn test suite asks of an echo server, by the numbers of its cases. Compression is in another file. */
interface EchoCase {
  readonly title: string
  readonly frames: readonly FrameSpec[]
  readonly expected: readonly string[]
}

const FAILED = 'close 1002 ""'
const INVALID = 'close 1007 ""'
const ping = (payload: string | Uint8Array = ''): FrameSpec => ({ opcode: 9, payload })
const pong = (payload: string | Uint8Array = ''): FrameSpec => ({ opcode: 10, payload })
const close = (payload: string | Uint8Array = ''): FrameSpec => ({ opcode: 8, payload })
const octets = (size: number, byte: number): Uint8Array => new Uint8Array(size).fill(byte)
const line = (kind: 'text' | 'binary', data: string | Uint8Array): string =>
  show({ type: 'MessageReceived', text: kind === 'text', data: utf8(data) })
const pongLine = (data: string | Uint8Array): string => show({ type: 'PongReceived', data: utf8(data) })
/** A text message with each octet in a frame of its own. */
const octetWise = (data: Uint8Array): FrameSpec[] =>
  [...data].map((octet, i) => ({ opcode: i === 0 ? 1 : 0, fin: i === data.length - 1, payload: bytes(octet) }))

const sizes = [0, 125, 126, 127, 128, 65_535, 65_536]
const scraps = bytes(0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff)
const fe = octets(125, 0xfe)

const framing: EchoCase[] = [
  ...sizes.map((size) => ({
    title: `RFC 6455 §5.2: text of ${size} octets comes back (1.1)`,
    frames: [text('*'.repeat(size))],
    expected: [line('text', '*'.repeat(size))],
  })),
  ...sizes.map((size) => ({
    title: `RFC 6455 §5.2: ${size} octets come back (1.2)`,
    frames: [binary(octets(size, 0xfe))],
    expected: [line('binary', octets(size, 0xfe))],
  })),
  ...[utf8(''), utf8('Hello, world!'), scraps, fe].map((payload) => ({
    title: `RFC 6455 §5.5.2: a Ping with ${payload.length} octets is answered with them (2.1-2.4, 2.6)`,
    frames: [ping(payload)],
    expected: [pongLine(payload)],
  })),
  {
    title: 'RFC 6455 §5.5: a Ping with 126 octets fails the connection (2.5)',
    frames: [ping(octets(126, 0xfe))],
    expected: [FAILED],
  },
  {
    title: 'RFC 6455 §5.5.3: Pongs that nobody asked for get no answer, a Ping behind them does (2.7-2.9)',
    frames: [pong(), pong('unsolicited'), ping('ping')],
    expected: [pongLine('ping')],
  },
  {
    title: 'RFC 6455 §5.5.2: ten Pings get ten Pongs in their order (2.10, 2.11)',
    frames: Array.from({ length: 10 }, (_, i) => ping(`payload ${i}`)),
    expected: Array.from({ length: 10 }, (_, i) => pongLine(`payload ${i}`)),
  },
  ...[1, 2, 3, 4, 5, 6, 7].map((rsv) => ({
    title: `RFC 6455 §5.2: the reserved bits ${rsv} fail the connection, what came before is answered (3.1-3.5)`,
    frames: [text('small'), text('small', { rsv }), ping()],
    expected: [line('text', 'small'), FAILED],
  })),
  ...[
    ['Ping', { ...ping(), rsv: 6 }],
    ['Close', { ...close(), rsv: 7 }],
  ].map(([name, spec]) => ({
    title: `RFC 6455 §5.2: reserved bits in a ${name} fail the connection (3.6, 3.7)`,
    frames: [spec as FrameSpec],
    expected: [FAILED],
  })),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => ({
    title: `RFC 6455 §5.2: the reserved opcode ${opcode}, with payload and without, fails the connection (4.1, 4.2)`,
    frames: [text('before'), { opcode, payload: opcode % 2 === 0 ? 'payload' : '' }, ping()],
    expected: [line('text', 'before'), FAILED],
  })),
]

const fragmentation: EchoCase[] = [
  {
    title: 'RFC 6455 §5.5: a Ping in two fragments fails the connection (5.1)',
    frames: [{ ...ping('fragment1'), fin: false }, continuation('fragment2')],
    expected: [FAILED],
  },
  {
    title: 'RFC 6455 §5.5: a Pong in two fragments fails the connection (5.2)',
    frames: [{ ...pong('fragment1'), fin: false }, continuation('fragment2')],
    expected: [FAILED],
  },
  {
    title: 'RFC 6455 §5.4: text in two fragments comes back whole (5.3-5.5)',
    frames: [text('fragment1', { fin: false }), continuation('fragment2')],
    expected: [line('text', 'fragment1fragment2')],
  },
  {
    title: 'RFC 6455 §5.4: a Ping between two fragments is answered before the message (5.6-5.8)',
    frames: [text('fragment1', { fin: false }), ping('ping'), continuation('fragment2')],
    expected: [pongLine('ping'), line('text', 'fragment1fragment2')],
  },
  ...[true, false].map((fin) => ({
    title: `RFC 6455 §5.4: a continuation of nothing with FIN ${fin} fails the connection (5.9-5.14)`,
    frames: [continuation('non-continuation', { fin }), text('Hello')],
    expected: [FAILED],
  })),
  ...[true, false].map((fin) => ({
    title: `RFC 6455 §5.4: a continuation behind a whole message with FIN ${fin} fails the connection (5.15-5.17)`,
    frames: [text('1', { fin: false }), continuation('2'), continuation('3', { fin }), text('4')],
    expected: [line('text', '12'), FAILED],
  })),
  {
    title: 'RFC 6455 §5.4: text inside a text message fails the connection (5.18)',
    frames: [text('fragment1', { fin: false }), text('fragment2')],
    expected: [FAILED],
  },
  {
    title: 'RFC 6455 §5.4: five fragments with Pings between them (5.19, 5.20)',
    frames: [
      text('fragment1', { fin: false }),
      continuation('fragment2', { fin: false }),
      ping('pongme 1!'),
      continuation('fragment3', { fin: false }),
      continuation('fragment4', { fin: false }),
      ping('pongme 2!'),
      continuation('fragment5'),
    ],
    expected: [
      pongLine('pongme 1!'),
      pongLine('pongme 2!'),
      line('text', 'fragment1fragment2fragment3fragment4fragment5'),
    ],
  },
]

const greek = 'κόσμε'
const sentence = 'Hello-µ@ßöäüàá-UTF-8!!'
/** Good, then a surrogate, then good. */
const edited = join(utf8(greek), bytes(0xed, 0xa0, 0x80), utf8('edited'))
const validText: Record<string, string> = {
  'a sentence (6.2)': sentence,
  'the first sequence of each length (6.7)': '\0\u0080\u0800\u{10000}',
  'the last sequence of each length (6.9)': '\u007f\u07ff\uffff\u{10ffff}',
  'the sequences around the surrogates (6.11)': '\ud7ff\ue000\ufffd\u{10ffff}',
  'noncharacters (6.22)': '\ufffe\uffff\u{1fffe}\u{1ffff}\u{8fffe}\u{10fffe}\u{10ffff}',
  'the replacement character (6.23)': '\ufff9\ufffa\ufffb\ufffc\ufffd',
}
const invalidText: Record<string, readonly number[]> = {
  'sequences of five and six octets (6.8, 6.10)': [0xf8, 0x88, 0x80, 0x80, 0x80],
  'a code point above the last one (6.11.5)': [0xf4, 0x90, 0x80, 0x80],
  'continuation octets without a beginning (6.12)': [0x80, 0xbf, 0x80],
  'a beginning followed by a space (6.13)': [0xc0, 0x20, 0xe0, 0x20, 0xf0, 0x20],
  'a sequence without its last octet (6.14)': [0xe0, 0xa0],
  'octets that are in no sequence (6.16)': [0xfe, 0xfe, 0xff, 0xff],
  'an overlong slash in two octets (6.17)': [0xc0, 0xaf],
  'an overlong slash in four octets (6.17)': [0xf0, 0x80, 0x80, 0xaf],
  'the largest overlong sequence (6.18)': [0xe0, 0x9f, 0xbf],
  'an overlong zero (6.19)': [0xc0, 0x80],
  'a single surrogate (6.20)': [0xed, 0xbf, 0xbf],
  'a pair of surrogates (6.21)': [0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80],
}

const unicode: EchoCase[] = [
  {
    title: 'RFC 6455 §5.4: empty text, in one frame and in three (6.1.1, 6.1.2)',
    frames: [text(''), text('', { fin: false }), continuation('', { fin: false }), continuation('')],
    expected: [line('text', ''), line('text', '')],
  },
  {
    title: 'RFC 6455 §5.4: text between two empty fragments (6.1.3)',
    frames: [text('', { fin: false }), continuation('middle frame payload', { fin: false }), continuation('')],
    expected: [line('text', 'middle frame payload')],
  },
  ...Object.entries(validText).flatMap(([name, value]) => [
    { title: `RFC 6455 §8.1: ${name} comes back`, frames: [text(value)], expected: [line('text', value)] },
    {
      title: `RFC 6455 §8.1: ${name} comes back from a frame for each octet`,
      frames: octetWise(utf8(value)),
      expected: [line('text', value)],
    },
  ]),
  {
    title: 'RFC 6455 §8.1: invalid text fails the connection (6.3.1)',
    frames: [text(edited)],
    expected: [INVALID],
  },
  {
    title: 'RFC 6455 §8.1: invalid text fails the connection from a frame for each octet (6.3.2)',
    frames: octetWise(edited),
    expected: [INVALID],
  },
  {
    title: 'RFC 6455 §8.1: text is refused at the fragment that spoils it, not at the end of the message (6.4.1)',
    frames: [text(greek, { fin: false }), continuation(bytes(0xf4, 0x90, 0x80, 0x80), { fin: false })],
    expected: [INVALID],
  },
  {
    title: 'RFC 6455 §8.1: text is refused at the octet that spoils it (6.4.2)',
    frames: [text(join(utf8(greek), bytes(0xf4)), { fin: false }), continuation(bytes(0x90), { fin: false })],
    expected: [INVALID],
  },
  {
    title: 'RFC 6455 §8.1: text is refused inside of its frame, before the rest has come (6.4.3, 6.4.4)',
    frames: [text(join(utf8(greek), bytes(0xf4, 0x90)), { length: 40n })],
    expected: [INVALID],
  },
  ...Object.entries(invalidText).map(([name, value]) => ({
    title: `RFC 6455 §8.1: ${name}: no UTF-8`,
    frames: [text('good'), text(Uint8Array.from(value))],
    expected: [line('text', 'good'), INVALID],
  })),
]

const closing: EchoCase[] = [
  {
    title: 'RFC 6455 §5.5.1: a message, then a Close (7.1.1)',
    frames: [text('Hello'), close(closePayload(1000))],
    expected: [line('text', 'Hello'), 'close 1000 ""'],
  },
  {
    title: 'RFC 6455 §5.5.1: nothing behind a Close is answered (7.1.2-7.1.4)',
    frames: [close(closePayload(1000)), close(closePayload(1000)), ping(), text('late')],
    expected: ['close 1000 ""'],
  },
  {
    title: 'RFC 6455 §5.5.1: a Close inside of a message, whose rest comes later (7.1.5)',
    frames: [text('fragment1', { fin: false }), close(closePayload(1000)), continuation('fragment2')],
    expected: ['close 1000 ""'],
  },
  {
    title: 'RFC 6455 §5.5.1: a Close without payload is answered without one (7.3.1)',
    frames: [close()],
    expected: ['close 1005 ""'],
  },
  { title: 'RFC 6455 §5.5.1: a Close with one octet (7.3.2)', frames: [close('a')], expected: [FAILED] },
  {
    title: 'RFC 6455 §5.5.1: a Close with a reason (7.3.4)',
    frames: [close(closePayload(1000, 'Hello World!'))],
    expected: ['close 1000 "Hello World!"'],
  },
  {
    title: 'RFC 6455 §5.5.1: a Close with a reason of 123 octets (7.3.5)',
    frames: [close(closePayload(1000, '*'.repeat(123)))],
    expected: [`close 1000 "${'*'.repeat(123)}"`],
  },
  {
    title: 'RFC 6455 §5.5: a Close with a reason of 124 octets (7.3.6)',
    frames: [close(closePayload(1000, '*'.repeat(124)))],
    expected: [FAILED],
  },
  {
    title: 'RFC 6455 §8.1: a Close with a reason that is not UTF-8 (7.5.1)',
    frames: [close(closePayload(1000, edited))],
    expected: [INVALID],
  },
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999].map((code) => ({
    title: `RFC 6455 §7.4: a Close with the code ${code} is answered with it (7.7)`,
    frames: [close(closePayload(code))],
    expected: [`close ${code} ""`],
  })),
  ...[0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535].map((code) => ({
    title: `RFC 6455 §7.4: a Close with the code ${code} fails the connection (7.9, 7.13)`,
    frames: [close(closePayload(code))],
    expected: [FAILED],
  })),
]

describe.each([
  { name: 'framing', cases: framing },
  { name: 'fragmentation', cases: fragmentation },
  { name: 'UTF-8', cases: unicode },
  { name: 'closing', cases: closing },
])('an echo server, $name', ({ cases }) => {
  for (const { title, frames, expected } of cases) {
    it(title, () => {
      const length = frames.reduce((sum, { payload = '' }) => sum + payload.length, 0)
      const chunks = length < 1000 ? [1, 2, 7, Number.POSITIVE_INFINITY] : [997, Number.POSITIVE_INFINITY]
      for (const lines of echoed(frames, chunks)) expect(lines).toEqual(expected)
    })
  }
})

describe('an echo server, limits', () => {
  const MiB = 1024 * 1024
  /** The one message of the echo, which is to be `data`. */
  function comesBack(wire: Uint8Array, chunk: number, data: Uint8Array): void {
    const messages = echoOf(wire, chunk) as MessageReceived[]
    expect(messages.map(({ type }) => type)).toEqual(['MessageReceived'])
    expect(Buffer.compare(messages[0].data, data)).toBe(0)
  }

  it('RFC 6455 §5.2: messages of 16 MiB, the most that is allowed, come back (9.1, 9.2)', () => {
    const data = octets(16 * MiB, 0x2a)
    const key = KEY
    for (const opcode of [1, 2]) {
      const head = frame({ opcode, length: BigInt(data.length), key })
      comesBack(
        join(
          head,
          data.map((octet, i) => octet ^ key[i & 3]),
        ),
        65_536,
        data,
      )
    }
    const [lines] = echoed([binary('', { length: BigInt(16 * MiB) + 1n })], [100])
    expect(lines).toEqual(['close 1009 ""'])
  })

  it('RFC 6455 §5.4: 4 MiB in 65536 fragments of 64 octets come back (9.3, 9.4)', () => {
    const fragment = frame({ opcode: 0, fin: false, payload: octets(64, 0x2a), key: KEY })
    const count = (4 * MiB) / 64
    const wire = join(...new Array<Uint8Array>(count).fill(fragment))
    wire[0] |= 2
    wire[wire.length - fragment.length] |= 0x80
    comesBack(wire, 65_536, octets(4 * MiB, 0x2a))
  })

  it('RFC 6455 §5.2: 1 MiB in chunks of 64 octets comes back (9.5, 9.6)', () => {
    const data = octets(MiB, 0x2a)
    comesBack(frame({ opcode: 2, payload: data, key: KEY }), 64, data)
  })

  it('RFC 6455 §5.2: a thousand messages of each size come back (9.7, 9.8)', () => {
    for (const size of [0, 16, 64, 256, 1024]) {
      const wire = join(...new Array<Uint8Array>(1000).fill(frame(binary(octets(size, 1), { key: KEY }))))
      const messages = echoOf(wire, 10_000) as MessageReceived[]
      expect(messages).toHaveLength(1000)
      expect(messages.every(({ data }) => data.length === size)).toBe(true)
    }
  })

  it('RFC 6455 §5.4: 64 KiB in fragments of 1300 octets come back whole (10.1)', () => {
    const data = octets(65_536, 0x2a)
    const count = Math.ceil(data.length / 1300)
    const frames = Array.from({ length: count }, (_, i) =>
      frame({
        opcode: i === 0 ? 1 : 0,
        fin: i === count - 1,
        payload: data.slice(i * 1300, (i + 1) * 1300),
        key: KEY,
      }),
    )
    comesBack(join(...frames), 1300, data)
  })
})
