export {
  type AcceptOptions,
  type Admission,
  type Connected,
  type ConnectHandler,
  type Connector,
  type ConnectRequest,
  type DialAttempt,
  type DialerOptions,
  type DialOptions,
  type DialTarget,
  type Exchange,
  type ExtendedTunnelOptions,
  type FetchHandler,
  type FetchInfo,
  type FetchInit,
  fetchHandler,
  fetchOver,
  HandshakeError,
  type HandshakeErrorOptions,
  type HandshakeFailure,
  type HttpVersion,
  type KeepAliveOptions,
  type OpenWebSocketOptions,
  OriginSession,
  openTunnel,
  openWebSocket,
  openWebSocketHttp1,
  openWebSocketStream,
  type ProxyHandler,
  type ProxyRequest,
  type ProxyTunnelOptions,
  type RouterOptions,
  router,
  ServerWebSocket,
  type SocketOptions,
  type Tunnel,
  type TunnelOptions,
  type TunnelStreams,
  tunnelStreams,
  type UpgradeConnection,
  type WebSocketCloseInfo,
  WebSocketDialer,
  type WebSocketFunction,
  type WebSocketHandler,
  type WebSocketStreamConnection,
  type WebSocketStreamFunction,
  webSocket,
  webSocketStream,
} from '../../api/index.ts'
export {
  defaultLimits,
  type ExtendedConnectPolicy,
  type KeepAlive,
  type Limits,
  type Observer,
  type SettingsUpdate,
} from '../../connection/index.ts'
export { ConnectionError, ErrorCode, type Initiator, StreamError, UsageError } from '../../errors/index.ts'
export type { Field, FieldInput } from '../../hpack/index.ts'
export type { Platform } from '../../platform/index.ts'
export {
  ClientSession,
  type ClientSessionOptions,
  ClientStream,
  type CloseOptions,
  type LocalSettings,
  type PeerSettings,
  type RequestOptions,
  ServerSession,
  type ServerSessionOptions,
  ServerStream,
  type SessionOptions,
  type SignalOptions,
} from '../../session/index.ts'
export {
  type ByteTransport,
  memoryPair,
  messagePortTransport,
  type StreamPair,
  type TransportReceiver,
  webStreamsTransport,
  withInitialData,
} from '../../transport/index.ts'
export { CloseCode, type PerMessageDeflateOptions, type SendOptions, WebSocketError } from '../../websocket/index.ts'
export { type ConnectOptions, connect } from './connect.ts'
export { Dialer, dial, type NodeDialerOptions, type NodeDialOptions, sharedDialer } from './dialer.ts'
export { Http1Exchange } from './http1-exchange.ts'
export { Http1Upgrade } from './http1-upgrade.ts'
export { nodePlatform } from './platform.ts'
export { type ServeOptions, serve } from './serve.ts'
export type { Server } from './server.ts'
export { type JoinTcpOptions, joinTcp, type TcpProxyOptions, tcpProxy } from './tcp-tunnel.ts'
export { nodeTransport } from './transport.ts'
export { WebSocket } from './web-socket.ts'
export { WebSocketStream } from './web-socket-stream.ts'
