import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { DynamicTable } from '../../src/hpack/dynamic-table.ts'
import { EncoderTable } from '../../src/hpack/encoder-table.ts'
import { HpackEncoder } from '../../src/hpack/index.ts'
import { nameBehind } from '../../src/hpack/name.ts'
import { encode } from './support.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** How many of these are still there. What a WeakRef was made of lives until the end of the job. */
async function countLiving(objects: readonly WeakRef<object>[]): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  return objects.filter((object) => object.deref() !== undefined).length
}

describe('memory', () => {
  it('RFC 7541 §4.3: a table lets go of the entries that leave it', async () => {
    const table = new DynamicTable<{ name: string; value: string }>(34 * 8)
    const entries = Array.from({ length: 24 }, () => {
      const entry = { name: 'a', value: 'b' }
      table.insert(entry)
      return new WeakRef(entry)
    })
    expect(await countLiving(entries)).toBe(8)
    table.setMaxSize(34 * 3)
    expect(await countLiving(entries)).toBe(3)
    table.insert({ name: 'a', value: 'b'.repeat(100) })
    expect(await countLiving(entries)).toBe(0)
  })

  it.each(['one name', 'names of its own'])(
    'RFC 7541 §4.4: so does the one of an encoder, when the section is done: %s',
    async (kind) => {
      const table = new EncoderTable(40 * 8)
      table.begin()
      const name = nameBehind(undefined, 'x-a')
      const entries = Array.from({ length: 24 }, (_, i) => {
        const owner = kind === 'one name' ? name : nameBehind(undefined, String(i).padStart(70, 'n'))
        table.index(owner, owner === name ? 'value' : '', 7)
        return new WeakRef(table.newest(owner)!)
      })
      const inTable = table.length
      expect(inTable).toBe(kind === 'one name' ? 8 : 3)
      // Until then all are needed, for it may be taken back.
      expect(await countLiving(entries)).toBe(24)
      table.commit()
      expect(await countLiving(entries)).toBe(inTable)
      table.begin()
      table.setMaxSize(0)
      table.commit()
      expect(await countLiving(entries)).toBe(0)
      expect(table.newest(name)).toBe(undefined)
    },
  )

  it('an encoder remembers 64 lines of a section at most', () => {
    const encoder = new HpackEncoder({ tableSizeLimit: 2 ** 27, tableSizeCap: 2 ** 27, huffman: 'never' })
    const length = 2 ** 15
    for (let time = 0; time < 2; time++) {
      const lines = Array.from({ length: 150 }, (_, i) => ({ name: 'x-a', value: `${i} `.padEnd(length, '.') }))
      encode(encoder, lines)
    }
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    encoder.setTableSizeLimit(0)
    encode(encoder, [])
    collectGarbage()
    const kept = 150 - Math.round((before - process.memoryUsage().heapUsed) / length)
    expect(kept).toBeGreaterThan(60)
    expect(kept).toBeLessThan(70)
  })
})
