export { type WebSocketFunction, webSocket } from './accept-web-socket.ts'
export type { ConnectHandler, ConnectRequest } from './connect-request.ts'
export type { Connected, Connector, DialTarget, HttpVersion } from './connector.ts'
export type { DialerOptions, DialOptions } from './dial-options.ts'
export type { Exchange, Tunnel } from './exchange.ts'
export type { HandshakeOptions } from './extended-connect.ts'
export {
  type FetchExchange,
  type FetchHandler,
  type FetchHandlerOptions,
  type FetchInfo,
  fetchHandler,
} from './fetch-handler.ts'
export { fetchOver } from './fetch-over.ts'
export {
  type DialAttempt,
  HandshakeError,
  type HandshakeErrorOptions,
  type HandshakeFailure,
} from './handshake-error.ts'
export type { WebSocketEnd } from './link-owner.ts'
export { type ExtendedTunnelOptions, openTunnel, type ProxyTunnelOptions, type TunnelOptions } from './open-tunnel.ts'
export { openWebSocket } from './open-web-socket.ts'
export { openWebSocketHttp1, type UpgradeConnection } from './open-web-socket-http1.ts'
export { openWebSocketStream, type WebSocketStreamFunction, webSocketStream } from './open-web-socket-stream.ts'
export { OriginSession } from './origin-session.ts'
export type { FetchInit } from './outgoing-request.ts'
export type { ProxyHandler, ProxyRequest } from './proxy-request.ts'
export { type RouterOptions, router } from './router.ts'
export { ServerWebSocket } from './server-web-socket.ts'
export type { KeepAliveOptions, SocketOptions } from './socket-options.ts'
export { type TunnelStreams, tunnelStreams } from './tunnel-streams.ts'
export { WebSocket } from './web-socket.ts'
export { WebSocketDialer } from './web-socket-dialer.ts'
export type { WebSocketCloseEvent, WebSocketErrorEvent, WebSocketMessageEvent } from './web-socket-events.ts'
export type { AcceptOptions, Admission, WebSocketHandler } from './web-socket-handler.ts'
export type { OpenWebSocketOptions } from './web-socket-offer.ts'
export type { WebSocketInit, WebSocketOpening } from './web-socket-opening.ts'
export { type WebSocketCloseInfo, WebSocketStream, type WebSocketStreamConnection } from './web-socket-stream.ts'
export { parseSubprotocols, parseWebSocketUrl, webSocketUrl } from './web-socket-url.ts'
