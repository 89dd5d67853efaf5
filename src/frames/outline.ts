import type { Frame } from './frame.ts'
import { originsSize } from './origin.ts'
import { paddingSize } from './padding.ts'
import { PRIORITY_SIZE } from './priority.ts'
import { Flag, FrameType } from './registry.ts'

/** The type octet of a frame. RFC 9113 §4.1. */
export function frameType(frame: Frame): number {
  return frame.kind === 'RAW' ? frame.type : FrameType[frame.kind]
}

/** The flags with which a frame is written: its own, and those that announce fields it has. RFC 9113 §6.1, §6.2, §6.6. */
export function frameFlags(frame: Frame): number {
  let { flags } = frame
  if ('padLength' in frame && frame.padLength !== undefined) flags |= Flag.PADDED
  if (frame.kind === 'HEADERS' && frame.priority !== undefined) flags |= Flag.PRIORITY
  return flags
}

/** The length of the payload in octets, padding included: what the frame header tells. RFC 9113 §4.1. */
export function payloadLength(frame: Frame): number {
  switch (frame.kind) {
    case 'DATA':
      return paddingSize(frame.padLength) + frame.data.length
    case 'HEADERS':
      return paddingSize(frame.padLength) + (frame.priority === undefined ? 0 : PRIORITY_SIZE) + frame.fragment.length
    case 'PRIORITY':
      return PRIORITY_SIZE
    case 'RST_STREAM':
    case 'WINDOW_UPDATE':
      return 4
    case 'SETTINGS':
      return frame.settings.length * 6
    case 'PUSH_PROMISE':
      return paddingSize(frame.padLength) + 4 + frame.fragment.length
    case 'PING':
      return frame.opaque.length
    case 'GOAWAY':
      return 8 + frame.debugData.length
    case 'CONTINUATION':
      return frame.fragment.length
    case 'ALTSVC':
      return 2 + frame.origin.length + frame.value.length
    case 'ORIGIN':
      return originsSize(frame.origins)
    case 'PRIORITY_UPDATE':
      return 4 + frame.value.length
    case 'RAW':
      return frame.payload.length
  }
}
