import { type FieldInput, noteOf, setNote } from '../hpack/index.ts'
import { notString } from '../hpack/octet-string.ts'
import { staticTable } from '../hpack/static-table.ts'

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
  /** This and all above it are malformed by themselves: `fieldFault` says why. */
  MALFORMED: 11,
} as const

/** What is wrong with a field line. */
const Fault = {
  UNKNOWN_PSEUDO: 11,
  PSEUDO_VALUE: 12,
  NAME: 13,
  VALUE: 14,
  CONNECTION_SPECIFIC: 15,
  TE: 16,
  LENGTH: 17,
} as const

const COLON = 0x3a
const SLASH = 0x2f

/** The `tchar` of RFC 9110 §5.6.2, without the upper-case letters that RFC 9113 §8.2.1 forbids in names. */
const NAME = 1
const TOKEN = 2
/** RFC 9113 §8.3.1: visible, and nothing that would end an authority, or a path and its query. No userinfo either. */
const AUTHORITY = 4
const PATH = 8
/** RFC 3986 §3.1. */
const SCHEME = 16
const ALPHA = 32
const DIGIT = 64
const charClass: Uint8Array = new Uint8Array(256)
for (const c of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") charClass[c.charCodeAt(0)] = NAME | TOKEN
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') charClass[c.charCodeAt(0)] = TOKEN | ALPHA | SCHEME
for (const c of 'abcdefghijklmnopqrstuvwxyz') charClass[c.charCodeAt(0)]! |= ALPHA | SCHEME
for (const c of '0123456789') charClass[c.charCodeAt(0)]! |= DIGIT | SCHEME
for (const c of '+.-') charClass[c.charCodeAt(0)]! |= SCHEME
for (let c = 0x21; c <= 0xff; c++) if (c !== 0x7f) charClass[c]! |= AUTHORITY | PATH
for (const c of '/?#@\\') charClass[c.charCodeAt(0)]! &= ~AUTHORITY
charClass[0x23]! &= ~PATH

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

/** What a name says by itself. Nearly all that are sent are here, so that their letters need no look. */
const kinds: ReadonlyMap<string, number> = new Map([
  ...staticTable.slice(1).map(({ name }): [string, number] => [name, FieldKind.REGULAR]),
  // RFC 9113 §8.3.1, §8.3.2; RFC 8441 §4.
  [':method', FieldKind.METHOD],
  [':scheme', FieldKind.SCHEME],
  [':authority', FieldKind.AUTHORITY],
  [':path', FieldKind.PATH],
  [':protocol', FieldKind.PROTOCOL],
  [':status', FieldKind.STATUS],
  ['host', FieldKind.HOST],
  ['content-length', FieldKind.CONTENT_LENGTH],
  ['priority', FieldKind.PRIORITY],
  ['te', Fault.TE],
  // RFC 9113 §8.2.2: what speaks of the connection has no place in HTTP/2.
  ['connection', Fault.CONNECTION_SPECIFIC],
  ['proxy-connection', Fault.CONNECTION_SPECIFIC],
  ['keep-alive', Fault.CONNECTION_SPECIFIC],
  ['transfer-encoding', Fault.CONNECTION_SPECIFIC],
  ['upgrade', Fault.CONNECTION_SPECIFIC],
])

function rareKind(name: string): number {
  if (typeof name !== 'string') throw notString()
  if (name.charCodeAt(0) === COLON) return Fault.UNKNOWN_PSEUDO
  return isOf(name, NAME) ? FieldKind.REGULAR : Fault.NAME
}

/** No value that these let pass has what no field value may have. */
function isPseudoValue(kind: number, value: string): boolean {
  switch (kind) {
    case FieldKind.METHOD:
    case FieldKind.PROTOCOL: // RFC 8441 §4: a token of the HTTP Upgrade Token registry
      return isOf(value, TOKEN)
    case FieldKind.SCHEME: // RFC 3986 §3.1
      return isOf(value, SCHEME) && (charClass[value.charCodeAt(0)]! & ALPHA) !== 0
    case FieldKind.AUTHORITY: // RFC 9113 §8.3.1: no userinfo; what would end an authority cannot be in one
      return value === '' || isOf(value, AUTHORITY)
    case FieldKind.PATH: // origin-form or asterisk-form; never empty for http and https
      return value.charCodeAt(0) === SLASH ? isOf(value, PATH) : value === '*'
    default:
      return value.length === 3 && value.charCodeAt(0) !== 0x30 && isOf(value, DIGIT)
  }
}

/** A name in its place with a value that is one. */
function regularKind(kind: number, value: string): number {
  if (kind === FieldKind.CONTENT_LENGTH) return value.length <= 15 && isOf(value, DIGIT) ? kind : Fault.LENGTH
  if (kind === Fault.TE && value.toLowerCase() === 'trailers') return FieldKind.REGULAR
  return kind
}

/**
 * What a name says without its value.
 *
 * @throws UsageError if it is not a string: only a caller's can be none
 */
export function nameKind(name: string): number {
  return kinds.get(name) ?? rareKind(name)
}

/**
 * What a line says whose name says `kind`.
 *
 * @throws UsageError if the value is not a string: only a caller's can be none
 */
export function lineKind(kind: number, value: string): number {
  if (typeof value !== 'string') throw notString()
  if (kind >= FieldKind.METHOD && kind <= FieldKind.STATUS)
    return isPseudoValue(kind, value) ? kind : Fault.PSEUDO_VALUE
  if (kind === Fault.UNKNOWN_PSEUDO || kind === Fault.NAME) return kind
  return isFieldValue(value) ? regularKind(kind, value) : Fault.VALUE
}

function pseudoFault(name: string, value: string): string {
  if (!isFieldValue(value)) return 'has a forbidden character'
  switch (kinds.get(name)) {
    case FieldKind.SCHEME:
      return 'is not a URI scheme'
    case FieldKind.AUTHORITY:
      return 'is not host and port'
    case FieldKind.PATH:
      if (value.charCodeAt(0) !== SLASH) return "does not begin with '/'"
      return 'has a character that no path and query can have'
    case FieldKind.STATUS:
      return 'is not a three-digit status code'
    default:
      return 'is not a token'
  }
}

/** Why a field line of a malformed kind is malformed, with the section. */
export function fieldFault({ name, value }: FieldInput, kind: number): readonly [reason: string, section: string] {
  switch (kind) {
    case Fault.UNKNOWN_PSEUDO:
      return [`unknown pseudo-header field ${JSON.stringify(name)}`, 'RFC 9113 §8.3']
    case Fault.PSEUDO_VALUE:
      return [`${name} ${JSON.stringify(value)} ${pseudoFault(name, value)}`, 'RFC 9113 §8.3.1']
    case Fault.NAME:
      return [`field name ${JSON.stringify(name)} is not a lower-case token`, 'RFC 9113 §8.2.1']
    case Fault.VALUE:
      return [`the value of ${name} has NUL, CR or LF, or white space at an end`, 'RFC 9113 §8.2.1']
    case Fault.CONNECTION_SPECIFIC:
      return [`connection-specific field ${name}`, 'RFC 9113 §8.2.2']
    case Fault.TE:
      return ['te may only say trailers', 'RFC 9113 §8.2.2']
    default:
      return [`content-length ${JSON.stringify(value)} is not one decimal number`, 'RFC 9110 §8.6']
  }
}

/** The `FieldKind` of a field line, remembered on entries of the HPACK tables. */
export function fieldKind(field: FieldInput): number {
  const known = noteOf(field)
  if (known !== FieldKind.UNKNOWN) return known
  const kind = lineKind(nameKind(field.name), field.value)
  setNote(field, kind)
  return kind
}
