import type { ByteWriter } from '../bytes/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { PingFrame } from './frame.ts'
import { putFrameHeader } from './frame-header.ts'
import { Flag, FrameType } from './registry.ts'
import { requireRange, requireStreamZero } from './usage.ts'

const SECTION = 'RFC 9113 §6.7'

/**
 * Writes PING, or with `ack` the answer to one, which repeats its octets. RFC 9113 §6.7.
 *
 * @param opaque eight octets, copied
 * @throws UsageError when they are not eight
 */
export function writePing(w: ByteWriter, opaque: Uint8Array, ack: boolean): void {
  requireRange('the number of octets', opaque.length, 8, 8, SECTION)
  putFrameHeader(w, 8, FrameType.PING, ack ? Flag.ACK : 0, 0)
  w.write(opaque)
}

export function checkPing({ streamId, opaque }: PingFrame): void {
  requireStreamZero(streamId, SECTION)
  requireRange('the number of octets', opaque.length, 8, 8, SECTION)
}

export function putPing(w: ByteWriter, { opaque }: PingFrame): void {
  w.write(opaque)
}

export function decodePing(cursor: FrameCursor): PingFrame {
  const { streamId, flags } = cursor
  return { kind: 'PING', streamId, flags, opaque: cursor.view() }
}
