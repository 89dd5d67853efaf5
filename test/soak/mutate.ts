import type { Chance } from './chance.ts'

const ROOM = 65_536
const scratch = new Uint8Array(ROOM)

/** Octets at which lengths, flags and prefixes change their meaning. */
const INTERESTING = [0, 1, 2, 3, 8, 9, 0x1f, 0x20, 0x3f, 0x40, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0xc0, 0xf8, 0xfe, 0xff]

export interface Input {
  readonly bytes: Uint8Array
  /** Nothing was changed: it has to be accepted. */
  readonly valid: boolean
}

/** A valid input, a mutated one, or bytes without any sense; always memory of its own. */
export function makeInput(chance: Chance, corpus: readonly Uint8Array[]): Input {
  const kind = chance.below(20)
  if (kind === 0) return { bytes: chance.pick(corpus).slice(), valid: true }
  if (kind < 3) return { bytes: noise(chance, chance.below(96)), valid: false }
  const seed = chance.pick(corpus)
  scratch.set(seed)
  let length = seed.length
  if (chance.once(6)) length = splice(chance, length, chance.pick(corpus))
  for (let left = 1 + chance.below(4); left > 0; left--) length = mutate(chance, length)
  return { bytes: scratch.slice(0, length), valid: false }
}

function noise(chance: Chance, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = chance.below(256)
  return bytes
}

/** The beginning of one and the end of another. */
function splice(chance: Chance, length: number, other: Uint8Array): number {
  const keep = chance.below(length + 1)
  const tail = other.subarray(chance.below(other.length + 1))
  const fits = tail.subarray(0, ROOM - keep)
  scratch.set(fits, keep)
  return keep + fits.length
}

/** Changes `scratch[0..length)` in one way; answers the new length. */
function mutate(chance: Chance, length: number): number {
  if (length === 0) return 0
  const at = chance.below(length)
  const n = Math.min(1 + chance.below(12), length - at)
  switch (chance.below(8)) {
    case 0:
      scratch[at] ^= 1 << chance.below(8)
      return length
    case 1:
      scratch[at] = chance.below(256)
      return length
    case 2:
      scratch[at] = chance.pick(INTERESTING)
      return length
    case 3:
      // A number of several octets, such as a length: all ones or all zeros.
      scratch.fill(chance.once(2) ? 0 : 0xff, at, at + n)
      return length
    case 4:
      scratch.copyWithin(at, at + n, length)
      return length - n
    case 5:
      if (length + n > ROOM) return length
      scratch.copyWithin(at + n, at, length)
      return length + n
    case 6:
      if (length === ROOM) return length
      scratch.copyWithin(at + 1, at, length)
      scratch[at] = chance.pick(INTERESTING)
      return length + 1
    default:
      return at
  }
}

/** Cuts bytes at places of chance into pieces, each with memory of its own. */
export function cutAnywhere(chance: Chance, bytes: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = []
  const fine = chance.once(3) ? 3 : chance.once(2) ? 16 : Math.max(1, bytes.length)
  // Some hundred pieces are enough.
  const longest = Math.max(fine, bytes.length >> 7)
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + chance.below(longest)
    pieces.push(bytes.slice(at, at + size))
    at += size
  }
  return pieces
}
