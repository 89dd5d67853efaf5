import { describe, expect, it } from 'vitest'
import { OriginMemory } from '../../src/api/dial/origin-memory.ts'

describe('what was learnt about origins', () => {
  it('is remembered for a while, whether or not it is used', () => {
    let now = 0
    const memory = new OriginMemory(() => now, 100, 10)
    memory.remember('a', '1.1')
    now = 99
    expect(memory.recall('a')).toBe('1.1')
    now = 100
    expect(memory.recall('a')).toBeUndefined()
    memory.remember('a', '2')
    now = 150
    memory.remember('a', '1.1')
    now = 249
    expect(memory.recall('a')).toBe('1.1')
    memory.forget('a')
    expect(memory.recall('a')).toBeUndefined()
  })

  it('is bounded: the origin that was not used for longest goes first', () => {
    const memory = new OriginMemory(() => 0, 100, 3)
    for (const origin of ['a', 'b', 'c']) memory.remember(origin, '2')
    expect(memory.recall('a')).toBe('2')
    memory.remember('d', '1.1')
    expect(['a', 'b', 'c', 'd'].map((origin) => memory.recall(origin))).toEqual(['2', undefined, '2', '1.1'])
    memory.clear()
    expect(memory.recall('a')).toBeUndefined()
  })
})
