import { UsageError } from '../errors/index.ts'
import { isAcceptableKey } from './accept-key.ts'
import { type Extension, parseExtensionList } from './extension-list.ts'
import {
  checkExtraFields,
  countOf,
  firstValueOf,
  HandshakeFault,
  type HandshakeField,
  valuesOf,
} from './handshake-fields.ts'
import { isToken, parseTokenList } from './token-list.ts'

/** The only version of the protocol there is. RFC 6455 §4.1. */
export const VERSION = '13'

export interface WebSocketRequestOptions {
  /** Host and port of the WebSocket URI, the port only where it isn't the default. */
  readonly authority: string
  /** `https` for wss, `http` for ws. RFC 8441 §5. */
  readonly scheme: 'http' | 'https'
  /** Path and query, beginning with `/`. */
  readonly path: string
  /** Subprotocols, the preferred first: tokens, each once. */
  readonly protocols?: readonly string[]
  readonly origin?: string
  /** The value of `sec-websocket-extensions`: that of `offerDeflate`. */
  readonly extensions?: string
  /** Other fields, `cookie` or `authorization` for example, in lower case. */
  readonly extra?: readonly HandshakeField[]
}

/** What a server learns from a request, beside its URI. */
export interface WebSocketRequest {
  readonly protocols: readonly string[]
  readonly version: number
  readonly origin: string | undefined
  /** A well-formed `sec-websocket-key`. Over HTTP/2 none is needed; some clients insist on an answer to theirs. */
  readonly key: string | undefined
  /** What the client offers; none has to be taken. */
  readonly extensions: readonly Extension[]
}

/**
 * The field section that opens a WebSocket over HTTP/2, pseudo-header fields first. RFC 8441 §5.
 * It never has a `sec-websocket-key`: RFC 8441 puts `:protocol` in its place.
 * @throws UsageError for a path, subprotocol or extra field that a request may not have.
 *
 * @example
 * webSocketRequestFields({ authority: 'localhost:8443', scheme: 'https', path: '/chat', protocols: ['chat'] })
 */
export function webSocketRequestFields(options: WebSocketRequestOptions): HandshakeField[] {
  const { authority, scheme, path, protocols = [], origin, extensions, extra = [] } = options
  checkTarget(authority, path, protocols)
  checkExtraFields(extra)
  const fields: HandshakeField[] = [
    { name: ':method', value: 'CONNECT' },
    { name: ':protocol', value: 'websocket' },
    { name: ':scheme', value: scheme },
    { name: ':path', value: path },
    { name: ':authority', value: authority },
    { name: 'sec-websocket-version', value: VERSION },
  ]
  if (protocols.length > 0) fields.push({ name: 'sec-websocket-protocol', value: protocols.join(', ') })
  if (extensions !== undefined) fields.push({ name: 'sec-websocket-extensions', value: extensions })
  if (origin !== undefined) fields.push({ name: 'origin', value: origin })
  for (const field of extra) fields.push(field)
  return fields
}

/**
 * Checks what every request of ours has, whatever the version of HTTP.
 * @throws UsageError
 */
export function checkTarget(authority: string, path: string, protocols: readonly string[]): void {
  if (authority === '') throw new UsageError('a WebSocket needs an authority', 'RFC 6455 §3')
  // RFC 6455 §3: a WebSocket URI has no fragment, and its resource name is never empty.
  if (!path.startsWith('/') || path.includes('#')) throw new UsageError(`${path} is not a path`, 'RFC 6455 §3')
  for (const protocol of protocols) {
    if (!isToken(protocol)) throw new UsageError(`${protocol} cannot be a subprotocol`, 'RFC 6455 §4.1')
  }
  if (new Set(protocols).size < protocols.length) throw new UsageError('a subprotocol named twice', 'RFC 6455 §4.1')
}

/** A request that asks for nothing in particular: one for all of them. Pure, so that clients, who read none, leave it out. */
const plainRequest: WebSocketRequest = /* @__PURE__ */ Object.freeze({
  protocols: /* @__PURE__ */ Object.freeze([]),
  version: /* @__PURE__ */ Number(VERSION),
  origin: undefined,
  key: undefined,
  extensions: /* @__PURE__ */ Object.freeze([]),
})

/**
 * Reads the fields of a request whose `:protocol` is `websocket`; a fault says what to answer instead of 200.
 * RFC 6455 §4.2.1 as changed by RFC 8441 §5. Names are expected in lower case; other fields are passed over.
 */
export function readWebSocketRequest(fields: readonly HandshakeField[]): WebSocketRequest | HandshakeFault {
  const fault = versionFault(fields)
  if (fault !== undefined) return fault

  // RFC 6455 §11.3.4: several lines are one list.
  const protocols = parseTokenList(valuesOf(fields, 'sec-websocket-protocol'))
  if (protocols === undefined) return new HandshakeFault(400, 'a malformed list of subprotocols', 'RFC 6455 §4.1')
  if (protocols.length > 1 && new Set(protocols).size < protocols.length) {
    return new HandshakeFault(400, 'a subprotocol named twice', 'RFC 6455 §4.1')
  }
  const extensions = parseExtensionList(valuesOf(fields, 'sec-websocket-extensions'))
  if (extensions === undefined) return new HandshakeFault(400, 'a malformed list of extensions', 'RFC 6455 §9.1')

  // RFC 6455 doesn't speak of two origins. Which one a check looks at would be chance, so there may be but one.
  if (countOf(fields, 'origin') > 1) return new HandshakeFault(400, 'more than one origin', 'RFC 6455 §4.1')

  // RFC 8441 §5: the key is not processed, so a malformed one is as good as none. RFC 6455 §11.3.1: at most one.
  if (countOf(fields, 'sec-websocket-key') > 1)
    return new HandshakeFault(400, 'more than one sec-websocket-key', 'RFC 6455 §11.3.1')
  const given = firstValueOf(fields, 'sec-websocket-key')
  const key = given !== undefined && isAcceptableKey(given) ? given : undefined
  const origin = firstValueOf(fields, 'origin')
  if (origin === undefined && key === undefined && protocols.length === 0 && extensions.length === 0)
    return plainRequest
  return { protocols, version: Number(VERSION), origin, key, extensions }
}

/** RFC 6455 §4.2.1, §4.4, §11.3.5: exactly one version; one that is not ours is answered with ours. */
function versionFault(fields: readonly HandshakeField[]): HandshakeFault | undefined {
  const version = firstValueOf(fields, 'sec-websocket-version')
  if (version === undefined) return new HandshakeFault(400, 'no sec-websocket-version', 'RFC 6455 §4.2.1')
  if (countOf(fields, 'sec-websocket-version') > 1)
    return new HandshakeFault(400, 'more than one sec-websocket-version', 'RFC 6455 §11.3.5')
  if (version === VERSION) return undefined
  // RFC 6455 §4.3: a version is a number from 0 to 255 without leading zeros; anything else isn't one.
  const number = Number(version)
  if (!(number >= 0 && number <= 255) || String(number) !== version) {
    return new HandshakeFault(400, 'a malformed sec-websocket-version', 'RFC 6455 §4.3')
  }
  const ours = [{ name: 'sec-websocket-version', value: VERSION }]
  return new HandshakeFault(426, `the WebSocket version ${version}`, 'RFC 6455 §4.4', ours)
}
