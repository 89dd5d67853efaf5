import fc from 'fast-check'
import { Flag, type Frame } from '../../src/frames/index.ts'

const id = fc.integer({ min: 1, max: 0x7fff_ffff })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const octet = fc.integer({ min: 0, max: 0xff })
const bytes = fc.uint8Array({ maxLength: 40 })
const text = fc.array(octet, { maxLength: 20 }).map((codes) => String.fromCharCode(...codes))
const padLength = fc.option(fc.oneof(fc.constantFrom(0, 1, 255), octet), { nil: undefined })
const priority = fc.record({
  exclusive: fc.boolean(),
  dependency: fc.integer({ min: 0, max: 0x7fff_ffff }),
  weight: octet,
})

/** Any flags beside those that the type gives a meaning that the fields must match. */
function flags(without: number): fc.Arbitrary<number> {
  return octet.map((value) => value & ~without)
}

/** As a reader gives it: the flags announce the fields, and absent fields are absent. */
function announced<F extends { flags: number; padLength?: number | undefined; priority?: unknown }>(frame: F): F {
  const whole = { ...frame }
  if (frame.padLength === undefined) delete whole.padLength
  else whole.flags |= Flag.PADDED
  if ('priority' in frame) {
    if (frame.priority === undefined) delete whole.priority
    else whole.flags |= Flag.PRIORITY
  }
  return whole
}

const zero = fc.constant(0)

/** Any frame that a strict writer writes and a strict reader gives back as it was. */
export const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc
    .record({ kind: fc.constant('DATA' as const), streamId: id, flags: flags(8), data: bytes, padLength })
    .map(announced),
  fc
    .record({
      kind: fc.constant('HEADERS' as const),
      streamId: id,
      flags: flags(0x28),
      fragment: bytes,
      padLength,
      priority: fc.option(priority, { nil: undefined }),
    })
    .map(announced),
  fc.record({ kind: fc.constant('PRIORITY' as const), streamId: id, flags: octet, priority }),
  fc.record({ kind: fc.constant('RST_STREAM' as const), streamId: id, flags: octet, errorCode: u32 }),
  fc.record({
    kind: fc.constant('SETTINGS' as const),
    streamId: zero,
    flags: flags(1),
    settings: fc.array(fc.tuple(fc.integer({ min: 0, max: 0xffff }), u32), { maxLength: 6 }),
  }),
  fc.record({
    kind: fc.constant('SETTINGS' as const),
    streamId: zero,
    flags: octet.map((o) => o | 1),
    settings: fc.constant([]),
  }),
  fc
    .record({
      kind: fc.constant('PUSH_PROMISE' as const),
      streamId: id,
      flags: flags(8),
      promisedStreamId: id,
      fragment: bytes,
      padLength,
    })
    .map(announced),
  fc.record({
    kind: fc.constant('PING' as const),
    streamId: zero,
    flags: octet,
    opaque: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  }),
  fc.record({
    kind: fc.constant('GOAWAY' as const),
    streamId: zero,
    flags: octet,
    lastStreamId: fc.integer({ min: 0, max: 0x7fff_ffff }),
    errorCode: u32,
    debugData: bytes,
  }),
  fc.record({ kind: fc.constant('WINDOW_UPDATE' as const), streamId: fc.oneof(zero, id), flags: octet, increment: id }),
  fc.record({ kind: fc.constant('CONTINUATION' as const), streamId: id, flags: octet, fragment: bytes }),
  fc.record({
    kind: fc.constant('ALTSVC' as const),
    streamId: zero,
    flags: octet,
    origin: text.filter((t) => t !== ''),
    value: text,
  }),
  fc.record({ kind: fc.constant('ALTSVC' as const), streamId: id, flags: octet, origin: fc.constant(''), value: text }),
  fc.record({
    kind: fc.constant('ORIGIN' as const),
    streamId: zero,
    flags: flags(0x0f),
    origins: fc.array(text, { maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant('PRIORITY_UPDATE' as const),
    streamId: zero,
    flags: octet,
    prioritizedStreamId: id,
    value: text,
  }),
  fc.record({
    kind: fc.constant('RAW' as const),
    type: octet.filter((type) => type === 0xb || (type > 0xc && type !== 0x10)),
    streamId: fc.oneof(zero, id),
    flags: octet,
    payload: bytes,
  }),
)

/** Where to cut a stream: sizes of chunks, the last of which repeats; small ones and empty ones are common. */
export const anyCuts: fc.Arbitrary<number[]> = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 120 })), { maxLength: 20 })
  .chain((head) => fc.integer({ min: 1, max: 60 }).map((last) => [...head, last]))
