import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { backend, deflating, largest } from './deflate-peer.ts'
import { connection, drain, frame, join, show, utf8 } from './frames.ts'
import { bytes, KEY } from './wire-case.ts'

const RSV1 = 4

/** `text` as one block: `begin` is the bits of its header. */
function deflated(text: string | Uint8Array, level = 6): Uint8Array {
  return new Uint8Array(deflateRawSync(utf8(text), { level, finishFlush: 2 })).slice(0, -4)
}

/** What a server reports of frames that a client has sent, at every chunk size given. */
function received(frames: readonly Uint8Array[], limits = {}, parameters = {}): string[] {
  const wire = join(...frames)
  const results = [1, 2, 7, wire.length].map((size) => {
    const socket = deflating('server', parameters, { limits })
    const events: string[] = []
    for (let at = 0; at < wire.length; at += size) {
      socket.receive(wire.slice(at, at + size))
      events.push(...drain(socket).map(show))
    }
    return events
  })
  for (const events of results) expect(events).toEqual(results[0])
  return results[0]
}

const compressed = (payload: Uint8Array, more = {}): Uint8Array =>
  frame({ opcode: 1, rsv: RSV1, payload, key: KEY, ...more })
const HELLO = bytes(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00)

describe('the examples of the RFC', () => {
  it('RFC 7692 §7.2.3.1: a message in one DEFLATE block', () => {
    expect(received([compressed(HELLO)])).toEqual(['text "Hello"'])
  })

  it('RFC 7692 §7.2.3.1: a message in fragments, only the first of which has RSV1', () => {
    const rest = frame({ opcode: 0, payload: HELLO.slice(3), key: KEY })
    expect(received([compressed(HELLO.slice(0, 3), { fin: false }), rest])).toEqual(['text "Hello"'])
  })

  it('RFC 7692 §7.2.3.2: the second message refers to the first', () => {
    const second = bytes(0xf2, 0x00, 0x11, 0x00, 0x00)
    expect(received([compressed(HELLO), compressed(second)])).toEqual(['text "Hello"', 'text "Hello"'])
    expect(received([compressed(HELLO), compressed(HELLO)])).toEqual(['text "Hello"', 'text "Hello"'])
  })

  it('RFC 7692 §7.2.3.3: a DEFLATE block without compression', () => {
    const stored = bytes(0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00)
    expect(received([compressed(stored)])).toEqual(['text "Hello"'])
  })

  it('RFC 7692 §7.2.3.4: a final DEFLATE block, the octet 00 behind it', () => {
    const final = bytes(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00)
    expect(received([compressed(final)])).toEqual(['text "Hello"'])
  })

  it('RFC 7692 §7.2.3.5: two DEFLATE blocks in one message', () => {
    const two = bytes(0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00)
    expect(received([compressed(two)])).toEqual(['text "Hello"'])
  })

  it('RFC 7692 §7.2.3.6: an empty message', () => {
    expect(received([compressed(bytes(0x00)), compressed(HELLO)])).toEqual(['text ""', 'text "Hello"'])
  })
})
