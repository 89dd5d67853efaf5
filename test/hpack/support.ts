import fc from 'fast-check'
import { ByteWriter } from '../../src/bytes/index.ts'
import { ConnectionError } from '../../src/errors/index.ts'
import type { DecodedSection, FieldInput, FieldSectionDecoder, FieldSectionEncoder } from '../../src/hpack/index.ts'

export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

export function hex(block: Uint8Array): string {
  return Buffer.from(block).toString('hex')
}

export function encode(encoder: FieldSectionEncoder, fields: readonly FieldInput[]): Uint8Array {
  const writer = new ByteWriter(16)
  encoder.encode(fields, writer)
  return writer.take()
}

/** The section, where a fault would fail the test. */
export function decoded(decoder: FieldSectionDecoder, block: Uint8Array): DecodedSection {
  const section = decoder.decode(block)
  if (section instanceof ConnectionError) throw section
  return section
}

/** The fields without sharing, as plain objects. */
export function plain(fields: readonly FieldInput[]): { name: string; value: string; sensitive: boolean }[] {
  return fields.map(({ name, value, sensitive }) => ({ name, value, sensitive: sensitive === true }))
}

/** FC_SEED and FC_RUNS repeat or lengthen a run; the seed of each run is printed. */
export const seed: number = Number(process.env.FC_SEED ?? Date.now() % 0x7fffffff)
const runs = Number(process.env.FC_RUNS ?? 10_000)
console.log(`fast-check: FC_SEED=${seed} FC_RUNS=${runs}`)

/** Checks a property with the seed and number of runs of this test run. */
export function check<T extends unknown[]>(property: fc.IProperty<T>): void {
  fc.assert(property, { seed, numRuns: runs })
}

/** Octets drawn so that all lengths of Huffman code come up, the short ones more often. */
const octet = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xff }) },
)

export const text: fc.Arbitrary<string> = fc
  .array(octet, { maxLength: 24 })
  .map((octets) => String.fromCharCode(...octets))

const name = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(':path', ':method', ':status', 'cookie', 'set-cookie', 'etag', 'accept', 'via'),
  },
  { weight: 3, arbitrary: fc.constantFrom('x-a', 'x-b', 'x-c', 'traceparent') },
  { weight: 2, arbitrary: text },
)

const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('', '/', 'GET', '200', 'a=b; c=d', 'one', 'two', 'x'.repeat(90)) },
  { weight: 3, arbitrary: text },
)

/** Few names and values, so that fields are found again in the table, and a share of arbitrary ones. */
export const field: fc.Arbitrary<{ name: string; value: string; sensitive: boolean }> = fc.record({
  name,
  value,
  sensitive: fc.boolean().map((b) => b),
})

export const section: fc.Arbitrary<{ name: string; value: string; sensitive: boolean }[]> = fc.array(field, {
  maxLength: 8,
})
