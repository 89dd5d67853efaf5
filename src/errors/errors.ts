import { errorCodeName } from './error-code.ts'

/** Which endpoint began a reset or a GOAWAY: this one (`local`), its peer (`remote`), or nobody: the bytes just ended (`transport`). */
export type Initiator = 'local' | 'remote' | 'transport'

/** The frame in which a fault was found, as far as its header tells. */
export interface OffendingFrame {
  readonly type: number
  readonly flags: number
  readonly streamId: number
  readonly length: number
}

export interface FaultOptions {
  /** Who began it; `local` when absent: we found the fault. */
  readonly initiator?: Initiator
  readonly frame?: OffendingFrame | undefined
}

/** What the errors of a connection and of a stream have in common. */
abstract class PeerFault extends Error {
  /** The wire code of RFC 9113 §7, kept from where the fault was found. */
  readonly code: number
  /** The rule, for example `RFC 9113 §6.5`. */
  readonly section: string
  readonly initiator: Initiator
  readonly frame: OffendingFrame | undefined

  constructor(where: string, code: number, reason: string, section: string, options: FaultOptions | undefined) {
    super(`${errorCodeName(code)}${where}: ${reason} (${section})`)
    this.code = code
    this.section = section
    this.initiator = options?.initiator ?? 'local'
    this.frame = options?.frame
  }
}

/**
 * The peer broke a rule, or said that we did, and the whole connection ends: GOAWAY with `code`. RFC 9113 §5.4.1.
 * The core returns it; what users await rejects with it.
 */
export class ConnectionError extends PeerFault {
  override readonly name = 'ConnectionError'

  constructor(code: number, reason: string, section: string, options?: FaultOptions) {
    super('', code, reason, section, options)
  }
}

export interface StreamFaultOptions extends FaultOptions {
  /** True when the request was not processed and may be sent again. RFC 9113 §8.7. */
  readonly retryable?: boolean
}

/** One stream ends: RST_STREAM with `code`; the connection goes on. RFC 9113 §5.4.2. */
export class StreamError extends PeerFault {
  override readonly name = 'StreamError'
  readonly streamId: number
  readonly retryable: boolean

  constructor(streamId: number, code: number, reason: string, section: string, options?: StreamFaultOptions) {
    super(` on stream ${streamId}`, code, reason, section, options)
    this.streamId = streamId
    this.retryable = options?.retryable ?? false
  }
}

/** The caller broke a rule. Thrown before any state, window or HPACK table has changed: mend the call and go on. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** The rule, where an RFC has one. */
  readonly section: string | undefined

  constructor(reason: string, section?: string) {
    super(section === undefined ? reason : `${reason} (${section})`)
    this.section = section
  }
}
