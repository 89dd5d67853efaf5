import type { ServerStream } from '../session/index.ts'
import {
  acceptKeyInput,
  base64Encode,
  HandshakeFault,
  readWebSocketRequest,
  WebSocketConnection,
  type WebSocketRequest,
  webSocketResponseFields,
} from '../websocket/index.ts'
import type { ConnectHandler, ConnectRequest } from './connect-request.ts'
import { HandlerCallbacks } from './handler-callbacks.ts'
import { programThrew, WebSocket } from './web-socket.ts'
import type { WebSocketHandler } from './web-socket-handler.ts'
import { webSocketUrl } from './web-socket-url.ts'

/**
 * Gets each accepted socket as the WHATWG class. What it throws or rejects with, then or later in
 * a listener, closes the socket with 1011 and goes to `onError`.
 */
export type WebSocketFunction = (socket: WebSocket, request: ConnectRequest) => void | Promise<void>

/**
 * A `connect` handler that accepts WebSockets: register it under `websocket`. RFC 8441 §5, RFC 6455 §4.2.
 * Give it a handler object, or a function that takes the WHATWG class. A malformed handshake is answered with 400, or
 * 426 for a version other than 13. Who may connect, by path or `origin`, is decided by a handler around this one.
 *
 * @example
 * serve({ connect: { websocket: webSocket({ message: (socket, data) => void socket.send(data) }) } })
 */
export function webSocket(handler: WebSocketHandler | WebSocketFunction): ConnectHandler {
  return typeof handler === 'function'
    ? (request) => acceptForFunction(handler, request)
    : (request) => acceptForHandler(handler, request)
}

function acceptForHandler(handler: WebSocketHandler, request: ConnectRequest): void {
  const { stream } = request
  // Made before the answer, so that limits out of range are a 500 and not a broken socket.
  const { maxMessageSize } = handler
  const limits = maxMessageSize === undefined ? {} : { maxMessageSize }
  const core = new WebSocketConnection({ role: 'server', limits })
  const handshake = readHandshake(stream)
  if (handshake === undefined) return
  // RFC 6455 §4.2.2: the client's order is its preference. Without a common one the socket opens without.
  const protocol = handshake.protocols.find((offered) => handler.protocols?.includes(offered) === true)
  respond(stream, handshake, protocol)
  const { platform } = stream.session
  const accepted = { handler, platform, protocol: protocol ?? '', report: request.reportError }
  new HandlerCallbacks(stream, core, accepted).start(request)
}

async function acceptForFunction(handler: WebSocketFunction, request: ConnectRequest): Promise<void> {
  const { stream } = request
  const handshake = readHandshake(stream)
  if (handshake === undefined) return
  respond(stream, handshake, undefined)
  const core = new WebSocketConnection({ role: 'server' })
  const { platform } = stream.session
  const url = webSocketUrl(request.url)
  const socket = new WebSocket({ stream, core, platform, url, protocol: '', report: request.reportError })
  try {
    await handler(socket, request)
  } catch (error) {
    programThrew(socket, error)
  }
}

/** What the request asks for; undefined when it was malformed and is answered already. RFC 6455 §4.2.1. */
function readHandshake(stream: ServerStream): WebSocketRequest | undefined {
  const handshake = readWebSocketRequest(stream.fields)
  if (!(handshake instanceof HandshakeFault)) return handshake
  const fields = [{ name: ':status', value: String(handshake.status) }, ...handshake.fields]
  stream.respond(fields, { endStream: true })
  return undefined
}

/** RFC 8441 §5: the 200 opens the socket; the stream carries its frames from now on. */
function respond(stream: ServerStream, handshake: WebSocketRequest, protocol: string | undefined): void {
  const { key } = handshake
  // RFC 8441 §5 has no use for the key; who sends one all the same may insist on the answer of RFC 6455 §4.2.2.
  const accept = key === undefined ? undefined : base64Encode(stream.session.platform.sha1(acceptKeyInput(key)))
  stream.respond(
    webSocketResponseFields({
      ...(protocol === undefined ? {} : { protocol }),
      ...(accept === undefined ? {} : { accept }),
    }),
  )
}
