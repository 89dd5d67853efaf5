import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StreamTable } from '../../src/connection/stream-table.ts'

describe('StreamTable', () => {
  it('is a map by id, whatever the ids are', () => {
    // Steps of 2^k let ids meet in one place; small ones are what a client counts.
    const id = fc.oneof(
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 0, max: 31 }).map((i) => 1 + i * 8192),
    )
    const operation = fc.record({ id, what: fc.constantFrom('add', 'add', 'delete', 'get') })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const table = new StreamTable<{ id: number }>()
        const model = new Map<number, { id: number }>()
        for (const { id, what } of operations) {
          if (what === 'add' && !model.has(id)) {
            const stream = { id }
            table.add(stream)
            model.set(id, stream)
          } else if (what === 'delete') expect(table.delete(id)).toBe(model.delete(id))
          expect(table.get(id)).toBe(model.get(id))
          expect(table.has(id)).toBe(model.has(id))
          expect(table.size).toBe(model.size)
        }
        expect(table.values()).toEqual([...model.values()].sort((a, b) => a.id - b.id))
        table.clear()
        expect([table.size, table.values(), table.get(1)]).toEqual([0, [], undefined])
      }),
    )
  })

  it('finds each of 20,000 streams at once, and begins anew when all are gone', () => {
    const table = new StreamTable<{ id: number }>()
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 20_000; i++) table.add({ id: 2 * i + 1 })
      for (let i = 0; i < 20_000; i++) expect(table.get(2 * i + 1)?.id).toBe(2 * i + 1)
      expect(table.size).toBe(20_000)
      for (let i = 0; i < 20_000; i++) expect(table.delete(2 * i + 1)).toBe(true)
      expect([table.size, table.get(1), table.delete(1)]).toEqual([0, undefined, false])
    }
  })
})
