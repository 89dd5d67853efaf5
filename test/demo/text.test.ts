import { describe, expect, test } from 'vitest'
import { tidy } from '../../src/demo/text.ts'

describe('text from strangers', () => {
  test.each([
    ['  two\t\n words ', 'two words'],
    ['a\u0000b\u001b[31mc\u007fd\u0085e', 'a b [31mc d e'],
    ['line\u2028and\u2029paragraph', 'line and paragraph'],
    ['\u202eabc\u202c \u2066x\u2069', 'abc x'],
    ['Z\u030c', 'Ž'],
    ['\ud800lone', 'lone'],
    ['family 👩\u200d👧', 'family 👩\u200d👧'],
    ['مرحبا', 'مرحبا'],
  ])('%j becomes %j', (text, expected) => {
    expect(tidy(text, 100)).toBe(expected)
  })

  test('it is cut at whole characters, without a blank at the end', () => {
    expect(tidy('😀😀😀', 2)).toBe('😀😀')
    expect(tidy('ab cd', 3)).toBe('ab')
  })
})
