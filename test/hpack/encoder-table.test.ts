import { describe, expect, it } from 'vitest'
import { markOf } from '../../src/hpack/encoded-strings.ts'
import { EncoderTable } from '../../src/hpack/encoder-table.ts'
import { nameBehind } from '../../src/hpack/name.ts'

const name = nameBehind(undefined, 'x-table')

function filled(maxSize: number, count: number): EncoderTable {
  const table = new EncoderTable(maxSize)
  for (let i = 0; i < count; i++) table.index(name, String(i), i)
  return table
}

describe('EncoderTable', () => {
  it('RFC 7541 §2.3: looks at 512 entries of a name, from the newest one on, and at no more', () => {
    const table = filled(2 ** 16, 600)
    const find = (age: number) => table.match(table.newest(name), String(599 - age), 599 - age)?.value
    expect([0, 1, 511].map(find)).toEqual(['599', '598', '88'])
    expect([512, 599].map(find)).toEqual([undefined, undefined])
  })

  it('RFC 7541 §2.3: compares values, not their marks alone, among the entries of each name', () => {
    for (const text of [':authority', 'x-table', 'n'.repeat(100)]) {
      const table = new EncoderTable(4096)
      const owner = nameBehind(undefined, text)
      for (const value of ['a', 'b']) table.index(owner, value, 7)
      expect(table.newest(owner)?.value).toBe('b')
      const found = ['a', 'b', 'c'].map((value) => table.match(table.newest(owner), value, 7)?.value)
      expect(found).toEqual(['a', 'b', undefined])
    }
  })

  it('RFC 7541 §4.4: finds what is there, and nothing else, however often entries come and go and are taken back', () => {
    const table = new EncoderTable(20 * 40)
    const find = (i: number) => table.match(table.newest(name), String(i % 100), markOf(String(i % 100)))
    for (let i = 0; i < 1000; i++) {
      table.begin()
      table.index(name, String(i % 100), markOf(String(i % 100)))
      if (i % 7 === 0) {
        for (let other = 0; other < i % 40; other++) table.index(name, `other ${other}`, markOf(`other ${other}`))
        table.rollback()
        table.index(name, String(i % 100), markOf(String(i % 100)))
      }
      table.commit()
      const ages = Array.from({ length: 30 }, (_, age) => age).filter((age) => age <= i && find(i - age) !== undefined)
      expect(ages).toEqual(Array.from({ length: table.length }, (_, age) => age))
    }
  })

  it('RFC 7541 §4.4: knows of an entry found earlier whether it is still in the table', () => {
    const table = filled(10 * 40, 3)
    const oldest = table.match(table.newest(name), '0', 0)!
    const newest = table.newest(name)!
    const [fixed] = nameBehind(undefined, ':method').staticEntries
    expect([oldest, newest, fixed!].map((entry) => table.isLive(entry))).toEqual([true, true, true])
    // Each is 40 octets: ten of them fit.
    for (let i = 3; i < 10; i++) table.index(name, String(i), i)
    expect(table.length).toBe(10)
    expect([oldest, newest].map((entry) => table.isLive(entry))).toEqual([true, true])
    table.index(name, 'x', 0)
    expect([oldest, newest].map((entry) => table.isLive(entry))).toEqual([false, true])
    table.setMaxSize(0)
    expect([oldest, newest, fixed!].map((entry) => table.isLive(entry))).toEqual([false, false, true])
  })

  it('RFC 7541 §2.3.3: counts the static table, then the dynamic one from the newest entry on', () => {
    const table = filled(10 * 40, 3)
    const indices = ['0', '1', '2'].map((value) =>
      table.indexOf(table.match(table.newest(name), value, Number(value))!),
    )
    expect(indices).toEqual([64, 63, 62])
    const method = nameBehind(undefined, ':method')
    expect(method.staticEntries.map((entry) => table.indexOf(entry))).toEqual([2, 3])
    expect([table.nameIndexOf(method, undefined), table.nameIndexOf(name, table.newest(name))]).toEqual([2, 62])
    expect(table.nameIndexOf(name, undefined)).toBe(0)
  })
})
