import type { ByteWriter } from '../bytes/index.ts'
import { checkAltSvc, putAltSvc } from './altsvc.ts'
import { checkData, putData } from './data.ts'
import type { Frame, RawFrame } from './frame.ts'
import { MAX_FRAME_SIZE, MAX_STREAM_ID, MIN_MAX_FRAME_SIZE, putFrameHeader } from './frame-header.ts'
import { checkGoAway, putGoAway } from './goaway.ts'
import { checkContinuation, checkHeaders, putContinuation, putHeaders } from './headers.ts'
import { checkOrigin, putOrigin } from './origin.ts'
import { frameFlags, frameType, payloadLength } from './outline.ts'
import { checkPing, putPing } from './ping.ts'
import { checkPriority, putPriority } from './priority.ts'
import { checkPriorityUpdate, putPriorityUpdate } from './priority-update.ts'
import { checkPushPromise, putPushPromise } from './push-promise.ts'
import { checkRstStream, putRstStream } from './rst-stream.ts'
import { checkSettings, putSettings } from './settings.ts'
import { requireRange } from './usage.ts'
import { checkWindowUpdate, putWindowUpdate } from './window-update.ts'

/** How `writeFrame` writes. */
export interface WriteFrameOptions {
  /** The peer's SETTINGS_MAX_FRAME_SIZE; 16,384 when absent. RFC 9113 §4.2. */
  readonly maxFrameSize?: number | undefined
  /** Writes what breaks the rules too, as long as the length fits its field; numbers lose the bits for which there is no room. */
  readonly lenient?: boolean | undefined
}

/**
 * Writes any frame: known ones with their padding and unknown flags, unknown and malformed ones as raw frames. Fields
 * are copied. The flags PADDED and PRIORITY are set when the frame has the fields they announce. RFC 9113 §4.1.
 *
 * @throws UsageError when the frame breaks a rule that it shows alone, is larger than `maxFrameSize`, or has a value
 * that does not fit its field; nothing is written then
 * @example
 * writeFrame(writer, { kind: 'PING', streamId: 0, flags: 0, opaque: new Uint8Array(8) })
 * writeFrame(writer, { kind: 'RAW', type: 0x4a, streamId: 0, flags: 0xff, payload: Uint8Array.of(1, 2) })
 */
export function writeFrame(w: ByteWriter, frame: Frame, options?: WriteFrameOptions): void {
  const length = payloadLength(frame)
  const flags = frameFlags(frame)
  const lenient = options?.lenient ?? false
  const limit = lenient ? MAX_FRAME_SIZE : (options?.maxFrameSize ?? MIN_MAX_FRAME_SIZE)
  requireRange('the payload length', length, 0, limit, 'RFC 9113 §4.2')
  const codec = codecs[frame.kind] as Codec<Frame>
  if (!lenient) {
    requireRange('the flags', flags, 0, 0xff, 'RFC 9113 §4.1')
    codec.check(frame)
  }
  putFrameHeader(w, length, frameType(frame), flags, frame.streamId)
  codec.put(w, frame)
}

interface Codec<F extends Frame> {
  /** Throws a UsageError when the frame breaks a rule. */
  check(frame: F): void
  /** Writes the payload. */
  put(w: ByteWriter, frame: F): void
}

const codecs: { readonly [Kind in Frame['kind']]: Codec<Extract<Frame, { kind: Kind }>> } = {
  DATA: { check: checkData, put: putData },
  HEADERS: { check: checkHeaders, put: putHeaders },
  PRIORITY: { check: checkPriority, put: (w, { priority }) => putPriority(w, priority) },
  RST_STREAM: { check: checkRstStream, put: putRstStream },
  SETTINGS: { check: checkSettings, put: putSettings },
  PUSH_PROMISE: { check: checkPushPromise, put: putPushPromise },
  PING: { check: checkPing, put: putPing },
  GOAWAY: { check: checkGoAway, put: putGoAway },
  WINDOW_UPDATE: { check: checkWindowUpdate, put: putWindowUpdate },
  CONTINUATION: { check: checkContinuation, put: putContinuation },
  ALTSVC: { check: checkAltSvc, put: putAltSvc },
  ORIGIN: { check: checkOrigin, put: putOrigin },
  PRIORITY_UPDATE: { check: checkPriorityUpdate, put: putPriorityUpdate },
  RAW: { check: checkRaw, put: (w, { payload }) => w.write(payload) },
}

/** A raw frame is the way to say what no rule here knows: only what the header can hold is checked. RFC 9113 §4.1. */
function checkRaw({ type, streamId }: RawFrame): void {
  requireRange('the frame type', type, 0, 0xff, 'RFC 9113 §4.1')
  requireRange('the stream identifier', streamId, 0, MAX_STREAM_ID, 'RFC 9113 §4.1')
}
