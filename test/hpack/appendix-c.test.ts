import { describe, expect, it } from 'vitest'
import { ConnectionError } from '../../src/errors/index.ts'
import { HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { type Example, examples } from './appendix-c.ts'
import { bytes, decoded, encode, hex, plain } from './support.ts'

/** C.2 is made of single examples; C.3 to C.6 are sequences on one connection. */
const groups = new Map<string, Example[]>()
for (const example of examples) groups.set(groupOf(example), [...(groups.get(groupOf(example)) ?? []), example])

function groupOf({ section }: Example): string {
  return section.startsWith('C.2') ? section : section.slice(0, 3)
}

const sensitive = (example: Example): boolean => example.section === 'C.2.3'
const fieldsOf = (example: Example) =>
  example.fields.map(([name, value]) => ({ name, value, sensitive: sensitive(example) }))
const tableSizeLimit = (group: string): number => (/C\.[56]/.test(group) ? 256 : 4096)

describe.each([...groups])('RFC 7541 Appendix %s', (group, sequence) => {
  it('decodes to the fields and the table of the example', () => {
    const decoder = new HpackDecoder({ tableSizeLimit: tableSizeLimit(group) })
    for (const example of sequence) {
      const section = decoded(decoder, bytes(example.hex))
      expect(plain(section.fields)).toEqual(fieldsOf(example))
      // Each entry is asked for by its index; its size is what the section's size counts.
      const probe = decoded(
        decoder,
        Uint8Array.from(example.table, (_, age) => 0x80 | (62 + age)),
      )
      expect(probe.fields.map(({ name, value }) => [name, value])).toEqual(example.table)
      expect(probe.size).toBe(example.tableSize)
    }
    const beyond = decoder.decode(Uint8Array.of(0x80 | (62 + sequence.at(-1)!.table.length)))
    expect(beyond).toBeInstanceOf(ConnectionError)
  })

  it('encodes to the octets of the example', () => {
    const encoder = new HpackEncoder({
      tableSizeLimit: tableSizeLimit(group),
      huffman: /C\.[46]/.test(group) ? 'always' : 'never',
      indexing: (name) => (group === 'C.2.2' && name === ':path' ? 'literal' : 'index'),
    })
    for (const example of sequence) expect(hex(encode(encoder, fieldsOf(example)))).toBe(example.hex)
  })
})
