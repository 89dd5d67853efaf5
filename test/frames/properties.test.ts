import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Frame, writeFrame, writeFrameHeader } from '../../src/frames/index.ts'
import { anyCuts, anyFrame } from './arbitraries.ts'
import { type Found, readAll, runs, text, toHex, written } from './support.ts'

const seed = Number(process.env.FC_SEED ?? Date.now() & 0x7fff_ffff)
console.log(`frames properties: FC_SEED=${seed} FC_RUNS=${runs}`)
const parameters = { seed, numRuns: runs }

const writeAll = (frames: readonly Frame[], lenient = false): Uint8Array =>
  written((w) => {
    for (const frame of frames) writeFrame(w, frame, { lenient })
  })

/** Octets near what a peer may send: some well-formed frames with octets changed, lost or added. */
const mutated: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.array(anyFrame, { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom('change', 'drop', 'insert')), {
      maxLength: 3,
    }),
  )
  .map(([frames, edits]) => {
    const octets = [...writeAll(frames)]
    for (const [place, octet, edit] of edits) {
      // Headers matter most, so every other edit falls into the first one.
      const at = place % (place % 2 === 0 ? Math.min(9, octets.length) : octets.length)
      if (edit === 'change') octets[at] = octet
      else octets.splice(at, edit === 'drop' ? 1 : 0, ...(edit === 'drop' ? [] : [octet]))
    }
    return Uint8Array.from(octets)
  })

/** A header of any type with small numbers and a payload of any octets, so that most checks are reached. */
const anyHeaderAndPayload: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.integer({ min: 0, max: 0x12 }),
    fc.integer({ min: 0, max: 255 }),
    fc.integer({ min: 0, max: 3 }),
    fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 16 }),
  )
  .map(([type, flags, streamId, payload]) =>
    written((w) => {
      writeFrameHeader(w, payload.length, type, flags, streamId)
      w.write(Uint8Array.from(payload))
    }),
  )

const anyBytes = fc.oneof(
  mutated,
  fc.array(anyHeaderAndPayload, { maxLength: 4 }).map((parts) => Uint8Array.from(parts.flatMap((part) => [...part]))),
  fc.uint8Array({ maxLength: 100 }),
)

describe('properties', () => {
  it('RFC 9113 §4.1: any frame that is written is read back as it was, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { minLength: 1, maxLength: 3 }), anyCuts, (frames, cuts) => {
        const found = readAll(writeAll(frames), cuts)
        expect(text(found.map((one) => ('frame' in one ? sorted(one.frame) : one)))).toBe(text(frames.map(sorted)))
      }),
      parameters,
    )
  })

  it('RFC 9113 §4.1: any octets give the same frames and faults, however they are cut', () => {
    fc.assert(
      fc.property(anyBytes, anyCuts, fc.boolean(), (bytes, cuts, lenient) => {
        const whole = readAll(bytes, [bytes.length], { lenient })
        const cut = readAll(bytes, cuts, { lenient })
        // A DATA frame that never ends shows as much of itself as has come: that too is the same.
        expect(text(cut)).toBe(text(whole))
      }),
      parameters,
    )
  })

  it('RFC 9113 §5.4: any octets give frames or declared faults, and at most the last is a connection error', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const found: Found[] = readAll(bytes, [bytes.length])
        const ends = found.filter((one) => 'fault' in one && one.fault.startsWith('ConnectionError'))
        expect(ends.length).toBeLessThanOrEqual(1)
        if (ends.length === 1) expect(found.at(-1)).toBe(ends[0])
        for (const one of found) {
          if ('fault' in one)
            expect(one.fault).toMatch(
              /Error (PROTOCOL_ERROR|FRAME_SIZE_ERROR)(: | on stream [1-9]\d*: ).*\(RFC \d{4} §[\d.]+\)$/,
            )
        }
      }),
      parameters,
    )
  })

  it('a lenient reader finds no fault in any octets, and what it read is written again octet by octet', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const found = readAll(bytes, [bytes.length], { lenient: true })
        const again = written((w) => {
          for (const one of found) {
            if (!('frame' in one)) throw new Error(`a fault: ${one.fault}`)
            if (one.complete) writeFrame(w, one.frame, { lenient: true })
          }
        })
        expect(toHex(again)).toBe(toHex(withoutIgnored(bytes).subarray(0, again.length)))
      }),
      parameters,
    )
  })
})

/** The same object with its fields in one order. */
function sorted(frame: Frame): object {
  return Object.fromEntries(Object.entries(frame).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The octets with all that a reader ignores and a writer writes as 0: reserved bits, and padding. */
function withoutIgnored(bytes: Uint8Array): Uint8Array {
  // The last frame may be DATA whose data are all there, but not its padding.
  const clean = new Uint8Array(bytes.length + 256)
  clean.set(bytes)
  for (let at = 0; at + 9 <= clean.length; ) {
    const length = (clean[at] << 16) | (clean[at + 1] << 8) | clean[at + 2]
    const type = clean[at + 3]
    const padded = (clean[at + 4] & 8) !== 0
    clean[at + 5] &= 0x7f
    const start = at + 9
    at = start + length
    if (at > clean.length) break
    const fixed = type === 1 ? ((clean[start - 5] & 0x20) !== 0 ? 5 : 0) : type === 5 ? 4 : 0
    const padLength = padded ? clean[start] : 0
    const fits = fixed + padLength + (padded ? 1 : 0) <= length && !(padded && length === 0)
    if ((type === 0 || type === 1 || type === 5) && fits) {
      if (padded) clean.fill(0, at - padLength, at)
      if (type === 5) clean[start + (padded ? 1 : 0)] &= 0x7f
    }
    if ((type === 7 && length >= 8) || (type === 8 && length === 4) || (type === 0x10 && length >= 4))
      clean[start] &= 0x7f
  }
  return clean
}
