import type { FieldInput } from '../hpack/index.ts'
import { FieldKind, fieldFault, fieldKind } from './field-syntax.ts'
import type { JudgedLines } from './judged-lines.ts'

/** A malformed message, RFC 9113 §8.1.1: why, and by which rule. */
export interface Malformed {
  readonly reason: string
  readonly section: string
}

/**
 * What a header section says that the connection itself must know. Filled anew by each validation: one object for all that a
 * connection receives, and one for all that it sends.
 */
export class MessageHead {
  /** Which kinds of fields were there: a bit for each `FieldKind`. */
  seen = 0
  /** What it was found to be, while the same section comes again and again: nothing of it need be judged anew. */
  holds: 'request' | 'response' | 'nothing' = 'nothing'
  /** For sections of our own side, whose lines are no entries of a table. */
  readonly judged: JudgedLines | undefined
  method = ''
  scheme = ''
  path = ''
  /** Empty when absent. */
  authority = ''
  host = ''
  protocol: string | undefined
  status = 0
  /** -1 when absent. */
  contentLength = -1
  /** The priority field's value. RFC 9218 §5. */
  priority: string | undefined

  constructor(judged?: JudgedLines) {
    this.judged = judged
  }
}

const malformed = (reason: string, section: string): Malformed => ({ reason, section })

const bit = (kind: number): number => 1 << kind
const METHOD: number = bit(FieldKind.METHOD)
const SCHEME: number = bit(FieldKind.SCHEME)
const AUTHORITY: number = bit(FieldKind.AUTHORITY)
const PATH: number = bit(FieldKind.PATH)
const PROTOCOL: number = bit(FieldKind.PROTOCOL)
const STATUS: number = bit(FieldKind.STATUS)
const HOST: number = bit(FieldKind.HOST)
const CONTENT_LENGTH: number = bit(FieldKind.CONTENT_LENGTH)
const PRIORITY: number = bit(FieldKind.PRIORITY)
const REQUEST: number = METHOD | SCHEME | AUTHORITY | PATH | PROTOCOL
const PSEUDO: number = REQUEST | STATUS

/** Kinds that may come once at most, beside the pseudo-header fields. */
const ONCE: number = HOST | CONTENT_LENGTH
const REGULAR: number = bit(FieldKind.REGULAR)
const FAULTY: number = -bit(FieldKind.MALFORMED)

/** What all sections share: syntax, order, duplicates. Fills `head`. */
function scan(fields: readonly FieldInput[], allowed: number, where: string, head: MessageHead): Malformed | undefined {
  const { judged, seen: before } = head
  let seen = 0
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!
    const kind = judged === undefined ? fieldKind(field) : judged.kindOf(field, i)
    const own = bit(kind)
    if (own !== REGULAR) {
      // What must be looked at closely: any fault, what may come once and has, and a pseudo-header field out of its place.
      const suspect =
        (own & PSEUDO) === 0 ? (own & FAULTY) | (own & ONCE & seen) : (own & ~allowed) | (seen & (own | ~PSEUDO))
      if (suspect !== 0) {
        head.seen = before | seen
        return lineFault(field, kind, allowed, where, seen)
      }
      take(field.value, kind, seen, head)
    }
    seen |= own
  }
  head.seen = seen
  const gone = before & ~seen & ~REGULAR
  if (gone !== 0) forget(head, gone)
  return undefined
}

/** What is wrong with a line, by itself or behind those that were seen. */
function lineFault(field: FieldInput, kind: number, allowed: number, where: string, seen: number): Malformed {
  if (kind >= FieldKind.MALFORMED) {
    const [reason, section] = fieldFault(field, kind)
    return malformed(reason, section)
  }
  const { name } = field
  // RFC 9110 §7.2: one Host at most; two would let two readers disagree about where a request goes.
  if (kind === FieldKind.HOST) return malformed('host twice', 'RFC 9110 §7.2')
  // Two are refused even when they agree: whoever forwards them would have to choose.
  if (kind === FieldKind.CONTENT_LENGTH) return malformed('content-length twice', 'RFC 9110 §8.6')
  // RFC 9113 §8.3: pseudo-header fields come first, each once, and only where they are defined.
  if ((seen & ~PSEUDO) !== 0) return malformed(`${name} after a regular field`, 'RFC 9113 §8.3')
  if ((allowed & bit(kind)) === 0) return malformed(`${name} in ${where}`, 'RFC 9113 §8.3')
  return malformed(`${name} twice`, 'RFC 9113 §8.3')
}

function take(value: string, kind: number, seen: number, head: MessageHead): void {
  switch (kind) {
    case FieldKind.METHOD:
      head.method = value
      return
    case FieldKind.SCHEME:
      head.scheme = value
      return
    case FieldKind.AUTHORITY:
      head.authority = value
      return
    case FieldKind.PATH:
      head.path = value
      return
    case FieldKind.PROTOCOL:
      head.protocol = value
      return
    case FieldKind.STATUS:
      head.status = Number(value)
      return
    case FieldKind.HOST:
      head.host = value
      return
    case FieldKind.CONTENT_LENGTH:
      head.contentLength = Number(value)
      return
    default:
      head.priority = (seen & PRIORITY) === 0 ? value : `${head.priority}, ${value}` // RFC 9110 §5.3
  }
}

/** Sets back what the section before had, of the kinds that are bits of `gone`: nearly always none. */
function forget(head: MessageHead, gone: number): void {
  if ((gone & METHOD) !== 0) head.method = ''
  if ((gone & SCHEME) !== 0) head.scheme = ''
  if ((gone & PATH) !== 0) head.path = ''
  if ((gone & AUTHORITY) !== 0) head.authority = ''
  if ((gone & HOST) !== 0) head.host = ''
  if ((gone & PROTOCOL) !== 0) head.protocol = undefined
  if ((gone & STATUS) !== 0) head.status = 0
  if ((gone & CONTENT_LENGTH) !== 0) head.contentLength = -1
  if ((gone & PRIORITY) !== 0) head.priority = undefined
}

/**
 * Checks a request's header section and fills `head`. RFC 9113 §8.3.1, §8.5; RFC 8441 §4.
 * `extendedConnect` says whether `:protocol` is understood at all.
 */
export function validateRequest(
  fields: readonly FieldInput[],
  extendedConnect: boolean,
  head: MessageHead,
): Malformed | undefined {
  const allowed = extendedConnect ? REQUEST : REQUEST & ~PROTOCOL
  const fault = scan(fields, allowed, 'a request', head)
  if (fault !== undefined) return fault
  const { seen } = head
  if ((seen & METHOD) === 0) return malformed(':method is missing', 'RFC 9113 §8.3.1')
  const isConnect = head.method === 'CONNECT'
  if ((seen & PROTOCOL) !== 0 && !isConnect) {
    return malformed(':protocol on a method other than CONNECT', 'RFC 8441 §4')
  }
  if (isConnect && (seen & PROTOCOL) === 0) return validateConnect(head)
  if ((seen & SCHEME) === 0) return malformed(':scheme is missing', 'RFC 9113 §8.3.1')
  if ((seen & PATH) === 0) return malformed(':path is missing', 'RFC 9113 §8.3.1')
  if (head.path === '*' && head.method !== 'OPTIONS') {
    return malformed(":path '*' is for OPTIONS only", 'RFC 9113 §8.3.1')
  }
  return validateAuthority(head)
}

function validateConnect({ seen, authority }: MessageHead): Malformed | undefined {
  if ((seen & (SCHEME | PATH)) !== 0) return malformed(':scheme or :path on CONNECT', 'RFC 9113 §8.5')
  if (authority === '') return malformed(':authority is missing on CONNECT', 'RFC 9113 §8.5')
  return undefined
}

function validateAuthority({ seen, scheme, authority, host }: MessageHead): Malformed | undefined {
  if (authority !== '' && (seen & HOST) === 0) return undefined
  const lower = scheme.toLowerCase()
  if (
    (seen & AUTHORITY) !== 0 &&
    (seen & HOST) !== 0 &&
    authority !== host &&
    normalized(authority, lower) !== normalized(host, lower)
  ) {
    return malformed('host differs from :authority', 'RFC 9113 §8.3.1')
  }
  if (authority === '' && host === '' && (lower === 'http' || lower === 'https')) {
    return malformed(`an ${lower} request needs :authority or host`, 'RFC 9113 §8.3.1')
  }
  return undefined
}

/** Where a request goes: scheme and authority, in one spelling. RFC 9110 §4.3.1. */
export function originOf({ scheme, authority, host }: MessageHead): string {
  const lower = scheme.toLowerCase()
  return `${lower}://${normalized(authority === '' ? host : authority, lower)}`
}

/** RFC 3986 §6.2.3: case does not count, nor does a port that is the scheme's own or empty. */
function normalized(authority: string, scheme: string): string {
  const lower = authority.toLowerCase()
  const port = scheme === 'https' ? ':443' : ':80'
  if ((scheme === 'https' || scheme === 'http') && lower.endsWith(port)) return lower.slice(0, -port.length)
  return lower.endsWith(':') ? lower.slice(0, -1) : lower
}

/** Checks a response's header section and fills `head`. RFC 9113 §8.3.2. */
export function validateResponse(fields: readonly FieldInput[], head: MessageHead): Malformed | undefined {
  const fault = scan(fields, STATUS, 'a response', head)
  if (fault !== undefined) return fault
  if ((head.seen & STATUS) === 0) return malformed(':status is missing', 'RFC 9113 §8.3.2')
  // RFC 9113 §8.6: 101 has no meaning in HTTP/2.
  if (head.status === 101) return malformed(':status 101', 'RFC 9113 §8.6')
  return undefined
}

/** What trailers say of all this is nothing to anybody, but `scan` fills one. */
const trailerHead: MessageHead = new MessageHead()

/** Checks a trailer section: regular fields only. RFC 9113 §8.1. */
export function validateTrailers(fields: readonly FieldInput[]): Malformed | undefined {
  return scan(fields, 0, 'trailers', trailerHead)
}
