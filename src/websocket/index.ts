export { acceptKeyInput, base64Encode } from './accept-key.ts'
export { CloseCode } from './close-code.ts'
export type { CompressSettings, Decompressed, DeflateBackend } from './deflate-backend.ts'
export type { DeflateParameters } from './deflate-parameters.ts'
export type { NegotiatedDeflate } from './deflate-setup.ts'
export type {
  Closed,
  CloseReceived,
  MessageReceived,
  PingReceived,
  PongReceived,
  WebSocketEvent,
} from './events.ts'
export type { Extension } from './extension-list.ts'
export { HandshakeFault, type HandshakeField } from './handshake-fields.ts'
export {
  readWebSocketRequest,
  type WebSocketRequest,
  type WebSocketRequestOptions,
  webSocketRequestFields,
} from './handshake-request.ts'
export {
  readWebSocketResponse,
  type WebSocketResponse,
  type WebSocketResponseOptions,
  webSocketResponseFields,
} from './handshake-response.ts'
export { defaultLimits, type WebSocketLimits } from './limits.ts'
export { messageEnds } from './message-ends.ts'
export { Opcode } from './opcode.ts'
export type { SendOptions, WebSocketOptions, WebSocketState } from './options.ts'
export {
  acceptDeflate,
  type DeflateAnswer,
  type DeflateOffer,
  offerDeflate,
  type PerMessageDeflateOptions,
} from './permessage-deflate.ts'
export {
  readWebSocketUpgrade,
  type UpgradeRequest,
  type UpgradeRequestOptions,
  webSocketUpgradeRequest,
} from './upgrade-request.ts'
export {
  readWebSocketUpgradeResponse,
  type UpgradeExpectation,
  type UpgradeResponseOptions,
  webSocketUpgradeResponse,
} from './upgrade-response.ts'
export { type UpgradeResponse, UpgradeResponseReader } from './upgrade-response-reader.ts'
export { WebSocketConnection } from './websocket-connection.ts'
export { WebSocketError } from './websocket-error.ts'
