import fc from 'fast-check'

/** FC_SEED and FC_RUNS repeat or lengthen a run; the seed of each run is printed. */
export const seed: number = Number(process.env.FC_SEED ?? Date.now() % 0x7fffffff)
const runs = Number(process.env.FC_RUNS ?? 10_000)
console.log(`fast-check: FC_SEED=${seed} FC_RUNS=${runs}`)

/** Checks a property with the seed and number of runs of this test run. */
export function check<T extends unknown[]>(property: fc.IProperty<T>): void {
  fc.assert(property, { seed, numRuns: runs })
}

/** Octets of which one text in four is arbitrary and the others are printable: all lengths of Huffman code come up. */
export const text: fc.Arbitrary<string> = fc
  .tuple(fc.uint8Array({ maxLength: 24 }), fc.nat(3))
  .map(([octets, kind]) => String.fromCharCode(...(kind === 0 ? octets : octets.map((octet) => 0x20 + (octet % 95)))))

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
  sensitive: fc.boolean(),
})

export const section: fc.Arbitrary<{ name: string; value: string; sensitive: boolean }[]> = fc.array(field, {
  maxLength: 8,
})

export type Mutation = { at: number; octet: number; kind: 'flip' | 'cut' | 'insert' }

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(1000),
  octet: fc.nat(255),
  kind: fc.constantFrom('flip', 'flip', 'cut', 'insert'),
})

/** A block with one octet changed, inserted, or with all from there on cut off. */
export function mutate(block: Uint8Array, { at, octet, kind }: Mutation): Uint8Array {
  const place = at % (block.length + 1)
  const octets = [...block]
  if (kind === 'cut') octets.splice(place)
  else octets.splice(place, kind === 'flip' ? 1 : 0, octet)
  return Uint8Array.from(octets)
}

/** Pieces of which blocks are made, so that random ones reach behind the first octets. */
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0x80, max: 0xff }).map((octet) => [octet]) },
  { weight: 2, arbitrary: text.map((t) => [0x40, 1, 0x61, t.length, ...[...t].map((c) => c.charCodeAt(0))]) },
  { weight: 2, arbitrary: fc.constantFrom([0x20], [0x3f, 0x01], [0x3f, 0xe1, 0x1f], [0x3f, 0xe2, 0x1f], [0x28]) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 7 }).map((octets) => [0x04, 0x80 | octets.length, ...octets]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      [0x0f, 0x11, 0x01, 0x61],
      [0xff, 0x80, 0x80, 0x00],
      [0x0f, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01, 0x61],
      [0x04, 0x81, 0x07],
    ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map((octets) => [...octets]) },
)

/** Blocks that are mostly wrong, in all ways. */
export const hostile: fc.Arbitrary<Uint8Array> = fc
  .array(piece, { maxLength: 8 })
  .map((pieces) => Uint8Array.from(pieces.flat()))
