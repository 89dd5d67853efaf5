import type { ClientSession, ClientStream } from '../../session/index.ts'
import { readWebSocketResponse } from '../../websocket/index.ts'
import { fieldValue } from '../header-fields.ts'
import { extendedConnect, type HandshakeOptions } from '../tunnel/extended-connect.ts'
import { WebSocket } from './web-socket.ts'
import { acceptOffer, type OpenWebSocketOptions, type WebSocketOffer, webSocketOffer } from './web-socket-offer.ts'
import type { WebSocketInit } from './web-socket-opening.ts'

/**
 * Opens a WebSocket on a stream of `session`, once the server's SETTINGS allow it, and resolves with it open.
 * RFC 8441 §5. `path` may be relative to `origin`, which may have the scheme http, https, ws or wss.
 *
 * Rejects with a HandshakeError; see its `reason`.
 * @throws UsageError, as a rejection, for a path, subprotocol or header that a handshake can't have.
 *
 * @example
 * const socket = await openWebSocket(session, 'https://localhost:8443', '/chat', { protocols: ['chat'] })
 */
export async function openWebSocket(
  session: ClientSession,
  origin: string,
  path: string,
  options: OpenWebSocketOptions = {},
): Promise<WebSocket> {
  const offer = webSocketOffer(session.platform, origin, path, options)
  return webSocketOverHttp2(session, offer, options, (init) => new WebSocket(init))
}

/** The same handshake for whatever `accept` makes of its outcome, before a byte of the tunnel is delivered. */
export function webSocketOverHttp2<T>(
  session: ClientSession,
  offer: WebSocketOffer,
  options: HandshakeOptions,
  accept: (init: WebSocketInit, stream: ClientStream) => T,
): Promise<T> {
  const report = (error: unknown): void => session.reportError(error)
  return extendedConnect(session, offer.fields, options, (stream, answer) => {
    const response = readWebSocketResponse(answer, offer.request.protocols, offer.deflate)
    const status = Number(fieldValue(answer, ':status'))
    return accept(acceptOffer(offer, response, status, answer, stream, report), stream)
  })
}
