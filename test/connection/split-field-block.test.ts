import { describe, expect, it } from 'vitest'
import type { ConnectionEvent } from '../../src/connection/index.ts'
import { Flag } from '../../src/frames/index.ts'
import { faults } from '../hpack/faults.ts'
import { bytes } from '../hpack/support.ts'
import { Bench, fields } from './support.ts'
import type { Wire } from './wire.ts'
import { connectionFault, SERVER } from './wire-case.ts'

/** A fragment goes in HEADERS, the next ones in CONTINUATION, the last one with END_HEADERS. RFC 9113 §4.3. */
function sendBlock(wire: Wire, streamId: number, fragments: readonly Uint8Array[]): void {
  fragments.forEach((fragment, i) => {
    const last = i === fragments.length - 1 ? Flag.END_HEADERS : 0
    if (i === 0) wire.opening(streamId, fragment, last | Flag.END_STREAM)
    else wire.continuation(streamId, fragment, last)
  })
}

/** What the endpoint tells its caller and its peer. */
function outcome(blocks: readonly Uint8Array[], split: (block: Uint8Array) => Uint8Array[]): unknown {
  const bench = new Bench(SERVER)
  const events: ConnectionEvent[] = []
  blocks.forEach((block, i) => {
    // The last one is cut: what came before it is in the tables.
    sendBlock(bench.wire, 2 * i + 1, i === blocks.length - 1 ? split(block) : [block])
    events.push(...bench.events())
  })
  const told = events.map((event) =>
    'error' in event && event.error !== undefined
      ? { ...event, error: { ...event.error, code: event.error.code, reason: event.error.message } }
      : event,
  )
  return JSON.parse(JSON.stringify({ told, answers: bench.answers() }))
}

/** Every way to cut a block once, and every way to cut it twice (of long ones a share), with empty fragments too. */
function* cuts(length: number): Generator<readonly number[]> {
  for (let first = 0; first <= length; first++) {
    yield [first]
    for (let second = first; second <= length; second += length > 100 ? 11 : 1) yield [first, second]
  }
}

const cut = (block: Uint8Array, places: readonly number[]): Uint8Array[] =>
  [0, ...places].map((start, i) => block.slice(start, places[i] ?? block.length))

const requests: readonly (readonly [what: string, ...blocks: string[]])[] = [
  ['indexed fields of the static table', '82 87 84 01 0161'],
  [
    'Huffman strings and entries that are new',
    '82 86 84 41 8c f1e3c2e5f23a6ba0ab90f4ff 40 8825a849e95ba97d7f 8925a849e95bb8e8b4bf',
  ],
  [
    'size updates, an index of two octets and a length of two octets',
    `20 3fe11f 82 86 84 01 0161 40 0162 7f05 ${'63'.repeat(132)}`,
  ],
  [
    'a never indexed field, and references to entries of an earlier block',
    '82 86 84 41 0161 40 0162 0163',
    '82 86 84 bf be 10 0164 0165',
  ],
]

/** Fails by comparing only what differs: the loop is long. */
function expectSame(actual: unknown, expected: unknown, places: readonly number[]): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    expect({ places, actual }).toEqual({ places, actual: expected })
}

describe('a field block that comes in chunks', () => {
  for (const [rule, section, ...hexes] of faults) {
    const blocks = hexes.map(bytes)
    const last = blocks.length - 1
    connectionFault(
      `RFC 9113 §4.3: at every chunk size its fault is the same COMPRESSION_ERROR: RFC 7541 ${rule}`,
      'COMPRESSION_ERROR',
      {
        options: SERVER,
        before: (bench) => {
          for (let i = 0; i < last; i++) sendBlock(bench.wire, 2 * i + 1, [blocks[i]!])
        },
        wire: (wire) => sendBlock(wire, 2 * last + 1, cut(blocks[last]!, [blocks[last]!.length >> 1])),
      },
      { section },
    )
  }
})

describe('a field block in fragments', () => {
  it.each(requests)(
    'RFC 9113 §4.3: cut at every place into HEADERS and CONTINUATION it decodes the same: %s',
    (_, ...hexes) => {
      const blocks = hexes.map(bytes)
      const whole = outcome(blocks, (block) => [block])
      expect(whole).toMatchObject({ told: hexes.map((_, i) => ({ type: 'HeadersReceived', streamId: 2 * i + 1 })) })
      for (const places of cuts(blocks.at(-1)!.length))
        expectSame(
          outcome(blocks, (block) => cut(block, places)),
          whole,
          places,
        )
    },
  )

  it('RFC 9113 §4.3: the entries of a block in fragments are there for the next block', () => {
    const [first, second] = [bytes('82 86 84 41 0161 40 0162 0163'), bytes('82 86 84 bf be')]
    for (let at = 0; at <= first.length; at++) {
      const bench = new Bench(SERVER)
      sendBlock(bench.wire, 1, cut(first, [at]))
      sendBlock(bench.wire, 3, [second])
      const request = fields({ ':method': 'GET', ':scheme': 'http', ':path': '/', ':authority': 'a', b: 'c' })
      expect(bench.events()).toMatchObject([{ fields: request }, { fields: request }])
    }
  })

  it.each(faults)(
    'RFC 9113 §4.3: cut at every place its fault is the same COMPRESSION_ERROR: RFC 7541 %s',
    (_, section, ...hexes) => {
      const blocks = hexes.map(bytes)
      const whole = outcome(blocks, (block) => [block])
      expect(whole).toMatchObject({
        answers: expect.arrayContaining([expect.stringMatching(/^GOAWAY \d+ COMPRESSION_ERROR$/)]),
      })
      expect(JSON.stringify(whole)).toContain(section)
      for (const places of cuts(blocks.at(-1)!.length))
        expectSame(
          outcome(blocks, (block) => cut(block, places)),
          whole,
          places,
        )
    },
  )
})
