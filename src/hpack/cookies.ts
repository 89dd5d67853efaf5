import type { Field } from './field.ts'

/**
 * The most crumbs that a cookie is split into; the last one keeps the rest. Peers count field lines against limits
 * of about a hundred, so splitting must not turn a cookie that was allowed into a section that isn't.
 */
const MAX_CRUMBS = 32

const DELIMITER = '; '

/** Splits a cookie at `; ` so that what doesn't change can be indexed; joining gives the same octets again. RFC 9113 §8.2.3. */
export function splitCookie(value: string): string[] {
  const crumbs: string[] = []
  let start = 0
  while (crumbs.length < MAX_CRUMBS - 1) {
    const end = value.indexOf(DELIMITER, start)
    if (end < 0) break
    crumbs.push(value.slice(start, end))
    start = end + DELIMITER.length
  }
  crumbs.push(value.slice(start))
  return crumbs
}

/**
 * Joins all `cookie` lines into one with `; `, which must be done before a section leaves HTTP/2. RFC 9113 §8.2.3.
 *
 * The joined line stands where the first one stood, and is sensitive if one of them was. Returns `fields` itself when
 * there is nothing to join, else a new array; the fields given are not changed.
 *
 * @example
 * joinCookies([{ name: 'cookie', value: 'a=b', sensitive: false }, { name: 'cookie', value: 'c=d', sensitive: false }])
 * // [{ name: 'cookie', value: 'a=b; c=d', sensitive: false }]
 */
export function joinCookies(fields: Field[]): Field[] {
  const crumbs = fields.filter((field) => field.name === 'cookie')
  if (crumbs.length < 2) return fields
  const joined: Field = {
    name: 'cookie',
    value: crumbs.map((crumb) => crumb.value).join(DELIMITER),
    sensitive: crumbs.some((crumb) => crumb.sensitive),
  }
  // By place, not by identity: the same shared entry may stand there twice.
  const first = fields.indexOf(crumbs[0]!)
  return fields.flatMap((field, i) => (field.name !== 'cookie' ? [field] : i === first ? [joined] : []))
}
