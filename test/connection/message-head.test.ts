import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Malformed,
  MessageHead,
  validateRequest,
  validateResponse,
} from '../../src/connection/field-validation.ts'
import { JudgedLines } from '../../src/connection/judged-lines.ts'
import type { FieldInput } from '../../src/hpack/index.ts'
import { fields, GET, OK, request, webSocket } from './support.ts'

type Rule = (lines: readonly FieldInput[], head: MessageHead) => Malformed | undefined
const asRequest: Rule = (lines, head) => validateRequest(lines, true, head)

const extra: readonly FieldInput[] = fields({
  host: 'localhost',
  'content-length': '5',
  priority: 'u=1',
  accept: '*/*',
  ':path': '/late',
  ':status': '500',
  te: 'gzip',
})
const lines = fc.array(fc.constantFrom(...extra), { maxLength: 4 })
const requests = fc.constantFrom(
  GET,
  request('HEAD'),
  webSocket,
  fields({ ':method': 'CONNECT', ':authority': 'other:80' }),
  fields({ ':method': 'OPTIONS', ':scheme': 'x', ':path': '*' }),
  fields({ ':method': 'GET', ':path': '/' }),
)
const responses = fc.constantFrom(OK, fields({ ':status': '304' }), fields({ ':status': '101' }), fields({}))

/** What a head that has held other sections says of each section, and what a new one says of it. */
function compare(sections: readonly (readonly FieldInput[])[], rule: Rule, used: MessageHead): void {
  for (const section of sections) {
    const fresh = new MessageHead()
    const fault = rule(section, fresh)
    expect(rule(section, used)).toEqual(fault)
    if (fault !== undefined) continue
    const { judged: _, ...said } = used
    expect({ ...said, judged: undefined }).toEqual({ ...fresh })
  }
}

describe('a message head', () => {
  const sectionsOf = (heads: fc.Arbitrary<FieldInput[]>): fc.Arbitrary<FieldInput[][]> =>
    fc.array(
      fc.tuple(heads, lines).map(([head, more]) => [...head, ...more]),
      { minLength: 2, maxLength: 8 },
    )

  test('RFC 9113 §8.1.1: says nothing of the requests before, were they malformed or not', () => {
    fc.assert(
      fc.property(sectionsOf(requests), (sections) => {
        compare(sections, asRequest, new MessageHead())
        compare(sections, asRequest, new MessageHead(new JudgedLines()))
      }),
      { numRuns: 1000 },
    )
  })

  test('RFC 9113 §8.1.1: says nothing of the responses before, were they malformed or not', () => {
    fc.assert(
      fc.property(sectionsOf(responses), (sections) => {
        compare(sections, validateResponse, new MessageHead())
        compare(sections, validateResponse, new MessageHead(new JudgedLines()))
      }),
      { numRuns: 1000 },
    )
  })
})
