import fc from 'fast-check'
import hpackJs from 'hpack.js'
import { describe, expect, it } from 'vitest'
import { concat } from '../../src/bytes/index.ts'
import { ConnectionError } from '../../src/errors/index.ts'
import { type FieldInput, HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { check, hostile, mutate, mutation, section } from './property.ts'
import { bytes, decoded, encode, expectEqual, plain } from './support.ts'

const unlimited = { maxSectionSize: Infinity, maxFieldCount: Infinity, maxCookieCrumbs: Infinity }
const huffman = fc.constantFrom('always' as const, 'when-shorter' as const, 'never' as const)

type Verdict = ReturnType<typeof plain> | Error

/** The decoder of hpack.js, from one whole block to all its fields; an Error where it refuses. */
class HpackJsDecoder {
  readonly #decompressor = hpackJs.decompressor.create({ table: { maxSize: 4096 } })
  #error: Error | undefined

  constructor() {
    this.#decompressor.on('error', (error) => {
      this.#error = error
    })
  }

  decode(block: Uint8Array): Verdict {
    // It takes an empty chunk for a stream that has ended.
    if (block.length === 0) return []
    this.#decompressor.write(Buffer.from(block))
    this.#decompressor.execute()
    if (this.#error !== undefined) return this.#error
    const fields: FieldInput[] = []
    for (let header = this.#decompressor.read(); header !== null; header = this.#decompressor.read()) {
      fields.push({ name: header.name, value: header.value, sensitive: header.neverIndex })
    }
    return plain(fields)
  }
}

class HpackJsEncoder {
  readonly #compressor = hpackJs.compressor.create({ table: { maxSize: 4096 } })

  encode(fields: readonly FieldInput[], useHuffman: boolean): Uint8Array {
    this.#compressor.write(
      fields.map(({ name, value, sensitive }) => ({
        name,
        value,
        neverIndex: sensitive === true,
        incremental: sensitive !== true,
        huffman: useHuffman,
      })),
    )
    const chunks: Uint8Array[] = []
    for (let chunk = this.#compressor.read(); chunk !== null; chunk = this.#compressor.read()) chunks.push(chunk)
    return concat(chunks)
  }

  /** Empties the table by two size updates, which stand before the next block. */
  reset(): void {
    this.#compressor.reset()
  }
}

/** Where the two may disagree, each by a sentence of the RFC. */
const disagreements: Record<string, (ours: Verdict, theirs: Verdict) => boolean> = {
  // "This dynamic table size update MUST occur at the beginning of the first header block following the change",
  // "resulting in at most two dynamic table size updates": hpack.js takes any number, anywhere. RFC 7541 §4.2.
  'a size update out of place': (ours, theirs) =>
    ours instanceof ConnectionError && ours.section === 'RFC 7541 §4.2' && !(theirs instanceof Error),
  // "Different limits can be set for each of the different uses of integers": four octets there, five here. RFC 7541 §5.1.
  'an integer of five octets': (ours, theirs) =>
    !(ours instanceof Error) && theirs instanceof Error && theirs.message === 'Integer does not fit into 32 bits',
}

/** Both decode the blocks; returns the name of a disagreement that is allowed, which ends the comparison. */
function compare(blocks: readonly Uint8Array[]): string | undefined {
  const [decoder, hpackJsDecoder] = [new HpackDecoder(unlimited), new HpackJsDecoder()]
  for (const block of blocks) {
    const section = decoder.decode(block)
    const ours = section instanceof ConnectionError ? section : plain(section.fields)
    const theirs = hpackJsDecoder.decode(block)
    if (ours instanceof Error && theirs instanceof Error) return undefined
    for (const [name, applies] of Object.entries(disagreements)) if (applies(ours, theirs)) return name
    expectEqual(ours, theirs)
  }
  return undefined
}

describe('HPACK beside hpack.js', () => {
  it('RFC 7541 §3.1: what we encode it decodes, as we do', () => {
    check(
      fc.property(
        fc.array(section, { maxLength: 4 }),
        huffman,
        fc.integer({ min: 0, max: 4096 }),
        (sections, mode, cap) => {
          const encoder = new HpackEncoder({ huffman: mode, splitCookies: false, tableSizeCap: cap })
          const [ours, theirs] = [new HpackDecoder(unlimited), new HpackJsDecoder()]
          for (const sent of sections) {
            const block = encode(encoder, sent)
            const { fields } = decoded(ours, block)
            expectEqual(theirs.decode(block), plain(fields))
            expectEqual(
              fields.map(({ name, value }) => [name, value]),
              sent.map(({ name, value }) => [name, value]),
            )
          }
        },
      ),
    )
  })

  it('RFC 7541 §3.1: what it encodes we decode', () => {
    check(
      fc.property(fc.array(fc.tuple(section, fc.boolean(), fc.boolean()), { maxLength: 4 }), (sections) => {
        const [encoder, decoder] = [new HpackJsEncoder(), new HpackDecoder(unlimited)]
        for (const [sent, useHuffman, reset] of sections) {
          if (reset && sent.length > 0) encoder.reset()
          expectEqual(plain(decoded(decoder, encoder.encode(sent, useHuffman)).fields), sent)
        }
      }),
    )
  })

  it('RFC 7541 §4.2, §5.1: these are the disagreements that are allowed', () => {
    expect(compare([bytes('82 20')])).toBe('a size update out of place')
    expect(compare([bytes('20 20 20')])).toBe('a size update out of place')
    expect(compare([bytes('0f 8080808000 0161')])).toBe('an integer of five octets')
    expect(compare([bytes('82'), bytes('0481ff')])).toBe(undefined)
  })

  it('RFC 7541 §3.1: on random blocks both refuse, or both decode the same', () => {
    check(fc.property(fc.array(hostile, { maxLength: 3 }), (blocks) => void compare(blocks)))
  })

  it('RFC 7541 §3.1: on blocks with an octet changed, cut or inserted both refuse, or both decode the same', () => {
    check(
      fc.property(fc.array(section, { maxLength: 3 }), mutation, huffman, (sections, change, mode) => {
        const encoder = new HpackEncoder({ huffman: mode })
        const blocks = sections.map((sent) => encode(encoder, sent))
        compare(blocks.map((block, i) => (i === blocks.length - 1 ? mutate(block, change) : block)))
      }),
    )
  })
})
