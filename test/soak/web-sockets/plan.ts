import type { Chance } from '../chance.ts'
import type { Plan } from '../disconnects/relay.ts'
import type { Manner } from './talk.ts'

/** Where a connection is cut: three of ten within the octets of the handshake, the others among the frames. */
export function planCut(chance: Chance): Plan {
  const upward = chance.once(2)
  const handshake = upward ? 220 : 150
  const far = chance.pick([300, 3000, 30_000])
  return {
    upward,
    at: chance.below(10) < 3 ? chance.below(handshake) : handshake + chance.below(far),
    nth: 0,
    how: chance.pick(['FIN', 'RST', 'destroy']),
    whom: chance.pick(['client', 'server', 'both']),
  }
}

/** One side may have much on the way, so that some of it never leaves. */
export function mannerOf(chance: Chance, mayBlob: boolean): Manner {
  return {
    ahead: chance.pick([1, 8, 64]),
    largest: chance.pick([200, 2000, 40_000]),
    blobs: mayBlob && chance.once(2),
  }
}
