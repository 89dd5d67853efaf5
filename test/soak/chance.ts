/** Numbers that look like chance and come again from the same seed. Marsaglia's xorshift with 32 bits. */
export class Chance {
  #state = 1

  /** Each input of each target has numbers of its own, so that one can be made again without those before it. */
  seed(seed: number, target: number, index: number): void {
    let h = seed ^ Math.imul(target + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d)
    h = Math.imul(h ^ (h >>> 15), 0x846ca68b)
    this.#state = (h ^ (h >>> 16)) | 1
  }

  /** A whole number from 0 to `n` - 1. */
  below(n: number): number {
    let s = this.#state
    s ^= s << 13
    s ^= s >>> 17
    s ^= s << 5
    this.#state = s
    return (s >>> 0) % n
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.below(n) === 0
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
}
