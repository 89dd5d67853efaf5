import type { ConnectionError, StreamError } from '../errors/index.ts'
import { u16At, u31At, u32At } from './frame-header.ts'
import { FrameType } from './registry.ts'

/** Memory for "no bytes here", so that nothing read is held on to. */
export const NONE: Uint8Array = new Uint8Array(0)

/**
 * The frame on which a `FrameReader` stands: plain numbers on one object, so that reading a frame makes no object.
 * All of it is valid until the reader's next `next()` or `push()`.
 *
 * The octets in `bytes[start..end)` are the payload proper: what is left when the pad length, the padding, the
 * priority fields of HEADERS and the fixed fields that have an accessor here are off.
 */
export class FrameCursor {
  /** The type in the header: of the frame, or of the offending frame after a fault. So are `flags`, `streamId`, `length`. */
  readonly type: number = 0
  /** All eight flags, unknown ones included. On a piece of DATA they are those of the whole frame: look at `last` too. */
  readonly flags: number = 0
  /** The stream identifier; the reserved bit is ignored. RFC 9113 §4.1. */
  readonly streamId: number = 0
  /** The payload length that the header tells, padding and all. */
  readonly length: number = 0
  /** The array in which the payload lies from `start` to `end`. */
  readonly bytes: Uint8Array = NONE
  /** Where the payload proper begins in `bytes`. */
  readonly start: number = 0
  /** Where the payload proper ends in `bytes`. */
  readonly end: number = 0
  /** Whether this is the first piece of a DATA frame; always true on other frames. */
  readonly first: boolean = true
  /** Whether no data follow in this DATA frame (padding may, and is skipped); always true on other frames. */
  readonly last: boolean = true
  /** The pad length of a padded frame, else 0. */
  readonly padLength: number = 0
  /** Whether the payload does not fit its type, so that it is given whole; only a lenient reader hands out such frames. */
  readonly raw: boolean = false
  /** Whether frames are handed out without being judged. */
  readonly lenient: boolean = false
  /**
   * What the peer did wrong, after `FAULT`. After a `StreamError` the frame is skipped and reading goes on with
   * `next()`; after a `ConnectionError` every `next()` says `FAULT`.
   */
  readonly fault: ConnectionError | StreamError | undefined = undefined

  /**
   * What to charge to the windows: the whole payload of a DATA frame, padding included, on its first piece, else 0.
   * RFC 9113 §6.9.1. After a stream error about DATA it is set too: the sender has counted the frame, and so must the
   * receiver, or their connection windows drift apart. RFC 9113 §6.9.
   */
  get flowControlled(): number {
    return this.first && this.type === FrameType.DATA ? this.length : 0
  }

  /** RST_STREAM and GOAWAY: the error code. RFC 9113 §7. */
  get errorCode(): number {
    return this.raw ? 0 : u32At(this.bytes, this.start - 4)
  }

  /** WINDOW_UPDATE: how many octets more we may send. RFC 9113 §6.9. */
  get increment(): number {
    return this.raw ? 0 : u31At(this.bytes, this.start - 4)
  }

  /** GOAWAY: the last stream that the peer may act on; the debug data are the payload proper. RFC 9113 §6.8. */
  get lastStreamId(): number {
    return this.raw ? 0 : u31At(this.bytes, this.start - 8)
  }

  /** PUSH_PROMISE: the stream that is promised; the field block fragment is the payload proper. RFC 9113 §6.6. */
  get promisedStreamId(): number {
    return this.raw ? 0 : u31At(this.bytes, this.start - 4)
  }

  /** PRIORITY_UPDATE: the stream meant; the priority field value is the payload proper. RFC 9218 §7.1. */
  get prioritizedStreamId(): number {
    return this.raw ? 0 : u31At(this.bytes, this.start - 4)
  }

  /** SETTINGS: how many settings the frame has. RFC 9113 §6.5.1. */
  get settingCount(): number {
    return this.raw ? 0 : (this.end - this.start) / 6
  }

  /** SETTINGS: the identifier of setting `i`, from 0. */
  settingId(i: number): number {
    return u16At(this.bytes, this.start + 6 * i)
  }

  /** SETTINGS: the value of setting `i`, from 0. */
  settingValue(i: number): number {
    return u32At(this.bytes, this.start + 6 * i + 2)
  }

  /** The payload proper as a view, which is right as long as the bytes stay: copy what is kept longer than the chunk. */
  view(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }
}

/** The reader's own sight of its cursor: what others only read, it writes. */
export function writable(cursor: FrameCursor): { -readonly [Key in keyof FrameCursor]: FrameCursor[Key] } {
  return cursor
}
