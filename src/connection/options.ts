import type { FieldSectionDecoder, FieldSectionEncoder } from '../hpack/index.ts'
import type { Limits } from './limits.ts'
import type { Observer } from './observer.ts'
import type { SettingEntry } from './settings.ts'

export type Role = 'client' | 'server'

/**
 * What a server does about extended CONNECT (RFC 8441): `off` takes `:protocol` as malformed, `accept` takes such
 * requests without saying so, `advertise` also sends SETTINGS_ENABLE_CONNECT_PROTOCOL=1.
 */
export type ExtendedConnectPolicy = 'off' | 'accept' | 'advertise'

/** When to ask whether a peer that says nothing is still there. RFC 9113 §6.7. Times are in milliseconds. */
export interface KeepAlive {
  /** A PING goes out when nothing was received for so long. */
  readonly interval: number
  /** The connection is ended when nothing was received for so long after that; as long as `interval` when absent. */
  readonly timeout?: number | undefined
}

export interface ConnectionOptions {
  readonly role: Role
  /** Server role only; `off` when absent. */
  readonly extendedConnect?: ExtendedConnectPolicy | undefined
  /** Client role only: the server may push, which comes as `PushPromised`. False when absent. RFC 9113 §8.4. */
  readonly enablePush?: boolean | undefined
  /** Off when absent. */
  readonly keepAlive?: KeepAlive | undefined
  /** Receive window of each stream in bytes, SETTINGS_INITIAL_WINDOW_SIZE: 262,144 when absent. RFC 9113 §6.9.2. */
  readonly streamWindow?: number | undefined
  /** Receive window of the whole connection in bytes, at least 65,535: 1,048,576 when absent. RFC 9113 §6.9.1. */
  readonly connectionWindow?: number | undefined
  /** The largest frame we take, SETTINGS_MAX_FRAME_SIZE: 16,384 when absent. RFC 9113 §4.2. */
  readonly maxFrameSize?: number | undefined
  /** Bytes in a stream's send queue from which it counts as not writable: 65,536 when absent. */
  readonly sendHighWaterMark?: number | undefined
  /** Settings to announce beside ours, for extensions: identifiers that no option of this list sets. RFC 9113 §5.5, §6.5. */
  readonly extensionSettings?: readonly SettingEntry[] | undefined
  /** Types of frames that come as `ExtensionFrameReceived`; all other unknown ones are ignored. RFC 9113 §5.5. */
  readonly extensionFrames?: readonly number[] | undefined
  readonly limits?: Partial<Limits> | undefined
  /** Another codec of field sections in place of our HPACK. */
  readonly codec?: { readonly encoder: FieldSectionEncoder; readonly decoder: FieldSectionDecoder } | undefined
  readonly observer?: Observer | undefined
}
