import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { resultOf } from '../../bench/report.ts'
import { MessageCount, maskedMessage } from '../../bench/speed/messages.ts'
import { svg } from '../../bench/speed/svg.ts'
import { type Measurement, missed, profiles, table } from '../../bench/speed/table.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

function measurement(node: string, ours: readonly number[], theirs: readonly number[]): Measurement {
  const entry = {
    name: 'speed small GET',
    unit: 'requests',
    targets: { peer: 2 },
    prepare: () => ({ operations: 1, sides: {} }),
  }
  const costs = [{ where: 'parse in src/a.ts', share: 0.25 }]
  const measured = { operations: 1, rates: { ours, peer: theirs }, checksums: {}, notes: [], costs }
  return { node, machine: 'a machine', ...resultOf(entry, measured) }
}

const results = [measurement('v26.1.0', [400_000], [100_000]), measurement('v20.2.0', [150_000], [100_000])]

describe('docs/performance.md', () => {
  it('has its figures side by side, the older Node first, and says what was missed', () => {
    expect(table(results).split('\n').at(-1)).toBe(
      '| small GET | peer | ≥ 2 | 150 k · 100 k | 1.50 (1.50 to 1.50), missed | 400 k · 100 k | **4.00 (4.00 to 4.00)** |',
    )
    expect(missed(results)).toBe('- small GET, Node 20.2.0: 1.50 of peer, not 2.')
    expect(missed(results.slice(0, 1))).toBe('No target was missed.')
  })

  it('has the profile of each row, of the newest Node that made one and of each that missed a target', () => {
    const [newest, oldest] = results
    const row = '`parse in src/a.ts` 25 % |'
    const both = [`| small GET | 20.2.0 | ${row}`, `| small GET | 26.1.0 | ${row}`]
    expect(profiles(results).split('\n').slice(2)).toEqual(both)
    const fast = measurement('v20.2.0', [300_000], [100_000])
    expect(profiles([newest!, fast]).split('\n').slice(2)).toEqual(both.slice(1))
    const { costs, ...unprofiled } = newest!
    expect(costs).toHaveLength(1)
    expect(profiles([unprofiled, oldest!]).split('\n').slice(2)).toEqual([`| small GET | 20.2.0 | ${row}`])
  })

  it('has a picture with a bar for each Node', () => {
    expect(svg(results)).toContain('small GET / peer')
    expect(svg(results).match(/>(1\.50|4\.00)</g)).toEqual(['>1.50<', '>4.00<'])
  })

  it('names the commands that exist', () => {
    const scripts: Record<string, string> = JSON.parse(readFileSync(`${root}package.json`, 'utf8')).scripts
    const named = [...readFileSync(`${root}docs/performance.md`, 'utf8').matchAll(/^npm run (\S+)/gm)].map(
      ([, name]) => name!,
    )
    expect(named).toContain('bench:chart')
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })
})

describe('the neutral load', () => {
  it.each([0, 125, 126, 65_535, 65_536])('counts messages of %i bytes, whatever they are cut into', (length) => {
    // an answer is a request without its mask
    const asked = maskedMessage(Buffer.alloc(length), {})
    const head = Buffer.from(asked.subarray(0, asked.length - length - 4))
    head[1]! &= 0x7f
    const answers = Buffer.concat(Array(3).fill(Buffer.concat([head, Buffer.alloc(length)])))
    for (const step of [1, 7, answers.length]) {
      const count = new MessageCount()
      let messages = 0
      for (let at = 0; at < answers.length; at += step)
        messages += count.count(answers, at, Math.min(answers.length, at + step))
      expect(messages).toBe(3)
    }
  })
})
