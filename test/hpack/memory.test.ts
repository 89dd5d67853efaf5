import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import { ConnectionError } from '../../src/errors/index.ts'
import { DynamicTable } from '../../src/hpack/dynamic-table.ts'
import { EncoderTable } from '../../src/hpack/encoder-table.ts'
import { HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { nameBehind } from '../../src/hpack/name.ts'
import { bytes, encode } from './support.ts'

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

  it('RFC 7541 §3.1: a decoder lets go of a block when it was decoded, whether it was right or not', async () => {
    const decoder = new HpackDecoder()
    const given = (hex: string) => {
      const block = bytes(hex)
      decoder.decode(block)
      return new WeakRef(block)
    }
    // A secret, and a value that goes into the table: copies of them are kept.
    const long = '20'.repeat(40)
    const blocks = [0, 1, 2].map(() => given(`1f0828${long}5828${long}`))
    expect(await countLiving(blocks)).toBe(0)
    expect(await countLiving([given('80'), given('82')])).toBe(0)
    expect(decoder.decode(bytes('82'))).toBeInstanceOf(ConnectionError)
  })

  it('a decoder that found a fault is kept by nothing but its connection', async () => {
    const faulty = () => {
      const decoder = new HpackDecoder()
      expect(decoder.decode(bytes('80'))).toBeInstanceOf(ConnectionError)
      return new WeakRef(decoder)
    }
    expect(await countLiving([faulty()])).toBe(0)
  })

  it('an encoder remembers 64 lines of a section at most', async () => {
    const found: WeakRef<object>[] = []
    const { match } = EncoderTable.prototype
    const spy = vi.spyOn(EncoderTable.prototype, 'match').mockImplementation(function (this: EncoderTable, ...args) {
      const entry = match.apply(this, args)
      if (entry !== undefined) found.push(new WeakRef(entry))
      return entry
    })
    const encoder = new HpackEncoder({ tableSizeLimit: 2 ** 16, tableSizeCap: 2 ** 16 })
    const lines = Array.from({ length: 150 }, (_, i) => ({ name: 'x-a', value: `value ${i}` }))
    for (let time = 0; time < 2; time++) encode(encoder, lines)
    // A spy has what it has seen.
    spy.mockClear()
    spy.mockRestore()
    expect(await countLiving(found)).toBe(150)
    encoder.setTableSizeLimit(0)
    encode(encoder, [])
    expect(await countLiving(found)).toBe(64)
    // So that it is there until here, with all that it remembers.
    expect(encode(encoder, [])).toHaveLength(0)
  })
})
