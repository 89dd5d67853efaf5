import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldKind } from '../../src/connection/field-syntax.ts'
import { JudgedLines } from '../../src/connection/judged-lines.ts'

const names = [
  ':status',
  ':method',
  'content-type',
  'content-length',
  'te',
  'connection',
  'host',
  'Upper',
  `x-${'y'.repeat(300)}`,
]
const values = ['200', 'GET', '', 'trailers', 'a\nb', ' padded', '12', '1x', 'v'.repeat(300)]

describe('judged lines', () => {
  test('say of a line what it says by itself, whatever stood in its place before', () => {
    const line = fc.record({ name: fc.constantFrom(...names), value: fc.constantFrom(...values) })
    fc.assert(
      fc.property(fc.array(fc.array(line, { maxLength: 40 }), { minLength: 2, maxLength: 6 }), (sections) => {
        const judged = new JudgedLines()
        for (const section of sections) {
          const kinds = section.map((field, place) => judged.kindOf(field, place))
          expect(kinds).toEqual(section.map((field) => fieldKind(field)))
        }
      }),
    )
  })

  test('judge a value anew when the same field object has changed', () => {
    const judged = new JudgedLines()
    const field = { name: 'content-length', value: '1' }
    const before = judged.kindOf(field, 0)
    field.value = '-1'
    expect(judged.kindOf(field, 0)).toBe(fieldKind({ name: 'content-length', value: '-1' }))
    field.value = '1'
    expect(judged.kindOf(field, 0)).toBe(before)
  })
})
