import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeflateParameters, MessageReceived } from '../../src/websocket/index.ts'
import { deflated, deflating, RSV1 } from './deflate-peer.ts'
import { drain, type FrameSpec, frame, join, show } from './frames.ts'
import { RUNS, seed } from './property.ts'

/** Each run compresses something: fewer of them than elsewhere. */
const settings = { seed, numRuns: Math.ceil(RUNS / 20) }

const role = fc.constantFrom('client', 'server') as fc.Arbitrary<'client' | 'server'>
const bits = fc.integer({ min: 8, max: 15 })
const parameters: fc.Arbitrary<DeflateParameters> = fc.record({
  serverNoContextTakeover: fc.boolean(),
  clientNoContextTakeover: fc.boolean(),
  serverMaxWindowBits: bits,
  clientMaxWindowBits: bits,
})
const message = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(40))
  .map(([unit, times]) => new Uint8Array(Buffer.from(unit.repeat(times))))

/** Compressed payloads, right ones and spoilt ones. */
const payload = fc.oneof(
  message.map((data) => deflated(data)),
  fc.tuple(message, fc.nat(1000), fc.nat(255)).map(([data, at, byte]) => {
    const bytes = deflated(data)
    if (bytes.length > 0) bytes[at % bytes.length] ^= byte
    return bytes
  }),
  fc.uint8Array({ maxLength: 30 }),
)
const anyFrame: fc.Arbitrary<FrameSpec> = fc.record({
  opcode: fc.constantFrom(1, 2, 2, 0, 9),
  fin: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
  rsv: fc.integer({ min: 0, max: 9 }).map((n) => (n < 6 ? RSV1 : n === 9 ? 2 : 0)),
  payload,
})
const other = { client: 'server', server: 'client' } as const

describe('compressed messages', () => {
  it('RFC 7692 §7.2: what one end sends the other reports, whatever was agreed on', () => {
    const sent = fc.array(fc.record({ data: message, compress: fc.boolean() }), { maxLength: 8 })
    fc.assert(
      fc.property(parameters, sent, role, fc.nat(30), (agreed, messages, from, threshold) => {
        const socket = deflating(from, agreed, { deflate: { threshold } })
        for (const { data, compress } of messages) socket.sendBinary(data, { compress })
        const peer = deflating(other[from], agreed)
        for (const chunk of socket.takeOutput()) peer.receive(chunk.slice())
        const read = (drain(peer) as MessageReceived[]).map(({ data }) => data)
        expect(read.length).toBe(messages.length)
        for (const [i, data] of read.entries()) expect(Buffer.compare(data, messages[i].data)).toBe(0)
      }),
      settings,
    )
  })

  it('RFC 7692 §7.2.2: any frames are read without throwing, the same however they are cut, up to one end', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 6 }),
        parameters,
        fc.integer({ min: 1, max: 50 }),
        (specs, agreed, size) => {
          const wire = join(...specs.map((spec) => frame({ ...spec, key: [1, 2, 3, 4] })))
          const [whole, pieces] = [wire.length + 1, size].map((step) => {
            const socket = deflating('server', agreed, { limits: { maxMessageSize: 300, maxEmptyFragments: 1 } })
            const lines: string[] = []
            for (let at = 0; at < wire.length; at += step) {
              socket.receive(wire.slice(at, at + step))
              lines.push(...drain(socket).map(show))
            }
            return lines
          })
          expect(pieces).toEqual(whole)
          const end = whole.findIndex((line) => line.startsWith('closed'))
          expect(end === -1 || end === whole.length - 1).toBe(true)
        },
      ),
      settings,
    )
  })
})
