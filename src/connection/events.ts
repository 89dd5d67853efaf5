import type { ConnectionError, Initiator, StreamError } from '../errors/index.ts'
import type { Field } from '../hpack/index.ts'
import type { Limits } from './limits.ts'

/**
 * What a field section is, by its place in the message. RFC 9113 §8.1.
 * `informational` is a response with a 1xx status: more follow.
 */
export type FieldSectionKind = 'request' | 'response' | 'informational' | 'trailers'

/** A whole field section arrived, decoded and valid by RFC 9113 §8.2-§8.3. */
export interface HeadersReceived {
  readonly type: 'HeadersReceived'
  readonly streamId: number
  readonly kind: FieldSectionKind
  /** In the order sent, pseudo-header fields first. The list is the consumer's; its entries are shared and frozen. */
  readonly fields: readonly Field[]
  readonly endStream: boolean
}

/**
 * Bytes of a body or tunnel arrived. `data` is borrowed until the next `receive`: who keeps it copies it.
 * Each byte must be given back once with `consumed(streamId, n)`, whatever became of the stream.
 */
export interface DataReceived {
  readonly type: 'DataReceived'
  readonly streamId: number
  readonly data: Uint8Array
  readonly endStream: boolean
}

/** A stream ended before its time, by RST_STREAM either way, a fault, or the end of the connection. */
export interface StreamReset {
  readonly type: 'StreamReset'
  readonly streamId: number
  readonly initiator: Initiator
  /** Code, reason, section, and whether the request may be sent again. */
  readonly error: StreamError
  /** Bytes of the body that `takeOutput` had not handed out, and never will. */
  readonly unsentBytes: number
}

/** Both sides ended the stream regularly and all of ours has been handed out by `takeOutput`. */
export interface StreamClosed {
  readonly type: 'StreamClosed'
  readonly streamId: number
}

/** The stream's send queue, once over its mark, has drained below it. */
export interface StreamWritable {
  readonly type: 'StreamWritable'
  readonly streamId: number
}

/** The peer's SETTINGS arrived and are in force; the acknowledgement is already queued. RFC 9113 §6.5. */
export interface SettingsReceived {
  readonly type: 'SettingsReceived'
  readonly settings: readonly (readonly [id: number, value: number])[]
}

/** The peer acknowledged our oldest unacknowledged SETTINGS. RFC 9113 §6.5.3. */
export interface SettingsAcknowledged {
  readonly type: 'SettingsAcknowledged'
  /** What they said, all of it in force at the peer from here on. */
  readonly settings: readonly (readonly [id: number, value: number])[]
}

/** The peer sent a PING; the answer is already queued. RFC 9113 §6.7. */
export interface PingReceived {
  readonly type: 'PingReceived'
  readonly data: Uint8Array
}

/** Our PING came back. `roundTrip` is in milliseconds. */
export interface PingAcknowledged {
  readonly type: 'PingAcknowledged'
  readonly data: Uint8Array
  readonly roundTrip: number
}

/**
 * The peer will take no more streams. RFC 9113 §6.8. Streams of ours above `lastStreamId` end with a retryable
 * `StreamReset` each, queued right after this event; the others go on.
 */
export interface GoAwayReceived {
  readonly type: 'GoAwayReceived'
  readonly lastStreamId: number
  readonly code: number
  readonly debugData: Uint8Array
}

/** The server names another place for an origin; an empty one is that of the stream's request. RFC 7838 §4. Clients only. */
export interface AltSvcReceived {
  readonly type: 'AltSvcReceived'
  readonly streamId: number
  readonly origin: string
  readonly value: string
}

/** The server lists the origins that it answers for on this connection. RFC 8336 §2. Clients only. */
export interface OriginReceived {
  readonly type: 'OriginReceived'
  readonly origins: readonly string[]
}

/** A frame of one of the types named in `extensionFrames`. RFC 9113 §5.5. */
export interface ExtensionFrameReceived {
  readonly type: 'ExtensionFrameReceived'
  readonly frameType: number
  readonly flags: number
  readonly streamId: number
  readonly payload: Uint8Array
}

/**
 * The server promised to answer a request that was not made. RFC 9113 §8.4. The answer comes on `promisedStreamId` like any
 * other; who does not want it resets that stream. Clients with `enablePush` only.
 */
export interface PushPromised {
  readonly type: 'PushPromised'
  /** The request that it goes with. */
  readonly streamId: number
  readonly promisedStreamId: number
  /** The request that the server makes in our place: GET or HEAD, to the origin of the request that it goes with. */
  readonly fields: readonly Field[]
}

/** A malformed request, or a malformed promise of one, was reset before anybody heard of its stream. RFC 9113 §8.1.1. */
export interface RequestRefused {
  readonly type: 'RequestRefused'
  readonly streamId: number
  readonly error: StreamError
}

/** A limit of ours was passed and the peer was refused something. */
export interface LimitExceeded {
  readonly type: 'LimitExceeded'
  readonly limit: keyof Limits
  readonly streamId: number
  readonly reason: string
}

/** The last event: nothing more will be received or sent, but for what `takeOutput` still holds. */
export interface ConnectionClosed {
  readonly type: 'ConnectionClosed'
  readonly initiator: Initiator
  /** Absent after a clean end. */
  readonly error: ConnectionError | undefined
}

/** What a `Connection` tells, in order. The union is open: a new event is a minor version. */
export type ConnectionEvent =
  | HeadersReceived
  | DataReceived
  | StreamReset
  | StreamClosed
  | StreamWritable
  | SettingsReceived
  | SettingsAcknowledged
  | PingReceived
  | PingAcknowledged
  | GoAwayReceived
  | AltSvcReceived
  | OriginReceived
  | ExtensionFrameReceived
  | PushPromised
  | RequestRefused
  | LimitExceeded
  | ConnectionClosed
