export type { Connected, Connector, DialTarget, HttpVersion } from './dial/connector.ts'
export type { DialerOptions, DialOptions } from './dial/dial-options.ts'
export { WebSocketDialer } from './dial/web-socket-dialer.ts'
export type { Exchange, Tunnel } from './exchange.ts'
export {
  type FetchExchange,
  type FetchHandler,
  type FetchHandlerOptions,
  type FetchInfo,
  fetchHandler,
} from './fetch/fetch-handler.ts'
export { fetchOver } from './fetch/fetch-over.ts'
export type { FetchInit } from './fetch/outgoing-request.ts'
export {
  type DialAttempt,
  HandshakeError,
  type HandshakeErrorOptions,
  type HandshakeFailure,
} from './handshake-error.ts'
export { OriginSession } from './origin-session.ts'
export { type RouterOptions, router } from './router.ts'
export { type WebSocketFunction, webSocket } from './socket/accept-web-socket.ts'
export { HandledWebSocket } from './socket/handled-web-socket.ts'
export type { WebSocketEnd } from './socket/link-owner.ts'
export { openHandledWebSocket } from './socket/open-handled-web-socket.ts'
export { openWebSocket } from './socket/open-web-socket.ts'
export { openWebSocketHttp1, type UpgradeConnection } from './socket/open-web-socket-http1.ts'
export { openWebSocketStream, type WebSocketStreamFunction, webSocketStream } from './socket/open-web-socket-stream.ts'
export type { KeepAliveOptions, SocketOptions } from './socket/socket-options.ts'
export { WebSocket } from './socket/web-socket.ts'
export type { WebSocketCloseEvent, WebSocketErrorEvent, WebSocketMessageEvent } from './socket/web-socket-events.ts'
export type {
  AcceptOptions,
  Admission,
  ClientWebSocketHandler,
  WebSocketCallbacks,
  WebSocketHandler,
} from './socket/web-socket-handler.ts'
export type { OpenWebSocketOptions } from './socket/web-socket-offer.ts'
export type { WebSocketInit, WebSocketOpening } from './socket/web-socket-opening.ts'
export { type WebSocketCloseInfo, WebSocketStream, type WebSocketStreamConnection } from './socket/web-socket-stream.ts'
export { parseSubprotocols, parseWebSocketUrl, webSocketUrl } from './socket/web-socket-url.ts'
export type { ConnectHandler, ConnectRequest } from './tunnel/connect-request.ts'
export type { HandshakeOptions } from './tunnel/extended-connect.ts'
export {
  type ExtendedTunnelOptions,
  openTunnel,
  type ProxyTunnelOptions,
  type TunnelOptions,
} from './tunnel/open-tunnel.ts'
export type { ProxyHandler, ProxyRequest } from './tunnel/proxy-request.ts'
export { type TunnelStreams, tunnelStreams } from './tunnel/tunnel-streams.ts'
