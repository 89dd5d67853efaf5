import { expect, it } from 'vitest'
import { STATIC_LENGTH, staticTable } from '../../src/hpack/static-table.ts'
import { appendixA, fieldLine } from './appendix-a.ts'

// Nothing but the table is loaded here: with a wrong one some of the codec cannot be.
it('RFC 7541 Appendix A: each index is the field of the table', () => {
  expect(staticTable.slice(1).map(fieldLine)).toEqual(appendixA)
  expect(STATIC_LENGTH).toBe(appendixA.length)
  expect(staticTable.filter(({ sensitive }) => sensitive)).toEqual([])
})
