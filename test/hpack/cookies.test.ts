import { describe, expect, it } from 'vitest'
import { type FieldInput, HpackDecoder, HpackEncoder, joinCookies } from '../../src/hpack/index.ts'
import { bytes, decoded, encode, plain } from './support.ts'

const field = (name: string, value: string, sensitive?: boolean): FieldInput => ({ name, value, sensitive })

describe('cookies', () => {
  const values = (fields: readonly FieldInput[]) => fields.map(({ value }) => value)

  it('RFC 9113 §8.2.3: a cookie is sent as one line for each pair, unless that is switched off', () => {
    const sent = [field('cookie', 'a=b; c=d;e=f; ; '), field('x', 'y')]
    const split = decoded(new HpackDecoder(), encode(new HpackEncoder(), sent)).fields
    expect(values(split)).toEqual(['a=b', 'c=d;e=f', '', '', 'y'])
    const whole = decoded(new HpackDecoder(), encode(new HpackEncoder({ splitCookies: false }), sent)).fields
    expect(values(whole)).toEqual(['a=b; c=d;e=f; ; ', 'y'])
    const first = decoded(new HpackDecoder(), encode(new HpackEncoder(), [field('cookie', '; a=b; c=d')])).fields
    expect(values(first)).toEqual(['', 'a=b', 'c=d'])
  })

  it('RFC 9113 §8.2.3: the crumbs of a sensitive cookie are sensitive, and are split anew when another comes', () => {
    const encoder = new HpackEncoder()
    const decoder = new HpackDecoder()
    for (const [value, sensitive] of [
      ['', false],
      ['long=0123456789abcdef; a=b', true],
      ['long=0123456789abcdef; a=c', false],
    ] as const) {
      const { fields } = decoded(decoder, encode(encoder, [field('cookie', value, sensitive)]))
      expect(values(fields)).toEqual(value.split('; '))
      expect(fields[0]!.sensitive).toBe(sensitive || value === '')
    }
  })

  it('splits into at most 32 crumbs, so that a cookie does not run into limits on field lines', () => {
    const value = Array.from({ length: 100 }, (_, i) => `c${i}=v`).join('; ')
    const { fields } = decoded(new HpackDecoder(), encode(new HpackEncoder(), [field('cookie', value)]))
    expect(fields).toHaveLength(32)
    expect(values(joinCookies(fields))).toEqual([value])
  })

  it('RFC 9113 §8.2.3: joined they stand where the first one stood, sensitive if one of them was', () => {
    const fields = plain([
      field('cookie', 'a=b'),
      field('x', 'y'),
      field('cookie', 'c=d', true),
      field('cookie', 'e=f'),
    ])
    expect(joinCookies(fields)).toEqual(plain([field('cookie', 'a=b; c=d; e=f', true), field('x', 'y')]))
    expect(fields).toHaveLength(4)
    const { fields: shared } = decoded(new HpackDecoder(), bytes('60 01 61 be be'))
    expect(plain(joinCookies(shared))).toEqual(plain([field('cookie', 'a; a; a')]))
    const two = plain([field('cookie', 'a=b'), field('cookie', 'c=d')])
    expect(joinCookies(two)).toEqual(plain([field('cookie', 'a=b; c=d')]))
    const few = plain([field('x', 'y'), field('cookie', 'a=b')])
    expect(joinCookies(few)).toBe(few)
  })
})
