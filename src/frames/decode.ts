import { decodeAltSvc, isAltSvcValid } from './altsvc.ts'
import type { FrameCursor } from './cursor.ts'
import { decodeData } from './data.ts'
import type { Frame, RawFrame } from './frame.ts'
import { decodeGoAway } from './goaway.ts'
import { decodeContinuation, decodeHeaders } from './headers.ts'
import { decodeOrigin, isOriginValid } from './origin.ts'
import { decodePing } from './ping.ts'
import { decodePriority } from './priority.ts'
import { decodePriorityUpdate } from './priority-update.ts'
import { decodePushPromise } from './push-promise.ts'
import { FrameType } from './registry.ts'
import { decodeRstStream } from './rst-stream.ts'
import { decodeSettings } from './settings.ts'
import { decodeWindowUpdate } from './window-update.ts'

/** The object for the frame on which the cursor stands. */
export function decodeFrame(cursor: FrameCursor): Frame {
  if (cursor.raw) return decodeRaw(cursor)
  switch (cursor.type) {
    case FrameType.DATA:
      return decodeData(cursor)
    case FrameType.HEADERS:
      return decodeHeaders(cursor)
    case FrameType.PRIORITY:
      return decodePriority(cursor)
    case FrameType.RST_STREAM:
      return decodeRstStream(cursor)
    case FrameType.SETTINGS:
      return decodeSettings(cursor)
    case FrameType.PUSH_PROMISE:
      return decodePushPromise(cursor)
    case FrameType.PING:
      return decodePing(cursor)
    case FrameType.GOAWAY:
      return decodeGoAway(cursor)
    case FrameType.WINDOW_UPDATE:
      return decodeWindowUpdate(cursor)
    case FrameType.CONTINUATION:
      return decodeContinuation(cursor)
    case FrameType.ALTSVC: {
      const frame = decodeAltSvc(cursor)
      return frame !== undefined && (cursor.lenient || isAltSvcValid(frame)) ? frame : decodeRaw(cursor)
    }
    case FrameType.ORIGIN: {
      const frame = decodeOrigin(cursor)
      return frame !== undefined && (cursor.lenient || isOriginValid(frame)) ? frame : decodeRaw(cursor)
    }
    case FrameType.PRIORITY_UPDATE:
      return decodePriorityUpdate(cursor)
    default:
      return decodeRaw(cursor)
  }
}

function decodeRaw(cursor: FrameCursor): RawFrame {
  const { type, streamId, flags } = cursor
  return { kind: 'RAW', type, streamId, flags, payload: cursor.view() }
}
