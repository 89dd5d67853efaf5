import { latin1Encode } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'
import { isAcceptableKey } from './accept-key.ts'
import { HandshakeFault, type HandshakeField, valuesOf } from './handshake-fields.ts'
import { checkTarget, readWebSocketRequest, VERSION, type WebSocketRequest } from './handshake-request.ts'
import { checkUpgradeFields, isFieldValue, listHas } from './upgrade-fields.ts'

export interface UpgradeRequestOptions {
  /** Host and port of the WebSocket URI, the port only where it isn't the default. */
  readonly authority: string
  /** Path and query, beginning with `/`. */
  readonly path: string
  /** 16 random octets, new ones for each request, as `base64Encode` writes them. RFC 6455 §4.1. */
  readonly key: string
  /** Subprotocols, the preferred first: tokens, each once. */
  readonly protocols?: readonly string[]
  readonly origin?: string
  /** The value of `sec-websocket-extensions`: that of `offerDeflate`. */
  readonly extensions?: string
  /** Other fields, `cookie` or `authorization` for example. */
  readonly extra?: readonly HandshakeField[]
}

/**
 * The octets of the request that opens a WebSocket over HTTP/1.1. RFC 6455 §4.1.
 * @throws UsageError for a path, key, subprotocol or field that a request may not have.
 *
 * @example
 * const key = base64Encode(random(16))
 * write(webSocketUpgradeRequest({ authority: 'localhost:8080', path: '/chat', key }))
 */
export function webSocketUpgradeRequest(options: UpgradeRequestOptions): Uint8Array {
  const { authority, path, key, protocols = [], origin, extensions, extra = [] } = options
  checkTarget(authority, path, protocols)
  // A space would end the target in the request line, a CR the line. RFC 9112 §3.
  for (const part of [authority, path]) {
    if (!/^[!-~]+$/.test(part)) throw new UsageError(`${part} cannot stand in a request line`, 'RFC 9112 §3')
  }
  if (!isAcceptableKey(key)) throw new UsageError('a key that is not 16 octets in base64', 'RFC 6455 §4.1')
  for (const value of [origin, extensions]) {
    if (value !== undefined && !isFieldValue(value)) throw new UsageError(`${value} cannot be sent`, 'RFC 9110 §5')
  }
  checkUpgradeFields(extra)
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${authority}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    `Sec-WebSocket-Version: ${VERSION}`,
  ]
  if (protocols.length > 0) lines.push(`Sec-WebSocket-Protocol: ${protocols.join(', ')}`)
  if (extensions !== undefined) lines.push(`Sec-WebSocket-Extensions: ${extensions}`)
  if (origin !== undefined) lines.push(`Origin: ${origin}`)
  for (const { name, value } of extra) lines.push(`${name}: ${value}`)
  return latin1Encode(`${lines.join('\r\n')}\r\n\r\n`)
}

/** A request over HTTP/1.1, which always has a key. */
export interface UpgradeRequest extends WebSocketRequest {
  readonly key: string
}

/** What makes a 426 tell what to do instead. RFC 9110 §15.5.22. */
const upgradeNow: readonly HandshakeField[] = [
  { name: 'upgrade', value: 'websocket' },
  { name: 'connection', value: 'upgrade' },
]

/**
 * Decides on a request that came over HTTP/1.1, read by somebody else's parser; names in lower case, `httpVersion` like
 * `1.1`. A fault says what to answer instead of 101, after which the connection is best closed. RFC 6455 §4.2.1.
 */
export function readWebSocketUpgrade(
  method: string,
  httpVersion: string,
  fields: readonly HandshakeField[],
): UpgradeRequest | HandshakeFault {
  if (method !== 'GET') {
    const allow = [{ name: 'allow', value: 'GET' }]
    return new HandshakeFault(405, `the method ${method}`, 'RFC 6455 §4.2.1', allow)
  }
  if (httpVersion !== '1.1') return new HandshakeFault(400, `HTTP/${httpVersion}`, 'RFC 6455 §4.2.1')
  if (valuesOf(fields, 'host').length !== 1) return new HandshakeFault(400, 'not one host', 'RFC 6455 §4.2.1')
  if (!listHas(fields, 'upgrade', 'websocket')) {
    return new HandshakeFault(426, 'no upgrade to websocket', 'RFC 6455 §4.2.1', upgradeNow)
  }
  if (!listHas(fields, 'connection', 'upgrade')) {
    return new HandshakeFault(400, 'upgrade is not named by connection', 'RFC 6455 §4.2.1')
  }
  // What follows the request is the WebSocket's: a body before it could pass for frames, or frames for a body.
  if (valuesOf(fields, 'transfer-encoding').length > 0 || valuesOf(fields, 'content-length').some((n) => n !== '0')) {
    return new HandshakeFault(400, 'a request with content', 'RFC 6455 §4.1')
  }
  const request = readWebSocketRequest(fields)
  if (request instanceof HandshakeFault) {
    if (request.status !== 426) return request
    return new HandshakeFault(426, request.reason, request.section, [...request.fields, ...upgradeNow])
  }
  const { key } = request
  if (key === undefined) return new HandshakeFault(400, 'no key of 16 octets in base64', 'RFC 6455 §4.2.1')
  return { ...request, key }
}
