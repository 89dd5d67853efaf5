import { type FieldInput, noteOf, setNote } from '../hpack/index.ts'

/**
 * What one field line is, judged by itself. Entries of the HPACK tables remember the verdict, so that a repeated
 * field costs a load and no scan.
 */
export const FieldKind = {
  UNKNOWN: 0,
  REGULAR: 1,
  METHOD: 2,
  SCHEME: 3,
  AUTHORITY: 4,
  PATH: 5,
  PROTOCOL: 6,
  STATUS: 7,
  HOST: 8,
  CONTENT_LENGTH: 9,
  PRIORITY: 10,
  /** Malformed by itself: `fieldFault` says why. */
  MALFORMED: 11,
} as const

/** RFC 9113 §8.3.1, §8.3.2; RFC 8441 §4. A null prototype: names come from the network. */
const pseudoKinds: Readonly<Record<string, number>> = Object.freeze(
  Object.assign(Object.create(null), {
    ':method': FieldKind.METHOD,
    ':scheme': FieldKind.SCHEME,
    ':authority': FieldKind.AUTHORITY,
    ':path': FieldKind.PATH,
    ':protocol': FieldKind.PROTOCOL,
    ':status': FieldKind.STATUS,
  }),
)

/** RFC 9113 §8.2.2: what speaks of the connection has no place in HTTP/2. */
const connectionSpecific: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
])

/** The `tchar` of RFC 9110 §5.6.2, without the upper-case letters that RFC 9113 §8.2.1 forbids in names. */
const NAME = 1
const TOKEN = 2
/** RFC 9113 §8.3.1: visible, and nothing that would end an authority, or a path and its query. No userinfo either. */
const AUTHORITY = 4
const PATH = 8
const charClass: Uint8Array = new Uint8Array(256)
for (const c of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") charClass[c.charCodeAt(0)] = NAME | TOKEN
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') charClass[c.charCodeAt(0)] = TOKEN
for (let c = 0x21; c <= 0xff; c++) if (c !== 0x7f) charClass[c] = charClass[c]! | AUTHORITY | PATH
for (const c of '/?#@\\') charClass[c.charCodeAt(0)] = charClass[c.charCodeAt(0)]! & ~AUTHORITY
charClass[0x23] = charClass[0x23]! & ~PATH

function isOf(text: string, mask: number): boolean {
  for (let i = 0; i < text.length; i++) if ((charClass[text.charCodeAt(i)]! & mask) === 0) return false
  return text.length > 0
}

/** RFC 9113 §8.2.1: no NUL, LF or CR anywhere, no SP or HTAB at either end. */
function isFieldValue(value: string): boolean {
  const { length } = value
  for (let i = 0; i < length; i++) {
    const c = value.charCodeAt(i)
    if (c <= 0x0d && (c === 0x00 || c === 0x0a || c === 0x0d)) return false
    if (c > 0xff) return false
  }
  if (length === 0) return true
  const first = value.charCodeAt(0)
  const last = value.charCodeAt(length - 1)
  return first !== 0x20 && first !== 0x09 && last !== 0x20 && last !== 0x09
}

function pseudoFault(kind: number, value: string): string | undefined {
  switch (kind) {
    case FieldKind.METHOD:
      return isOf(value, TOKEN) ? undefined : 'is not a token'
    case FieldKind.PROTOCOL: // RFC 8441 §4: a token of the HTTP Upgrade Token registry
      return isOf(value, TOKEN) ? undefined : 'is not a token'
    case FieldKind.SCHEME: // RFC 3986 §3.1
      return /^[A-Za-z][A-Za-z0-9+.-]*$/.test(value) ? undefined : 'is not a URI scheme'
    case FieldKind.AUTHORITY: // RFC 9113 §8.3.1: no userinfo; what would end an authority cannot be in one
      return value === '' || isOf(value, AUTHORITY) ? undefined : 'is not host and port'
    case FieldKind.PATH: // origin-form or asterisk-form; never empty for http and https
      if (value !== '*' && value.charCodeAt(0) !== 0x2f) return "does not begin with '/'"
      return isOf(value, PATH) ? undefined : 'has a character that no path and query can have'
    default:
      return /^[1-9][0-9][0-9]$/.test(value) ? undefined : 'is not a three-digit status code'
  }
}

/** Why a field line is malformed by itself, with the section; undefined when it is fine. */
export function fieldFault(field: FieldInput): readonly [reason: string, section: string] | undefined {
  const { name, value } = field
  if (name.length > 0 && name.charCodeAt(0) === 0x3a) {
    const kind = pseudoKinds[name]
    if (kind === undefined) return [`unknown pseudo-header field ${JSON.stringify(name)}`, 'RFC 9113 §8.3']
    const fault = isFieldValue(value) ? pseudoFault(kind, value) : 'has a forbidden character'
    return fault === undefined ? undefined : [`${name} ${JSON.stringify(value)} ${fault}`, 'RFC 9113 §8.3.1']
  }
  if (!isOf(name, NAME)) return [`field name ${JSON.stringify(name)} is not a lower-case token`, 'RFC 9113 §8.2.1']
  if (!isFieldValue(value)) {
    return [`the value of ${name} has NUL, CR or LF, or white space at an end`, 'RFC 9113 §8.2.1']
  }
  if (connectionSpecific.has(name)) return [`connection-specific field ${name}`, 'RFC 9113 §8.2.2']
  if (name === 'te' && value.toLowerCase() !== 'trailers') return ['te may only say trailers', 'RFC 9113 §8.2.2']
  if (name === 'content-length' && !/^[0-9]{1,15}$/.test(value)) {
    return [`content-length ${JSON.stringify(value)} is not one decimal number`, 'RFC 9110 §8.6']
  }
  return undefined
}

function judge(field: FieldInput): number {
  if (fieldFault(field) !== undefined) return FieldKind.MALFORMED
  const { name } = field
  if (name.charCodeAt(0) === 0x3a) return pseudoKinds[name]!
  if (name === 'content-length') return FieldKind.CONTENT_LENGTH
  if (name === 'priority') return FieldKind.PRIORITY
  return name === 'host' ? FieldKind.HOST : FieldKind.REGULAR
}

/** The `FieldKind` of a field line, remembered on entries of the HPACK tables. */
export function fieldKind(field: FieldInput): number {
  const known = noteOf(field)
  if (known !== FieldKind.UNKNOWN) return known
  const kind = judge(field)
  setNote(field, kind)
  return kind
}
