import type { ClientSession } from '../../session/index.ts'
import type { HandledWebSocket } from './handled-web-socket.ts'
import { HandlerCallbacks } from './handler-callbacks.ts'
import { webSocketOverHttp2 } from './open-web-socket.ts'
import type { ClientWebSocketHandler } from './web-socket-handler.ts'
import { webSocketOffer } from './web-socket-offer.ts'

/**
 * Opens a WebSocket on a stream of `session`, like `openWebSocket`, and tells `handler` what comes: bytes as views, without
 * an event for each message. It resolves with the socket, open if `open` of the handler left it so: that has been called by
 * then, and `message` for what came with the answer. What a callback throws without an `error` beside it goes to `onError`
 * of the session.
 *
 * Rejects with a HandshakeError; see its `reason`.
 * @throws UsageError, as a rejection, for a path, subprotocol or header that a handshake can't have.
 *
 * @example
 * const socket = await openHandledWebSocket(session, 'https://localhost:8443', '/chat', {
 *   message: (_, data) => console.log(data),
 * })
 * socket.send('hello')
 */
export async function openHandledWebSocket(
  session: ClientSession,
  origin: string,
  path: string,
  handler: ClientWebSocketHandler,
): Promise<HandledWebSocket> {
  const { platform } = session
  const offer = webSocketOffer(platform, origin, path, handler)
  return webSocketOverHttp2(session, offer, handler, (opened) =>
    new HandlerCallbacks<void>(handler, opened.stream, platform, opened, opened.report).start(),
  )
}
