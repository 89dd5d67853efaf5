import { lengthOf } from './fields.ts'
import { partsOf } from './fields-of-kind.ts'
import type { Frame } from './frame.ts'
import { Flag, FrameType } from './registry.ts'

/** The type octet of a frame. RFC 9113 §4.1. */
export function frameType(frame: Frame): number {
  return frame.kind === 'RAW' ? frame.type : FrameType[frame.kind]
}

/** The flags with which a frame is written: its own, and those that announce fields it has. RFC 9113 §6.1, §6.2, §6.6. */
export function frameFlags(frame: Frame): number {
  return partsOf(frame).reduce((flags, [{ flag }]) => (flag === undefined ? flags : flags | Flag[flag]), frame.flags)
}

/** The length of the payload in octets, padding included: what the frame header tells. RFC 9113 §4.1. */
export function payloadLength(frame: Frame): number {
  return lengthOf(partsOf(frame))
}
