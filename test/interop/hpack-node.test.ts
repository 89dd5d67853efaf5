import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultIndexing, HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { seed } from '../hpack/property.ts'
import { decoded, encode, expectEqual } from '../hpack/support.ts'
import { type Resize, recordBlocks, reportSections } from './peers/node-http2-blocks.ts'
import { nodeHttp2 } from './peers/node-http2-client.ts'
import type { Line } from './peers/python-hpack.ts'
import { describePeer } from './support/presence.ts'

/** Sections each way, all over one connection. */
const COUNT = Number(process.env.FC_RUNS ?? 10_000)

/** Octets that a field value may have, without white space at its ends. RFC 9113 §8.2.1. */
const value = fc
  .oneof(
    fc.constantFrom('', 'one', 'two', 'three', 'gzip, deflate, br', 'x'.repeat(90), 'y'.repeat(500)),
    fc
      .uint8Array({ maxLength: 40 })
      .map((octets) => String.fromCharCode(...octets.map((o) => (o < 0x20 ? o + 0x20 : o)))),
  )
  .map((text) => text.replace(/[\x7f]/g, '').trim())

const group = fc.oneof(
  // Names that may come once only.
  fc.record({
    name: fc.constantFrom('accept', 'authorization', 'cookie', 'etag', 'referer', 'user-agent', 'if-none-match'),
    values: value.map((each) => [each]),
    sensitive: fc.boolean(),
  }),
  fc.record({
    name: fc.oneof(
      fc.constantFrom('x-a', 'x-b', 'x-c', 'via'),
      fc.nat(500).map((n) => `x-name-${n.toString(36)}`),
    ),
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
    sensitive: fc.boolean(),
  }),
)

const request = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PATCH'),
    path: fc.oneof(
      fc.constantFrom('/', '/index.html'),
      fc.nat(10_000).map((n) => `/items/${n}`),
    ),
    groups: fc.uniqueArray(group, { selector: ({ name }) => name, maxLength: 8 }),
  })
  .map(({ method, path, groups }): Line[] => [
    [':method', method, false],
    [':scheme', 'http', false],
    [':authority', 'localhost', false],
    [':path', path, false],
    ...groups.flatMap(({ name, values, sensitive }) => values.map((each): Line => [name, each, sensitive])),
  ])

/** Down and up, to nothing and above what either encoder takes for its own table, every hundred sections. */
const sizes = [100, 4096, 0, 8192, 300, 65_536, 4096]
const resize: Resize = (section) => (section % 100 === 99 ? sizes[Math.floor(section / 100) % sizes.length] : undefined)

/**
 * "An encoder might also choose not to index values for header fields that are considered to be highly valuable", cookies
 * and credentials: either encoder may mark more than it was told to. RFC 7541 §7.1.3.
 */
const isCredential = (name: string, text: string): boolean => defaultIndexing(name, text) === 'never'

function expectSame(received: readonly Line[], sent: readonly Line[]): void {
  const pairs = (lines: readonly Line[]) => lines.map(([name, text]) => [name, text])
  expectEqual(pairs(received), pairs(sent))
  received.forEach(([name, text, sensitive], i) => {
    if (sensitive !== sent[i]![2] && !(sensitive && isCredential(name, text))) expect(received[i]).toEqual(sent[i])
  })
}

describePeer(nodeHttp2, 'and our HPACK codec', () => {
  const sections = fc.sample(request, { seed, numRuns: COUNT })
  console.log(`node:http2: FC_SEED=${seed}, ${COUNT} sections each way`)

  test('RFC 7541 §3.1: the blocks that its client puts on the wire we decode, under changes of the table size', async () => {
    const decoder = new HpackDecoder()
    let at = 0
    let octets = 0
    let resized = 0
    for (const each of await recordBlocks(sections, resize)) {
      if ('tableSize' in each) {
        decoder.setTableSizeLimit(each.tableSize)
        resized++
      } else {
        octets += each.block.length
        const { fields } = decoded(decoder, each.block)
        expectSame(
          fields.map(({ name, value, sensitive }): Line => [name, value, sensitive]),
          sections[at++]!,
        )
      }
    }
    expect([at, resized]).toEqual([COUNT, Math.floor(COUNT / 100)])
    console.log(`its client: ${octets} octets`)
  })

  test('RFC 7541 §3.1: the blocks that we make its server decodes, under changes of the table size', async () => {
    const encoder = new HpackEncoder({ splitCookies: false, tableSizeCap: 16_384 })
    let octets = 0
    let resized = 0
    const received = await reportSections(
      COUNT,
      {
        setTableSizeLimit: (size) => {
          encoder.setTableSizeLimit(size)
          resized++
        },
        next: (section) => {
          const fields = sections[section]!.map(([name, text, sensitive]) => ({ name, value: text, sensitive }))
          const block = encode(encoder, fields)
          octets += block.length
          return block
        },
      },
      resize,
    )
    expect([received.length, resized]).toEqual([COUNT, Math.floor(COUNT / 100)])
    received.forEach((lines, i) => {
      // A name has one mark there, however many lines it has.
      const marked = new Set(lines.filter(([, , sensitive]) => sensitive).map(([name]) => name))
      const sent = sections[i]!.map(([name, text, sensitive]): Line => [name, text, sensitive || marked.has(name)])
      expectSame(lines, sent)
      expectEqual(
        sections[i]!.filter(([name, , sensitive]) => sensitive && !marked.has(name)),
        [],
      )
      expectEqual(
        sections[i]!.filter(([name, text, s]) => marked.has(name) && !s && !isCredential(name, text)),
        [],
      )
    })
    console.log(`our encoder: ${octets} octets`)
  })
})
