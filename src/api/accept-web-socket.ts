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
import type { Exchange } from './exchange.ts'
import { HandlerCallbacks } from './handler-callbacks.ts'
import { programThrew, WebSocket } from './web-socket.ts'
import type { WebSocketHandler } from './web-socket-handler.ts'
import { webSocketUrl } from './web-socket-url.ts'

/**
 * Gets each accepted socket as the WHATWG class. What it throws or rejects with, then or later in
 * a listener, closes the socket with 1011 and goes to `onError`.
 */
export type WebSocketFunction = (socket: WebSocket, request: ConnectRequest) => void | Promise<void>

/** What a `WebSocketHandler` says by its members, for a function. */
export type WebSocketFunctionOptions = Pick<WebSocketHandler, 'protocols' | 'maxMessageSize'>

/**
 * A `connect` handler that accepts WebSockets: register it under `websocket`. RFC 8441 §5, RFC 6455 §4.2.
 * Give it a handler object, or a function that takes the WHATWG class, with its options beside it. A malformed handshake is answered with 400, or
 * 426 for a version other than 13. Who may connect, by path or `origin`, is decided by a handler around this one.
 *
 * @example
 * serve({ connect: { websocket: webSocket({ message: (socket, data) => void socket.send(data) }) } })
 */
export function webSocket(handler: WebSocketHandler | WebSocketFunction): ConnectHandler
export function webSocket(handler: WebSocketFunction, options: WebSocketFunctionOptions): ConnectHandler
export function webSocket(
  handler: WebSocketHandler | WebSocketFunction,
  options: WebSocketFunctionOptions = {},
): ConnectHandler {
  return typeof handler === 'function'
    ? (request) => acceptForFunction(handler, options, request)
    : (request) => acceptForHandler(handler, request)
}

function acceptForHandler(handler: WebSocketHandler, request: ConnectRequest): void {
  const { stream, reportError: report } = request
  const accepted = accept(stream, handler)
  if (accepted === undefined) return
  const { core, protocol } = accepted
  const { platform } = stream
  new HandlerCallbacks(stream, core, { handler, platform, protocol, report }).start(request)
}

async function acceptForFunction(
  handler: WebSocketFunction,
  options: WebSocketFunctionOptions,
  request: ConnectRequest,
): Promise<void> {
  const { stream, reportError: report } = request
  const accepted = accept(stream, options)
  if (accepted === undefined) return
  const { platform } = stream
  const socket = new WebSocket({ ...accepted, stream, platform, url: webSocketUrl(request.url), report })
  try {
    await handler(socket, request)
  } catch (error) {
    programThrew(socket, error)
  }
}

/** Does the handshake; undefined when the request was malformed and is answered already. */
function accept(
  stream: Exchange,
  options: WebSocketFunctionOptions,
): { readonly core: WebSocketConnection; readonly protocol: string } | undefined {
  // Made before the answer, so that limits out of range are a 500 and not a broken socket.
  const { maxMessageSize, protocols } = options
  const limits = maxMessageSize === undefined ? {} : { maxMessageSize }
  const core = new WebSocketConnection({ role: 'server', limits })
  const handshake = readHandshake(stream)
  if (handshake === undefined) return undefined
  // RFC 6455 §4.2.2: the client's order is its preference. Without a common one the socket opens without.
  const protocol = handshake.protocols.find((offered) => protocols?.includes(offered) === true)
  respond(stream, handshake, protocol)
  return { core, protocol: protocol ?? '' }
}

/** What the request asks for; undefined when it was malformed and is answered already. RFC 6455 §4.2.1. */
function readHandshake(stream: Exchange): WebSocketRequest | undefined {
  const handshake = readWebSocketRequest(stream.fields)
  if (!(handshake instanceof HandshakeFault)) return handshake
  const fields = [{ name: ':status', value: String(handshake.status) }, ...handshake.fields]
  stream.respond(fields, { endStream: true })
  return undefined
}

/** RFC 8441 §5: the 200 opens the socket; the stream carries its frames from now on. */
function respond(stream: Exchange, handshake: WebSocketRequest, protocol: string | undefined): void {
  const { key } = handshake
  // RFC 8441 §5 has no use for the key; who sends one all the same may insist on the answer of RFC 6455 §4.2.2.
  const accept = key === undefined ? undefined : base64Encode(stream.platform.sha1(acceptKeyInput(key)))
  stream.respond(
    webSocketResponseFields({
      ...(protocol === undefined ? {} : { protocol }),
      ...(accept === undefined ? {} : { accept }),
    }),
  )
}
