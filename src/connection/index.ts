export { Connection } from './connection.ts'
export type { ConnectionState } from './core.ts'
export type {
  AltSvcReceived,
  ConnectionClosed,
  ConnectionEvent,
  DataReceived,
  ExtensionFrameReceived,
  FieldSectionKind,
  GoAwayReceived,
  HeadersReceived,
  LimitExceeded,
  OriginReceived,
  PingAcknowledged,
  PingReceived,
  PushPromised,
  RequestRefused,
  SettingsAcknowledged,
  SettingsReceived,
  StreamClosed,
  StreamReset,
  StreamWritable,
} from './events.ts'
export { defaultLimits, type Limits, resolveLimits } from './limits.ts'
export type { LocalSettings, SettingsUpdate } from './local-settings.ts'
export { MessagePhase } from './message-phase.ts'
export type { Observer } from './observer.ts'
export type { ConnectionOptions, ExtendedConnectPolicy, KeepAlive, Role } from './options.ts'
export { defaultPriority, type Priority, parsePriority } from './priority.ts'
export type { PeerSettings, SettingEntry } from './settings.ts'
export {
  StreamInput,
  type StreamInputName,
  StreamState,
  type StreamStateName,
  streamStateName,
  type Transition,
  transition,
} from './stream-state.ts'
