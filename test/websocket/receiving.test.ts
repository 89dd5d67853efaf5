import { describe, expect, it } from 'vitest'
import { WebSocketConnection } from '../../src/websocket/index.ts'
import { closePayload, frame, replay } from './frames.ts'
import { binary, bytes, continuation, text, verify, type WireCase } from './wire-case.ts'

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
    title: 'RFC 6455 §5.5.2: several Pings are answered one by one',
    frames: [{ opcode: 9, payload: 'a' }, text('t'), { opcode: 9, payload: 'b' }, { opcode: 9, payload: 'c' }],
    events: ['ping "a"', 'text "t"', 'ping "b"', 'ping "c"'],
    answers: ['a', 'b', 'c'].map((payload) => ({ opcode: 10, payload })),
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
    title: 'RFC 6455 §5.5.1: a Close is answered with its code and reason, what comes after it ignored',
    frames: [{ opcode: 9 }, { opcode: 8, payload: closePayload(3000, 'grüß') }, text('late'), { opcode: 15, rsv: 7 }],
    events: ['ping ""', 'close 3000 "grÃ¼Ã\u009f"', 'closed 3000 clean'],
    answers: [{ opcode: 10 }, { opcode: 8, payload: closePayload(3000, 'grüß') }],
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

describe('what is taken', () => {
  for (const wire of acceptances) it(wire.title, () => verify(wire))
})

describe('unmasking', () => {
  it('RFC 6455 §5.3: a key of zeros is a key', () => {
    expect(replay(frame({ ...text('one'), key: [0, 0, 0, 0] }), 3, 'server').events).toEqual(['text "one"'])
  })

  it('RFC 6455 §5.7: the masked example of the RFC', () => {
    const wire = bytes(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58)
    expect(replay(wire, 11, 'server').events).toEqual(['text "Hello"'])
  })
})

describe('what waits to be drained', () => {
  it('is counted, and while the chunk is not read to its end there may be more than anything', () => {
    const socket = new WebSocketConnection({ role: 'client', random: () => {} })
    expect(socket.hasMoreThan(0)).toBe(false)
    socket.receive(Uint8Array.of(0x82, 0, 0x82, 0, 0x82, 0))
    expect([2, 3].map((count) => socket.hasMoreThan(count))).toEqual([true, false])
    socket.nextEvent()
    expect([1, 2].map((count) => socket.hasMoreThan(count))).toEqual([true, false])
    socket.nextEvent()
    socket.nextEvent()
    expect(socket.hasMoreThan(0)).toBe(false)
    const long = new Uint8Array(10 + 2 ** 20)
    long.set([0x82, 127, 0, 0, 0, 0, 0, 16, 0, 0])
    const chunk = new Uint8Array(2 * long.length)
    chunk.set(long)
    chunk.set(long, long.length)
    socket.receive(chunk)
    expect(socket.hasMoreThan(100)).toBe(true)
    socket.nextEvent()
    socket.nextEvent()
    expect([socket.nextEvent(), socket.hasMoreThan(0)]).toEqual([undefined, false])
  })
})
