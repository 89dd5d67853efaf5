import type { ConnectHandler, ConnectRequest } from '../tunnel/connect-request.ts'
import { Admitter } from './admission.ts'
import { HandlerCallbacks } from './handler-callbacks.ts'
import { programThrew, WebSocket } from './web-socket.ts'
import type { AcceptOptions, WebSocketHandler } from './web-socket-handler.ts'
import type { AcceptedSocket } from './web-socket-opening.ts'
import { webSocketUrl } from './web-socket-url.ts'

/**
 * Gets each accepted socket as the WHATWG class. What it throws or rejects with, then or later in
 * a listener, closes the socket with 1011 and goes to `onError`.
 */
export type WebSocketFunction = (socket: WebSocket, request: ConnectRequest) => void | Promise<void>

/**
 * A `connect` handler that accepts WebSockets: register it under `websocket`. RFC 8441 §5, RFC 6455 §4.2.
 * Give it a handler object, or a function that takes the WHATWG class, with its options beside it. A malformed handshake
 * is answered with 400, or 426 for a version other than 13. `accept` of the options says who may connect.
 *
 * @throws UsageError for an option out of range.
 * @example
 * serve({ connect: { websocket: webSocket({ message: (socket, data) => void socket.send(data) }) } })
 */
export function webSocket(handler: WebSocketHandler | WebSocketFunction): ConnectHandler
export function webSocket(handler: WebSocketFunction, options: AcceptOptions): ConnectHandler
export function webSocket(handler: WebSocketHandler | WebSocketFunction, options: AcceptOptions = {}): ConnectHandler {
  if (typeof handler === 'function') {
    const admitter = new Admitter(options, (request, accepted) => openForFunction(handler, request, accepted))
    return (request) => admitter.admit(request)
  }
  const admitter = new Admitter(handler, (request, accepted) => {
    const { stream, reportError } = request
    new HandlerCallbacks(handler, stream, stream.platform, accepted, reportError).start(request)
  })
  return (request) => admitter.admit(request)
}

async function openForFunction(
  handler: WebSocketFunction,
  request: ConnectRequest,
  accepted: AcceptedSocket,
): Promise<void> {
  const { stream, reportError: report } = request
  const { platform } = stream
  const { core, link, protocol, extensions } = accepted
  const url = webSocketUrl(request.url)
  const socket = new WebSocket({ stream, core, platform, url, protocol, extensions, link, report })
  try {
    await handler(socket, request)
  } catch (error) {
    programThrew(socket, error)
  }
}
