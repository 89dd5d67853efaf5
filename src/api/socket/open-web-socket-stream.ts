import type { ClientSession } from '../../session/index.ts'
import type { ConnectHandler, ConnectRequest } from '../tunnel/connect-request.ts'
import { Admitter } from './admission.ts'
import { webSocketOverHttp2 } from './open-web-socket.ts'
import type { AcceptOptions } from './web-socket-handler.ts'
import { type OpenWebSocketOptions, webSocketOffer } from './web-socket-offer.ts'
import { streamUserThrew, WebSocketStream } from './web-socket-stream.ts'
import { webSocketUrl } from './web-socket-url.ts'

/**
 * Opens a WebSocket on a stream of `session`, like `openWebSocket`, and resolves with it as a pair of streams.
 * Rejects with a HandshakeError; see its `reason`.
 *
 * @example
 * const socket = await openWebSocketStream(session, 'https://localhost:8443', '/chat')
 * for await (const message of socket) console.log(message)
 */
export async function openWebSocketStream(
  session: ClientSession,
  origin: string,
  path: string,
  options: OpenWebSocketOptions = {},
): Promise<WebSocketStream> {
  const offer = webSocketOffer(session.platform, origin, path, options)
  return webSocketOverHttp2(session, offer, options, (init) => new WebSocketStream(init))
}

/**
 * Gets each accepted socket as a pair of streams. What it throws or rejects with closes the socket with 1011 and goes to
 * `onError`.
 */
export type WebSocketStreamFunction = (socket: WebSocketStream, request: ConnectRequest) => void | Promise<void>

/**
 * A `connect` handler that accepts WebSockets and hands them on as streams, where `webSocket()` hands on events: register
 * it under `websocket`. The socket lives on when the function has returned.
 *
 * @throws UsageError for an option out of range.
 * @example
 * serve({
 *   connect: {
 *     websocket: webSocketStream(async (socket) => {
 *       const { readable, writable } = await socket.opened
 *       await readable.pipeTo(writable)
 *     }),
 *   },
 * })
 */
export function webSocketStream(handler: WebSocketStreamFunction, options: AcceptOptions = {}): ConnectHandler {
  const admitter = new Admitter(options, async (request, accepted) => {
    const { stream, reportError: report } = request
    const { platform } = stream
    const socket = new WebSocketStream({ ...accepted, stream, platform, url: webSocketUrl(request.url), report })
    try {
      await handler(socket, request)
    } catch (error) {
      streamUserThrew(socket)
      report(error)
    }
  })
  return (request) => admitter.admit(request)
}
