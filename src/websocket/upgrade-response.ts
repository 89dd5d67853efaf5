import { UsageError } from '../errors/index.ts'
import { HandshakeFault, type HandshakeField, valuesOf } from './handshake-fields.ts'
import { readAgreement, type WebSocketResponse } from './handshake-response.ts'
import type { DeflateOffer } from './permessage-deflate.ts'
import { isToken } from './token-list.ts'
import { checkUpgradeFields, listHas } from './upgrade-fields.ts'
import type { UpgradeResponse } from './upgrade-response-reader.ts'

export interface UpgradeResponseOptions {
  /** `base64Encode(sha1(acceptKeyInput(key)))`. RFC 6455 §4.2.2. */
  readonly accept: string
  /** The subprotocol chosen, one that the client offered. */
  readonly protocol?: string
  /** The value of `sec-websocket-extensions`: that of `acceptDeflate`. */
  readonly extensions?: string
  /** Other fields, `set-cookie` for example, in lower case. */
  readonly extra?: readonly HandshakeField[]
}

/**
 * The fields of the 101 that accepts a WebSocket over HTTP/1.1; its frames follow at once. RFC 6455 §4.2.2.
 * The caller sees to it that `protocol` was offered.
 * @throws UsageError for a subprotocol or extra field that a response may not have.
 */
export function webSocketUpgradeResponse(options: UpgradeResponseOptions): HandshakeField[] {
  const { accept, protocol, extensions, extra = [] } = options
  const fields: HandshakeField[] = [
    { name: 'upgrade', value: 'websocket' },
    { name: 'connection', value: 'Upgrade' },
    { name: 'sec-websocket-accept', value: accept },
  ]
  if (protocol !== undefined) {
    if (!isToken(protocol)) throw new UsageError(`${protocol} cannot be a subprotocol`, 'RFC 6455 §4.2.2')
    fields.push({ name: 'sec-websocket-protocol', value: protocol })
  }
  if (extensions !== undefined) fields.push({ name: 'sec-websocket-extensions', value: extensions })
  checkUpgradeFields(extra)
  for (const field of extra) fields.push(field)
  return fields
}

/** What the request said, for the answer to be held against. */
export interface UpgradeExpectation {
  /** `base64Encode(sha1(acceptKeyInput(key)))` of the request's key. */
  readonly accept: string
  readonly protocols: readonly string[]
  readonly offer?: DeflateOffer | undefined
}

/** Whether a response of HTTP/1.1 opens the WebSocket, and how. RFC 6455 §4.1. */
export function readWebSocketUpgradeResponse(
  response: UpgradeResponse,
  expected: UpgradeExpectation,
): WebSocketResponse | HandshakeFault {
  const { status, fields } = response
  // RFC 6455 §4.1: only 101 says yes. A 200 is the page that a server has at this place.
  if (status !== 101) return new HandshakeFault(status, `the status ${status}`, 'RFC 6455 §4.1')
  const upgrades = valuesOf(fields, 'upgrade')
  if (upgrades.length !== 1 || upgrades[0].toLowerCase() !== 'websocket') {
    return new HandshakeFault(status, 'an upgrade to something else', 'RFC 6455 §4.1')
  }
  if (!listHas(fields, 'connection', 'upgrade')) {
    return new HandshakeFault(status, 'upgrade is not named by connection', 'RFC 6455 §4.1')
  }
  // Who answers without having understood the request, a cache for example, can't know this value. RFC 6455 §1.3.
  const accepts = valuesOf(fields, 'sec-websocket-accept')
  if (accepts.length !== 1 || accepts[0] !== expected.accept) {
    return new HandshakeFault(status, 'a sec-websocket-accept that does not answer the key', 'RFC 6455 §4.1')
  }
  return readAgreement(status, fields, expected.protocols, expected.offer)
}
