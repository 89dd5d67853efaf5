import type { Field, FieldInput } from '../hpack/index.ts'

/**
 * Fields that speak about one HTTP/1.1 connection; HTTP/2 says the same by frames, and a message that holds one is
 * malformed. RFC 9113 §8.2.2. `host` is not among them: it becomes `:authority`, RFC 9113 §8.3.1.
 */
const connectionSpecific: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** True for a field that must not be sent over HTTP/2. RFC 9113 §8.2.2: `te` may only say `trailers`. */
function isConnectionSpecific(name: string, value: string): boolean {
  return connectionSpecific.has(name) || (name === 'te' && value !== 'trailers')
}

/**
 * Adds `headers` to `fields` as field lines, names in lower case, each `set-cookie` a line of its own.
 * What speaks about a connection is left out, as are the fields that a `connection` field names (RFC 9110 §7.6.1).
 */
export function appendHeaders(fields: FieldInput[], headers: Headers): void {
  const connection = headers.get('connection')
  const nominated = connection === null ? undefined : new Set(connection.toLowerCase().split(/[\t ,]+/))
  for (const [name, value] of headers) {
    if (isConnectionSpecific(name, value) || nominated?.has(name) === true) continue
    fields.push({ name, value })
  }
}

/** The value of the first field called `name`. A linear search: pseudo-header fields come first. */
export function fieldValue(fields: readonly Field[], name: string): string | undefined {
  for (const field of fields) if (field.name === name) return field.value
  return undefined
}

/**
 * The lines of a field section without pseudo-header fields, as pairs that a `Headers` takes; it joins repeated lines
 * with a comma. Only the crumbs of a `cookie` are joined here, with a semicolon: RFC 9113 §8.2.3.
 */
export function headerPairs(fields: readonly Field[]): [string, string][] {
  const pairs: [string, string][] = []
  let cookie: [string, string] | undefined
  for (const { name, value } of fields) {
    if (name.charCodeAt(0) === 0x3a) continue
    if (name !== 'cookie') pairs.push([name, value])
    else if (cookie !== undefined) cookie[1] += `; ${value}`
    else {
      cookie = [name, value]
      pairs.push(cookie)
    }
  }
  return pairs
}
