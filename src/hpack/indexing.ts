/**
 * What the encoder does with a field: `index` puts it into the dynamic table, `literal` sends it without, `never`
 * sends it as a never-indexed literal, which no intermediary may index either. RFC 7541 §6.2.
 */
export type Indexing = 'index' | 'literal' | 'never'

/** Decides for each field line; cookies are asked about crumb by crumb where they are split. Must not call the encoder. */
export type IndexingPolicy = (name: string, value: string) => Indexing

/** A cookie shorter than this has too little entropy to be safe from guessing through the table. RFC 7541 §7.1.3. */
const SHORT_COOKIE = 20

const byName: ReadonlyMap<string, Indexing> = new Map<string, Indexing>([
  // Credentials. RFC 7541 §7.1.3.
  ['authorization', 'never'],
  ['proxy-authorization', 'never'],
  ['set-cookie', 'never'],
  // Different in almost every message: in the table they would only displace what comes again.
  [':path', 'literal'],
  ['age', 'literal'],
  ['content-length', 'literal'],
  ['etag', 'literal'],
  ['if-modified-since', 'literal'],
  ['if-none-match', 'literal'],
  ['location', 'literal'],
])

/**
 * The default policy: credentials, `set-cookie` and cookies under 20 octets are never indexed, what changes with each
 * message is sent literally, all else goes into the table.
 */
export function defaultIndexing(name: string, value: string): Indexing {
  if (name === 'cookie') return value.length < SHORT_COOKIE ? 'never' : 'index'
  return byName.get(name) ?? 'index'
}

/** What the default policy says of a name; undefined where it depends on the value. */
export function defaultIndexingOfName(name: string): Indexing | undefined {
  return name === 'cookie' ? undefined : (byName.get(name) ?? 'index')
}
