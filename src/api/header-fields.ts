import type { Field, FieldInput } from '../hpack/index.ts'

/**
 * Fields that speak about one HTTP/1.1 connection; HTTP/2 says the same by frames, and a message that holds one is
 * malformed. RFC 9113 §8.2.2. `host` is not among them: it becomes `:authority`, RFC 9113 §8.3.1.
 */
const connectionSpecific: ReadonlySet<string> = new Set([
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
  const begin = fields.length
  let connection: string | undefined
  for (const [name, value] of headers) {
    if (name === 'connection') connection = value
    else if (!isConnectionSpecific(name, value)) fields.push({ name, value })
  }
  if (connection === undefined) return
  const nominated = new Set(connection.toLowerCase().split(/[\t ,]+/))
  for (const field of fields.splice(begin)) if (!nominated.has(field.name)) fields.push(field)
}

/** The value of the first field called `name`. A linear search: pseudo-header fields come first. */
export function fieldValue(fields: readonly Field[], name: string): string | undefined {
  for (let i = 0; i < fields.length; i++) if (fields[i]!.name === name) return fields[i]!.value
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
