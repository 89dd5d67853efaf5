import type { FieldInput } from '../hpack/index.ts'
import { FieldKind, fieldFault, fieldKind } from './field-syntax.ts'

/** A malformed message, RFC 9113 §8.1.1: why, and by which rule. */
export interface Malformed {
  readonly reason: string
  readonly section: string
}

/** What a header section says that the connection itself must know. Filled anew by each validation. */
export class MessageHead {
  method = ''
  scheme = ''
  /** Empty when absent. */
  authority = ''
  host = ''
  protocol: string | undefined
  status = 0
  /** -1 when absent. */
  contentLength = -1
  /** The priority field's value. RFC 9218 §5. */
  priority: string | undefined
}

const malformed = (reason: string, section: string): Malformed => ({ reason, section })

// One bit for each pseudo-header field seen, by its kind.
const bit = (kind: number): number => 1 << kind
const METHOD: number = bit(FieldKind.METHOD)
const SCHEME: number = bit(FieldKind.SCHEME)
const AUTHORITY: number = bit(FieldKind.AUTHORITY)
const PATH: number = bit(FieldKind.PATH)
const PROTOCOL: number = bit(FieldKind.PROTOCOL)
const STATUS: number = bit(FieldKind.STATUS)
const REQUEST: number = METHOD | SCHEME | AUTHORITY | PATH | PROTOCOL

function ofPseudo(field: FieldInput, where: string): Malformed {
  return malformed(`${field.name} in ${where}`, 'RFC 9113 §8.3')
}

/** What the two loops below share: syntax, order, duplicates, Host and content-length. */
class SectionScan {
  seen = 0
  host: string | undefined
  authority: string | undefined
  path = ''
  scheme = ''
  #regular = false

  scan(fields: readonly FieldInput[], allowed: number, where: string, head: MessageHead): Malformed | undefined {
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!
      const kind = fieldKind(field)
      if (kind === FieldKind.REGULAR) {
        this.#regular = true
        continue
      }
      const fault = this.#special(field, kind, allowed, where, head)
      if (fault !== undefined) return fault
    }
    return undefined
  }

  #special(field: FieldInput, kind: number, allowed: number, where: string, head: MessageHead): Malformed | undefined {
    const { name, value } = field
    if (kind === FieldKind.MALFORMED) {
      const [reason, section] = fieldFault(field)!
      return malformed(reason, section)
    }
    if (kind === FieldKind.HOST || kind === FieldKind.CONTENT_LENGTH || kind === FieldKind.PRIORITY) {
      this.#regular = true
      if (kind === FieldKind.HOST) return this.#hostLine(value)
      if (kind === FieldKind.CONTENT_LENGTH) return contentLengthLine(value, head)
      head.priority = head.priority === undefined ? value : `${head.priority}, ${value}` // RFC 9110 §5.3
      return undefined
    }
    // RFC 9113 §8.3: pseudo-header fields come first, each once, and only where they are defined.
    if (this.#regular) return malformed(`${name} after a regular field`, 'RFC 9113 §8.3')
    if ((allowed & bit(kind)) === 0) return ofPseudo(field, where)
    if ((this.seen & bit(kind)) !== 0) return malformed(`${name} twice`, 'RFC 9113 §8.3')
    this.seen |= bit(kind)
    switch (kind) {
      case FieldKind.METHOD:
        head.method = value
        break
      case FieldKind.PROTOCOL:
        head.protocol = value
        break
      case FieldKind.STATUS:
        head.status = Number(value)
        break
      case FieldKind.AUTHORITY:
        this.authority = value
        break
      case FieldKind.PATH:
        this.path = value
        break
      default:
        this.scheme = value
    }
    return undefined
  }

  #hostLine(value: string): Malformed | undefined {
    // RFC 9110 §7.2: one Host at most; two would let two readers disagree about where a request goes.
    if (this.host !== undefined) return malformed('host twice', 'RFC 9110 §7.2')
    this.host = value
    return undefined
  }
}

function contentLengthLine(value: string, head: MessageHead): Malformed | undefined {
  // Two are refused even when they agree: whoever forwards them would have to choose.
  if (head.contentLength !== -1) return malformed('content-length twice', 'RFC 9110 §8.6')
  head.contentLength = Number(value)
  return undefined
}

function reset(head: MessageHead): void {
  head.method = ''
  head.protocol = undefined
  head.status = 0
  head.contentLength = -1
  head.priority = undefined
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
  reset(head)
  const scan = new SectionScan()
  const allowed = extendedConnect ? REQUEST : REQUEST & ~PROTOCOL
  const fault = scan.scan(fields, allowed, 'a request', head)
  if (fault !== undefined) return fault
  const { seen } = scan
  head.scheme = scan.scheme
  head.authority = scan.authority ?? ''
  head.host = scan.host ?? ''
  if ((seen & METHOD) === 0) return malformed(':method is missing', 'RFC 9113 §8.3.1')
  if ((seen & PROTOCOL) !== 0 && head.method !== 'CONNECT') {
    return malformed(':protocol on a method other than CONNECT', 'RFC 8441 §4')
  }
  if (head.method === 'CONNECT' && (seen & PROTOCOL) === 0) return validateConnect(scan)
  if ((seen & SCHEME) === 0) return malformed(':scheme is missing', 'RFC 9113 §8.3.1')
  if ((seen & PATH) === 0) return malformed(':path is missing', 'RFC 9113 §8.3.1')
  if (scan.path === '*' && head.method !== 'OPTIONS') {
    return malformed(":path '*' is for OPTIONS only", 'RFC 9113 §8.3.1')
  }
  return validateAuthority(scan)
}

function validateConnect(scan: SectionScan): Malformed | undefined {
  if ((scan.seen & (SCHEME | PATH)) !== 0) return malformed(':scheme or :path on CONNECT', 'RFC 9113 §8.5')
  if (!scan.authority) return malformed(':authority is missing on CONNECT', 'RFC 9113 §8.5')
  return undefined
}

function validateAuthority(scan: SectionScan): Malformed | undefined {
  const { authority, host } = scan
  const scheme = scan.scheme.toLowerCase()
  if (authority !== undefined && host !== undefined && authority !== host) {
    if (normalized(authority, scheme) !== normalized(host, scheme)) {
      return malformed('host differs from :authority', 'RFC 9113 §8.3.1')
    }
  }
  if ((scheme === 'http' || scheme === 'https') && !(authority || host)) {
    return malformed(`an ${scheme} request needs :authority or host`, 'RFC 9113 §8.3.1')
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
  reset(head)
  const scan = new SectionScan()
  const fault = scan.scan(fields, STATUS, 'a response', head)
  if (fault !== undefined) return fault
  if ((scan.seen & STATUS) === 0) return malformed(':status is missing', 'RFC 9113 §8.3.2')
  // RFC 9113 §8.6: 101 has no meaning in HTTP/2.
  if (head.status === 101) return malformed(':status 101', 'RFC 9113 §8.6')
  return undefined
}

/** Checks a trailer section: regular fields only. RFC 9113 §8.1. */
export function validateTrailers(fields: readonly FieldInput[]): Malformed | undefined {
  return new SectionScan().scan(fields, 0, 'trailers', new MessageHead())
}
