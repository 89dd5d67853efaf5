import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeflateParameters, MessageReceived } from '../../src/websocket/index.ts'
import { deflating } from './deflate-peer.ts'
import { drain, join } from './frames.ts'
import { RUNS, seed } from './property.ts'
import { wsReads, wsSends } from './ws-deflate-peer.ts'

const bits = fc.integer({ min: 9, max: 15 })
const parameters: fc.Arbitrary<DeflateParameters> = fc.record({
  serverNoContextTakeover: fc.boolean(),
  clientNoContextTakeover: fc.boolean(),
  serverMaxWindowBits: bits,
  clientMaxWindowBits: bits,
})

/** Some bytes again and again, more or less of them: what can be compressed, and what refers to messages before. */
const message = fc
  .tuple(
    fc.uint8Array({ minLength: 0, maxLength: 30 }),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 0, max: 12 }),
  )
  .map(([unit, times, shift]) => {
    const rounds = times ** 2
    return Uint8Array.from({ length: unit.length * rounds }, (_, i) => unit[(i + (i >> shift)) % unit.length])
  })
const messages = fc.array(message, { minLength: 1, maxLength: 6 })
const role = fc.constantFrom('client', 'server') as fc.Arbitrary<'client' | 'server'>
const other = { client: 'server', server: 'client' } as const

/** zlib works off the thread there, which takes its time: fewer runs than elsewhere. */
const settings = { seed, numRuns: Math.ceil(RUNS / 100) }

/** Whether both lists have the same bytes; vitest's own comparison takes a second for a megabyte. */
function same(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length))
  for (const [i, bytes] of actual.entries()) expect(Buffer.compare(bytes, expected[i])).toBe(0)
}

describe('against `ws`', () => {
  it('RFC 7692 §7.2: `ws` reads what we send, by whatever parameters', async () => {
    await fc.assert(
      fc.asyncProperty(parameters, messages, role, async (agreed, sent, from) => {
        const socket = deflating(from, agreed)
        for (const data of sent) socket.sendBinary(data)
        same(await wsReads(other[from], agreed, join(...socket.takeOutput()), sent.length), sent)
      }),
      settings,
    )
  })

  it('RFC 7692 §7.2: we read what `ws` sends, in any fragments and chunks', async () => {
    const size = fc.integer({ min: 1, max: 3000 })
    const cut = fc.integer({ min: 1, max: 5 })
    await fc.assert(
      fc.asyncProperty(parameters, messages, role, size, cut, async (agreed, sent, from, chunk, parts) => {
        const pieces = sent.map((data) => {
          const length = Math.ceil(data.length / parts)
          return Array.from({ length: parts }, (_, i) => data.subarray(i * length, (i + 1) * length))
        })
        const wire = await wsSends(from, agreed, pieces)
        const socket = deflating(other[from], agreed)
        for (let at = 0; at < wire.length; at += chunk) socket.receive(wire.slice(at, at + chunk))
        same(
          (drain(socket) as MessageReceived[]).map(({ data }) => data),
          sent,
        )
      }),
      settings,
    )
  })

  it('RFC 7692 §7.2.1: what we send is hardly longer than what `ws` sends', async () => {
    const agreed = {
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    }
    const sent = Array.from({ length: 100 }, (_, i) => {
      const items = Array.from({ length: 25 }, (_, n) => ({
        id: i * 25 + n,
        value: Math.imul(i * 25 + n, 2_654_435_761) >>> 8,
        ok: n % 3 === 0,
      }))
      return new Uint8Array(Buffer.from(JSON.stringify({ page: i, items })))
    })
    const socket = deflating('server', agreed)
    for (const data of sent) socket.sendBinary(data)
    const theirs = await wsSends(
      'server',
      agreed,
      sent.map((data) => [data]),
    )
    expect(socket.pendingOutput).toBeLessThan(theirs.length * 1.1)
  })
})
