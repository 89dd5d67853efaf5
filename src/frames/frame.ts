/** What every frame has beside its fields. */
interface AnyFrame {
  /** 0 for frames of the connection. */
  readonly streamId: number
  /** All eight flags. Writers set PADDED and PRIORITY themselves when the fields are there. */
  readonly flags: number
}

/** RFC 9113 §6.1. */
export interface DataFrame extends AnyFrame {
  readonly kind: 'DATA'
  readonly data: Uint8Array
  /** How many zero octets follow the data; absent without the PADDED flag. */
  readonly padLength?: number | undefined
}

/** The deprecated priority of RFC 9113 §6.3, carried but never acted on. */
export interface Priority {
  readonly exclusive: boolean
  readonly dependency: number
  /** As on the wire: 0 to 255. */
  readonly weight: number
}

/** RFC 9113 §6.2. */
export interface HeadersFrame extends AnyFrame {
  readonly kind: 'HEADERS'
  /** Field block fragment: HPACK bytes, opaque here. */
  readonly fragment: Uint8Array
  readonly padLength?: number | undefined
  /** Absent without the PRIORITY flag. */
  readonly priority?: Priority | undefined
}

/** RFC 9113 §6.3. */
export interface PriorityFrame extends AnyFrame {
  readonly kind: 'PRIORITY'
  readonly priority: Priority
}

/** RFC 9113 §6.4. */
export interface RstStreamFrame extends AnyFrame {
  readonly kind: 'RST_STREAM'
  readonly errorCode: number
}

/** RFC 9113 §6.5. With the ACK flag it has no settings. */
export interface SettingsFrame extends AnyFrame {
  readonly kind: 'SETTINGS'
  /** In the order of the wire; an identifier may occur more than once, and the last one counts. */
  readonly settings: readonly SettingEntry[]
}

/** One setting: identifier (16 bits) and value (32 bits). RFC 9113 §6.5.1. */
export type SettingEntry = readonly [id: number, value: number]

/** RFC 9113 §6.6. */
export interface PushPromiseFrame extends AnyFrame {
  readonly kind: 'PUSH_PROMISE'
  readonly promisedStreamId: number
  readonly fragment: Uint8Array
  readonly padLength?: number | undefined
}

/** RFC 9113 §6.7. */
export interface PingFrame extends AnyFrame {
  readonly kind: 'PING'
  /** Eight octets. */
  readonly opaque: Uint8Array
}

/** RFC 9113 §6.8. */
export interface GoAwayFrame extends AnyFrame {
  readonly kind: 'GOAWAY'
  readonly lastStreamId: number
  readonly errorCode: number
  readonly debugData: Uint8Array
}

/** RFC 9113 §6.9. */
export interface WindowUpdateFrame extends AnyFrame {
  readonly kind: 'WINDOW_UPDATE'
  readonly increment: number
}

/** RFC 9113 §6.10. */
export interface ContinuationFrame extends AnyFrame {
  readonly kind: 'CONTINUATION'
  readonly fragment: Uint8Array
}

/** RFC 7838 §4. */
export interface AltSvcFrame extends AnyFrame {
  readonly kind: 'ALTSVC'
  /** One character per octet; empty on a stream other than 0. */
  readonly origin: string
  /** An Alt-Svc field value, one character per octet. */
  readonly value: string
}

/** RFC 8336 §2. */
export interface OriginFrame extends AnyFrame {
  readonly kind: 'ORIGIN'
  /** ASCII serialisations of origins, one character per octet; who uses them passes over those that are none. */
  readonly origins: readonly string[]
}

/** RFC 9218 §7.1. */
export interface PriorityUpdateFrame extends AnyFrame {
  readonly kind: 'PRIORITY_UPDATE'
  readonly prioritizedStreamId: number
  /** A Priority field value, one character per octet. */
  readonly value: string
}

/** A frame of unknown type, or one whose payload does not fit its type: its payload untouched. RFC 9113 §4.1, §5.5. */
export interface RawFrame extends AnyFrame {
  readonly kind: 'RAW'
  readonly type: number
  readonly payload: Uint8Array
}

/**
 * Any frame as an object, told apart by `kind`, which is the registry name of its type. Byte fields of a frame that was
 * read are views into the bytes read: copy what is kept.
 */
export type Frame =
  | DataFrame
  | HeadersFrame
  | PriorityFrame
  | RstStreamFrame
  | SettingsFrame
  | PushPromiseFrame
  | PingFrame
  | GoAwayFrame
  | WindowUpdateFrame
  | ContinuationFrame
  | AltSvcFrame
  | OriginFrame
  | PriorityUpdateFrame
  | RawFrame
