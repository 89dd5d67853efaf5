import { fieldSections, type Section } from '../../bench/corpus/field-sections.ts'
import { ByteWriter, concat } from '../../src/bytes/index.ts'
import { ConnectionError, ErrorCode } from '../../src/errors/index.ts'
import { type DecodedSection, HpackDecoder, type HpackDecoderOptions, HpackEncoder } from '../../src/hpack/index.ts'
import type { Chance } from './chance.ts'
import { makeInput } from './mutate.ts'
import { Digest, type Ending, endingOf, must, type Target, WHOLE } from './target.ts'

/** Blocks of one connection in a row, each behind its length in two octets. */
function joined(blocks: readonly Uint8Array[]): Uint8Array {
  return concat(blocks.flatMap((block) => [Uint8Array.of(block.length >> 8, block.length), block]))
}

function encoded(sections: readonly Section[], huffman: 'always' | 'never', resized: boolean): Uint8Array {
  const encoder = new HpackEncoder({ huffman })
  const writer = new ByteWriter()
  const blocks = sections.map((fields, i) => {
    if (resized && i > 0) encoder.setTableSizeLimit(i % 2 === 0 ? 4096 : 100)
    encoder.encode(fields, writer)
    return writer.take()
  })
  return joined(blocks)
}

/** Three messages of one connection, so that indices into the dynamic table are there to be mutated. */
const corpus: readonly Uint8Array[] = Object.values(fieldSections).flatMap((sections) =>
  [0, 20, 40].flatMap((from) => {
    const three = sections.slice(from, from + 3)
    const kinds = [encoded(three, 'always', false), encoded(three, 'never', false), encoded(three, 'never', true)]
    // One block alone too: what comes behind a fault is not looked at.
    return [...kinds, encoded(three.slice(0, 1), 'never', false)]
  }),
)

/** Takes the blocks apart again; where a length was mutated, what is left is the last block. */
function split(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = []
  for (let at = 0; at + 1 < bytes.length; ) {
    const length = (bytes[at]! << 8) | bytes[at + 1]!
    blocks.push(bytes.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return blocks
}

const defaults: Required<HpackDecoderOptions> = {
  tableSizeLimit: 4096,
  maxSectionSize: 65_536,
  maxFieldCount: 128,
  maxCookieCrumbs: 150,
}
const narrow: Required<HpackDecoderOptions> = {
  tableSizeLimit: 120,
  maxSectionSize: 300,
  maxFieldCount: 4,
  maxCookieCrumbs: 1,
}

function judge(section: DecodedSection, limits: Required<HpackDecoderOptions>): void {
  let size = 0
  let cookies = 0
  for (const { name, value, sensitive } of section.fields) {
    size += name.length + value.length + 32
    if (name === 'cookie') cookies++
    must(typeof sensitive === 'boolean', 'a field that does not say whether it is sensitive')
  }
  must(size <= limits.maxSectionSize, 'a section beyond its size')
  must(cookies <= limits.maxCookieCrumbs, 'too many cookies')
  must(section.fields.length - cookies <= limits.maxFieldCount, 'too many fields')
  if (section.overflow === undefined) must(section.size === size, 'another size than that of the fields')
  else must(section.size > size, 'an overflow of nothing')
}

/** What was decoded, encoded and decoded again is the same. */
function roundTrip({ fields }: DecodedSection): void {
  const writer = new ByteWriter()
  new HpackEncoder({ splitCookies: false }).encode(fields, writer)
  const again = new HpackDecoder().decode(writer.take())
  if (again instanceof ConnectionError) throw again
  must(digestOf(again) === digestOf({ fields, size: again.size, overflow: undefined }), 'encoded, it became another')
}

function digestOf(section: DecodedSection): number {
  const digest = new Digest()
  for (const { name, value } of section.fields) {
    digest.text(name)
    digest.number(name.length)
    digest.text(value)
    digest.number(value.length)
  }
  digest.number(section.size)
  return digest.value
}

function decode(blocks: readonly Uint8Array[], limits: Required<HpackDecoderOptions>, deeply: boolean): Ending {
  const decoder = new HpackDecoder(limits)
  const twin = deeply ? new HpackDecoder(limits) : undefined
  for (const block of blocks) {
    const section = decoder.decode(block)
    const same = twin?.decode(block.slice())
    if (section instanceof ConnectionError) {
      must(section.code === ErrorCode.COMPRESSION_ERROR, `the code ${section.code}`)
      must(decoder.decode(new Uint8Array(0)) === section, 'it went on after a fault')
      if (same !== undefined) must(same instanceof ConnectionError, 'its twin found no fault')
      return endingOf(section)
    }
    judge(section, limits)
    if (same === undefined) continue
    if (same instanceof ConnectionError) throw same
    must(digestOf(section) === digestOf(same), 'its twin decoded another section')
    roundTrip(section)
  }
  return WHOLE
}

export const hpackDecoder: Target = {
  name: 'HPACK decoder',
  take(chance: Chance, note): Ending {
    const { bytes, valid } = makeInput(chance, corpus)
    note(bytes)
    const limits = !valid && chance.once(4) ? narrow : defaults
    const ending = decode(split(bytes), limits, chance.once(16))
    must(!valid || ending === WHOLE, `refused what is valid: ${ending}`)
    return ending
  },
}
