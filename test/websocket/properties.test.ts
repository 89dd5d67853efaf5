import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CloseCode } from '../../src/websocket/index.ts'
import { connection, drain, type FrameSpec, frame, join, replay, show, utf8 } from './frames.ts'
import { check } from './property.ts'
import { ws, wsEvents } from './ws-peer.ts'

type Role = 'client' | 'server'

const role = fc.constantFrom<Role>('client', 'server')
const maskingKey = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
/** Mostly small, sometimes across the borders of the length forms and of the fast paths. */
const payload = fc.oneof(
  { arbitrary: fc.uint8Array({ maxLength: 20 }), weight: 8 },
  {
    arbitrary: fc.integer({ min: 110, max: 400 }).map((size) => new Uint8Array(size).map((_, i) => i * 31)),
    weight: 2,
  },
)
const text = fc.oneof(
  { arbitrary: fc.string({ unit: 'binary', maxLength: 12 }), weight: 6 },
  { arbitrary: fc.integer({ min: 110, max: 400 }).map((size) => 'aé€😀'.repeat(size / 4)), weight: 1 },
)
const controls = fc.array(fc.record({ opcode: fc.constantFrom(9, 10), payload: fc.uint8Array({ maxLength: 10 }) }), {
  maxLength: 2,
})
const cuts = fc.array(fc.nat(2000), { maxLength: 6 })

interface Message {
  readonly text: boolean
  readonly data: Uint8Array
  readonly cuts: readonly number[]
  readonly controls: readonly FrameSpec[]
}

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ text: fc.constant(true), data: text.map(utf8), cuts, controls }),
  fc.record({ text: fc.constant(false), data: payload, cuts, controls }),
)

/** `bytes` cut at the given places, taken modulo its length; pieces may be empty. */
function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const borders = at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)
  return [...borders, bytes.length].map((end, i) => bytes.slice(i === 0 ? 0 : borders[i - 1], end))
}

/** The frames of a message in fragments, its control frames after the first of them. */
function fragments({ text: isText, data, cuts: at, controls: between }: Message): FrameSpec[] {
  const pieces = cut(data, at)
  const specs = pieces.map((piece, i) => ({
    opcode: i > 0 ? 0 : isText ? 1 : 2,
    fin: i === pieces.length - 1,
    payload: piece,
  }))
  return [specs[0], ...between, ...specs.slice(1)]
}

function eventsOf({ text: isText, data, cuts: at, controls: between }: Message): string[] {
  const whole = show({ type: 'MessageReceived', text: isText, data })
  const others = between.map(({ opcode, payload: bytes = '' }) =>
    show({ type: opcode === 9 ? 'PingReceived' : 'PongReceived', data: utf8(bytes) }),
  )
  // Without a cut the control frames come behind the message.
  return at.length === 0 ? [whole, ...others] : [...others, whole]
}

function receiveAll(to: Role, pieces: readonly Uint8Array[]): string[] {
  const socket = connection(to)
  const events = pieces.flatMap((piece) => {
    socket.receive(piece)
    return drain(socket)
  })
  return events.map(show)
}

describe('round trips', () => {
  it('RFC 6455 §5.4: messages in any fragments, cut anywhere, arrive whole in both directions', () => {
    check(
      fc.property(fc.array(message, { maxLength: 4 }), maskingKey, cuts, role, (messages, key, at, to) => {
        const specs = messages.flatMap(fragments)
        const wire = join(...specs.map((spec) => frame(to === 'server' ? { ...spec, key } : spec)))
        expect(receiveAll(to, cut(wire, at))).toEqual(messages.flatMap(eventsOf))
      }),
    )
  })

  it('RFC 6455 §5.2: what one end sends the other reports, cut anywhere', () => {
    check(
      fc.property(fc.array(message, { maxLength: 4 }), cuts, role, (messages, at, to) => {
        const from = connection(to === 'server' ? 'client' : 'server')
        const pieces: Uint8Array[] = []
        for (const { text: isText, data, cuts: when } of messages) {
          if (!isText) from.sendBinary(data)
          else if (!from.sendTextString(Buffer.from(data).toString())) from.sendText(data)
          if (when.length > 2) pieces.push(...from.takeOutput())
        }
        from.close(CloseCode.NORMAL_CLOSURE)
        pieces.push(...from.takeOutput())
        const expected = messages.map(({ text: isText, data }) => show({ type: 'MessageReceived', text: isText, data }))
        expect(receiveAll(to, cut(join(...pieces), at))).toEqual([...expected, 'close 1000 ""', 'closed 1000 clean'])
      }),
    )
  })
})

/** Frames of all sorts, right ones more often than wrong ones. */
const anyFrame: fc.Arbitrary<FrameSpec> = fc.record({
  opcode: fc.oneof({ arbitrary: fc.constantFrom(0, 1, 2, 9, 10), weight: 12 }, { arbitrary: fc.nat(15), weight: 1 }),
  fin: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
  rsv: fc.integer({ min: 0, max: 40 }).map((n) => (n > 36 ? n - 36 : 0)),
  payload: fc.oneof(
    { arbitrary: text.map(utf8), weight: 6 },
    { arbitrary: payload, weight: 2 },
    {
      arbitrary: fc
        .constantFrom(1000, 1001, 1005, 2000, 3000, 5000)
        .map((code) => Uint8Array.of(code >> 8, code & 255)),
      weight: 1,
    },
  ),
})

/** Once in a while across the border of the 64-bit length. */
const anySize = fc.oneof(
  { arbitrary: payload, weight: 20 },
  { arbitrary: fc.integer({ min: 65_530, max: 65_540 }).map((size) => new Uint8Array(size)), weight: 1 },
)

describe('any bytes', () => {
  const wires = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(fc.array(anyFrame, { maxLength: 6 }), maskingKey, fc.boolean()).map(([specs, key, masked]) => {
      return join(...specs.map((spec) => frame(masked ? { ...spec, key } : spec)))
    }),
  )

  it('RFC 6455 §5: never throw, end at most once and never go on after the end', () => {
    check(
      fc.property(wires, role, (wire, to) => {
        const { events, socket } = replay(wire, 7, to, { maxMessageSize: 1000 })
        const end = events.findIndex((line) => line.startsWith('closed'))
        expect(end === -1 ? socket.state : end).toBe(end === -1 ? 'open' : events.length - 1)
      }),
    )
  })

  it('RFC 6455 §5: give the same events and answers however they are cut', () => {
    check(
      fc.property(wires, role, fc.integer({ min: 1, max: 40 }), (wire, to, size) => {
        const limits = { maxMessageSize: 300, maxEmptyFragments: 1 }
        const whole = replay(wire, Math.max(1, wire.length), to, limits)
        const pieces = replay(wire, size, to, limits)
        expect(pieces.events).toEqual(whole.events)
        expect(pieces.output).toEqual(whole.output)
      }),
    )
  })

  it('RFC 6455 §5: are read as `ws` reads them, up to the same fault', () => {
    check(
      fc.property(fc.array(anyFrame, { maxLength: 6 }), maskingKey, role, (specs, key, to) => {
        const wire = join(...specs.map((spec) => frame(to === 'server' ? { ...spec, key } : spec)))
        const ours = replay(wire, wire.length + 1, to, { maxMessageSize: 500 }).events
        const theirs = wsEvents(wire, to, 500)
        const fault = /^closed 1006 unclean (\d+)/.exec(ours.at(-1) ?? '')?.[1]
        const read = ours.filter((line) => !line.startsWith('closed'))
        // `ws` looks at text only when it is complete: by then it may have reported control frames, or met another fault.
        if (fault === '1007') expect(theirs.slice(0, read.length)).toEqual(read)
        else expect(theirs).toEqual(fault === undefined ? read : [...read, `fault ${fault}`])
      }),
    )
  })

  it('RFC 6455 §5.2: are framed as `ws` frames them', () => {
    check(
      fc.property(anySize, role, (data, from) => {
        const socket = connection(from)
        socket.sendBinary(data)
        const ours = join(...socket.takeOutput())
        const generateMask = (mask: Uint8Array): void => mask.set([37, 74, 111, 148])
        const mask = from === 'client'
        const options = {
          fin: true,
          opcode: 2,
          mask,
          rsv1: false,
          readOnly: true,
          generateMask,
          maskBuffer: Buffer.alloc(4),
        }
        expect(Buffer.compare(ours, join(...ws.Sender.frame(Buffer.from(data), options)))).toBe(0)
      }),
    )
  })
})

describe('large messages', () => {
  it('RFC 6455 §5.4: a large message that comes in large and small chunks keeps its bytes in order', () => {
    const data = new Uint8Array(100_000).map((_, i) => i * 7 + (i >> 8))
    const specs = fragments({ text: false, data, cuts: [10, 5000, 5001, 70_000], controls: [] })
    const wire = join(...specs.map((spec) => frame({ ...spec, key: [1, 2, 3, 4] })))
    for (const size of [1000, 4096, 5000, 16_384, 50_000]) {
      const server = connection('server')
      for (let at = 0; at < wire.length; at += size) server.receive(wire.slice(at, at + size))
      const [event] = drain(server)
      expect(event.type === 'MessageReceived' && Buffer.compare(event.data, data)).toBe(0)
    }
  })

  it('RFC 6455 §5.4: a message in a hundred thousand fragments of one byte is one message', () => {
    const server = connection('server')
    const first = frame({ opcode: 2, fin: false, payload: 'x', key: [1, 2, 3, 4] })
    const more = frame({ opcode: 0, fin: false, payload: 'x', key: [1, 2, 3, 4] })
    const chunk = join(...new Array(1000).fill(more))
    server.receive(first)
    for (let i = 0; i < 100; i++) server.receive(chunk.slice())
    server.receive(frame({ opcode: 0, payload: 'y', key: [1, 2, 3, 4] }))
    const [event] = drain(server)
    expect(show(event)).toBe(`binary "${'x'.repeat(100_001)}y"`)
  })
})
