export { CloseCode } from './close-code.ts'
export type {
  Closed,
  CloseReceived,
  MessageReceived,
  PingReceived,
  PongReceived,
  WebSocketEvent,
} from './events.ts'
export { defaultLimits, type WebSocketLimits } from './limits.ts'
export { Opcode } from './opcode.ts'
export { WebSocketConnection, type WebSocketOptions, type WebSocketState } from './websocket-connection.ts'
export { WebSocketError } from './websocket-error.ts'
