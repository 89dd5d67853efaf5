import type { ConnectionEvent, ConnectionOptions } from '../connection/index.ts'
import type { Platform } from '../platform/index.ts'

/** What both roles take. The windows, marks, limits, codec and observer go to the connection as they are. */
export interface SessionOptions
  extends Pick<
    ConnectionOptions,
    | 'observer'
    | 'limits'
    | 'streamWindow'
    | 'connectionWindow'
    | 'maxFrameSize'
    | 'sendHighWaterMark'
    | 'codec'
    | 'keepAlive'
  > {
  readonly platform: Platform
  /** Bytes already read from the transport; handed over. */
  readonly initialData?: Uint8Array | undefined
  /** Hears what a callback of yours threw, and why the connection failed. What it throws itself is dropped. */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Sees every event of the connection before it is acted upon. */
  readonly onEvent?: ((event: ConnectionEvent) => void) | undefined
}

/** What one role alone has and its connection is told. */
export type RoleOptions = Pick<ConnectionOptions, 'extendedConnect' | 'enablePush'>

export interface CloseOptions {
  /** Milliseconds that streams in flight get to finish: 10,000 when absent. What is left then is cancelled. */
  readonly drain?: number | undefined
}

export interface SignalOptions {
  /** Gives the wait up; the connection isn't harmed. */
  readonly signal?: AbortSignal | undefined
}
