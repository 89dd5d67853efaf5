import { UsageError } from '../errors/index.ts'
import type { DeflateParameters } from './deflate-parameters.ts'
import { parseExtensionList } from './extension-list.ts'
import { checkExtraFields, HandshakeFault, type HandshakeField, valuesOf } from './handshake-fields.ts'
import { type DeflateOffer, readDeflateAnswer } from './permessage-deflate.ts'
import { isToken } from './token-list.ts'

export interface WebSocketResponseOptions {
  /** The subprotocol chosen, one that the client offered. RFC 6455 §4.2.2. */
  readonly protocol?: string | undefined
  /** `base64Encode(sha1(acceptKeyInput(key)))`, only for a request that came with a key; HTTP/2 knows no need of it. */
  readonly accept?: string | undefined
  /** The value of `sec-websocket-extensions`: that of `acceptDeflate`. */
  readonly extensions?: string | undefined
  /** Other fields, `set-cookie` for example, in lower case. */
  readonly extra?: readonly HandshakeField[] | undefined
}

/** What a client learns from a response. */
export interface WebSocketResponse {
  /** The subprotocol in use; empty when the server chose none. */
  readonly protocol: string
  /** What was agreed on compression; `undefined` when there is none. */
  readonly deflate: DeflateParameters | undefined
}

/**
 * The field section that accepts a WebSocket over HTTP/2; the stream then carries its bytes. RFC 8441 §5.
 * The caller sees to it that `protocol` was offered.
 * @throws UsageError for a subprotocol or extra field that a response may not have.
 */
export function webSocketResponseFields(options: WebSocketResponseOptions = {}): HandshakeField[] {
  const { protocol, accept, extensions, extra } = options
  const fields: HandshakeField[] = [{ name: ':status', value: '200' }]
  // RFC 6455 §4.2.2: no field means no subprotocol; an empty value is not legal.
  if (protocol !== undefined) {
    if (!isToken(protocol)) throw new UsageError(`${protocol} cannot be a subprotocol`, 'RFC 6455 §4.2.2')
    fields.push({ name: 'sec-websocket-protocol', value: protocol })
  }
  if (accept !== undefined) fields.push({ name: 'sec-websocket-accept', value: accept })
  if (extensions !== undefined) fields.push({ name: 'sec-websocket-extensions', value: extensions })
  if (extra !== undefined) {
    checkExtraFields(extra)
    for (const field of extra) fields.push(field)
  }
  return fields
}

/**
 * Reads the final response to a request whose subprotocols were `requestedProtocols`, and which had the value of
 * `offer` if there was one. RFC 6455 §4.1, RFC 8441 §5.
 * That the server chose none of them is allowed by the RFC; a browser's `WebSocket` is stricter, and that is for the
 * layer above. A stray `sec-websocket-accept` and other fields of HTTP/1.1 are passed over.
 */
export function readWebSocketResponse(
  fields: readonly HandshakeField[],
  requestedProtocols: readonly string[],
  offer?: DeflateOffer,
): WebSocketResponse | HandshakeFault {
  const statuses = valuesOf(fields, ':status')
  const status = statuses.length === 1 && /^[1-9][0-9][0-9]$/.test(statuses[0]) ? Number(statuses[0]) : 0
  // RFC 9113 §8.5: any 2xx accepts a CONNECT. 101 does not exist in HTTP/2.
  if (status < 200 || status > 299) return new HandshakeFault(status, `the status ${status}`, 'RFC 9113 §8.5')

  return readAgreement(status, fields, requestedProtocols, offer)
}

/** What a response that accepts says beside that, in HTTP/2 as in HTTP/1.1. RFC 6455 §4.1. */
export function readAgreement(
  status: number,
  fields: readonly HandshakeField[],
  requestedProtocols: readonly string[],
  offer: DeflateOffer | undefined,
): WebSocketResponse | HandshakeFault {
  const extensions = parseExtensionList(valuesOf(fields, 'sec-websocket-extensions'))
  if (extensions === undefined) return new HandshakeFault(status, 'a malformed list of extensions', 'RFC 6455 §9.1')
  const deflate = readDeflateAnswer(extensions, offer)
  if (typeof deflate === 'string') return new HandshakeFault(status, deflate, 'RFC 6455 §4.1')

  const protocols = valuesOf(fields, 'sec-websocket-protocol')
  if (protocols.length > 1) {
    return new HandshakeFault(status, 'more than one sec-websocket-protocol', 'RFC 6455 §11.3.4')
  }
  const [protocol] = protocols
  if (protocol === undefined) return { protocol: '', deflate }
  // RFC 6455 §4.1: one of those offered, compared case-sensitively.
  if (!requestedProtocols.includes(protocol)) {
    return new HandshakeFault(status, 'a subprotocol that was not offered', 'RFC 6455 §4.1')
  }
  return { protocol, deflate }
}
