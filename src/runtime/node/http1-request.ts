import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { MessageHead, validateRequest } from '../../connection/field-validation.ts'
import type { Field, FieldInput } from '../../hpack/index.ts'

/** A request that HTTP/1.1's own parser let pass and that is none all the same: what to answer, and why. */
export class Http1Fault {
  readonly status: number
  readonly reason: string
  readonly section: string
  /** Fields that belong into the answer. */
  readonly fields: readonly FieldInput[]

  constructor(status: number, reason: string, section: string, fields: readonly FieldInput[] = []) {
    this.status = status
    this.reason = reason
    this.section = section
    this.fields = fields
  }
}

/** The fields that speak of one connection: HTTP/2 has none of them, RFC 9113 §8.2.2. `host` becomes `:authority`. */
const connectionSpecific: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

interface Target {
  readonly scheme: string
  readonly authority: string | undefined
  readonly path: string
}

const field = (name: string, value: string): Field => ({ name, value, sensitive: false })

/**
 * The field section that HTTP/2 would have for a request of HTTP/1.1, RFC 9113 §8.3.1: pseudo-header fields, then every
 * line as it came, names in lower case, without those that speak of the connection. What HTTP/2 would call malformed is
 * a fault here too, so that a handler meets the same guarantees. `protocol`: the request stands for an extended CONNECT
 * with that `:protocol`, RFC 8441 §4. `maxFieldCount` as in the limits.
 */
export function requestFields(
  request: IncomingMessage,
  maxFieldCount: number,
  protocol?: string,
): readonly Field[] | Http1Fault {
  const { rawHeaders, httpVersionMajor } = request
  // Node's parser takes 0.9 and 2.0 too.
  if (httpVersionMajor !== 1) return new Http1Fault(505, `HTTP/${request.httpVersion}`, 'RFC 9112 §2.3')
  const method = request.method ?? ''
  const rest: Field[] = []
  const hosts: string[] = []
  let crumbs = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase()
    const value = rawHeaders[at + 1]!
    if (name === 'host') hosts.push(value)
    else if (name === 'cookie') crumbs++
    if (connectionSpecific.has(name) || (name === 'te' && value.toLowerCase() !== 'trailers')) continue
    rest.push(field(name, value))
  }
  const codingFault = transferCodingFault(request)
  if (codingFault !== undefined) return codingFault
  if (rest.length - crumbs > maxFieldCount) return new Http1Fault(431, 'too many field lines', 'RFC 6585 §5')
  // RFC 9112 §3.2: more than one Host would let two readers disagree about where the request goes.
  if (hosts.length > 1) return new Http1Fault(400, 'host twice', 'RFC 9112 §3.2')

  const fields = method === 'CONNECT' ? connectFields(request) : targetFields(request, method, protocol, hosts[0])
  if (fields instanceof Http1Fault) return fields
  fields.push(...rest)
  const malformed = validateRequest(fields, true, new MessageHead())
  return malformed === undefined ? fields : new Http1Fault(400, malformed.reason, malformed.section)
}

/** RFC 9112 §3.2.3: the authority-form is for CONNECT alone. */
function connectFields(request: IncomingMessage): Field[] {
  return [field(':method', 'CONNECT'), field(':authority', request.url ?? '')]
}

function targetFields(
  request: IncomingMessage,
  method: string,
  protocol: string | undefined,
  host: string | undefined,
): Field[] | Http1Fault {
  const secure = (request.socket as Partial<TLSSocket>).encrypted === true
  const target = readTarget(request.url ?? '', method, secure ? 'https' : 'http')
  if (target === undefined) return new Http1Fault(400, 'no form of a request target', 'RFC 9112 §3.2')
  // RFC 9110 §7.4: what is meant for another scheme must not be answered as if it were meant for this one.
  if ((target.scheme === 'https') !== secure) return new Http1Fault(421, 'another scheme', 'RFC 9110 §7.4')
  // RFC 9112 §3.2.2: in absolute-form the target's own authority counts, whatever Host says.
  const authority = target.authority ?? host ?? ownAuthority(request)
  return [
    field(':method', protocol === undefined ? method : 'CONNECT'),
    ...(protocol === undefined ? [] : [field(':protocol', protocol)]),
    field(':scheme', target.scheme),
    field(':authority', authority),
    field(':path', target.path),
  ]
}

/** The origin-form, the absolute-form and the asterisk-form of RFC 9112 §3.2. */
function readTarget(url: string, method: string, scheme: string): Target | undefined {
  if (url.startsWith('/') || url === '*') return { scheme, authority: undefined, path: url }
  const absolute = /^(https?):\/\/([^/?#]+)(.*)$/i.exec(url)
  if (absolute === null) return undefined
  const [, itsScheme, authority, rest] = absolute
  // RFC 9112 §3.2.4: OPTIONS without a path asks about the server as a whole.
  const empty = method === 'OPTIONS' ? '*' : '/'
  const path = rest === '' ? empty : rest!.startsWith('?') ? `/${rest}` : rest!
  return { scheme: itsScheme!.toLowerCase(), authority: authority!, path }
}

/** HTTP/1.0 knew no Host. RFC 9112 §3.3 leaves the name to the server: here the address that was connected to. */
function ownAuthority(request: IncomingMessage): string {
  const { localAddress = 'localhost', localPort = 0 } = request.socket
  return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
}

/**
 * RFC 9112 §6.1: chunked is the one coding known here; who sends another must not have its body taken for the plain one.
 * HTTP/1.0 knew none, so a sender of it that names one can't be trusted with the length of anything.
 */
function transferCodingFault({ headers, httpVersionMinor }: IncomingMessage): Http1Fault | undefined {
  const coding = headers['transfer-encoding']
  if (coding === undefined) return undefined
  if (httpVersionMinor === 0) return new Http1Fault(400, 'a transfer coding in HTTP/1.0', 'RFC 9112 §6.1')
  return coding.toLowerCase() === 'chunked' ? undefined : new Http1Fault(501, `the coding ${coding}`, 'RFC 9112 §6.1')
}

/** Whether a body follows the head: RFC 9112 §6.3. The parser has refused contradictory lengths already. */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
