/**
 * How close the frame reader comes to a bare loop that only reads the nine octets of each header, over the same chunks.
 */
import { FrameReader, ReadStatus } from '../src/frames/index.ts'
import { cut, largeData, smallFrames } from './corpus/frames.ts'
import type { Entry } from './measure.ts'

/**
 * Reads headers and nothing else; keeps a header that crosses an edge, or it could not walk the chunks at all.
 * With a target it copies the payloads there, as whoever keeps DATA has to.
 */
function bareLoop(chunks: readonly Uint8Array[], target?: Uint8Array): number {
  let sum = 0
  let skip = 0
  const header = new Uint8Array(9)
  let fill = 0
  for (const chunk of chunks) {
    let at = 0
    const end = chunk.length
    for (;;) {
      if (skip > 0) {
        const n = Math.min(skip, end - at)
        if (target !== undefined) target.set(chunk.subarray(at, at + n))
        at += n
        skip -= n
      }
      if (fill === 0 && end - at >= 9) {
        skip = (chunk[at] << 16) | (chunk[at + 1] << 8) | chunk[at + 2]
        const streamId = ((chunk[at + 5] & 0x7f) << 24) | (chunk[at + 6] << 16) | (chunk[at + 7] << 8) | chunk[at + 8]
        sum = (sum + chunk[at + 3] + chunk[at + 4] + streamId + skip) | 0
        at += 9
        continue
      }
      while (fill < 9 && at < end) header[fill++] = chunk[at++]
      if (fill < 9) break
      fill = 0
      skip = (header[0] << 16) | (header[1] << 8) | header[2]
      const streamId = ((header[5] & 0x7f) << 24) | (header[6] << 16) | (header[7] << 8) | header[8]
      sum = (sum + header[3] + header[4] + streamId + skip) | 0
    }
  }
  return sum
}

/** Reads frames as the connection does: takes the numbers and the place of the payload, makes nothing. */
function readerLoop(chunks: readonly Uint8Array[], target?: Uint8Array): number {
  let sum = 0
  const reader = new FrameReader()
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let status = reader.next(); status !== ReadStatus.NEED_MORE; status = reader.next()) {
      if (status === ReadStatus.FAULT) throw reader.fault
      if (reader.first) sum = (sum + reader.type + reader.flags + reader.streamId + reader.length) | 0
      if (target !== undefined) target.set(reader.view())
    }
  }
  return sum
}

function entry(
  name: string,
  target: number | undefined,
  count: number,
  chunks: () => Uint8Array[],
  copy = false,
): Entry {
  return {
    name: `frames read ${name}`,
    unit: 'frames',
    ...(target === undefined ? {} : { targets: { 'bare loop': target } }),
    prepare() {
      const wire = chunks()
      const payload = copy ? new Uint8Array(16_384) : undefined
      const sides = {
        ours: () => readerLoop(wire, payload),
        'bare loop': () => bareLoop(wire, payload),
      }
      return { operations: count, sides, sameChecksum: true }
    },
  }
}

const again = <T>(times: number, list: readonly T[]): T[] => Array.from({ length: times }, () => list).flat()

export const entries: readonly Entry[] = [
  entry('small, chunks of 64 KiB', 0.33, 100_000, () => cut(smallFrames(100_000), 65_536)),
  entry('small, chunks of 1400 octets', 0.33, 100_000, () => cut(smallFrames(100_000), 1_400)),
  // The same 512 KiB again and again, which a cache of a core holds: 16 MiB would lie in one shared with other programs.
  entry('16 KiB DATA, payload copied by both', 0.9, 1_024, () => again(32, cut(largeData(32), 65_536)), true),
  entry('16 KiB DATA, payload not touched', undefined, 1_024, () => again(32, cut(largeData(32), 65_536))),
  // As real DATA is: in no cache. Where nobody touches the payload it shows less: the headers alone fit a cache.
  entry('16 KiB DATA, 64 MiB of it, payload copied by both', 0.9, 4_096, () => cut(largeData(4_096), 65_536), true),
  entry('16 KiB DATA, 64 MiB of it, payload not touched', undefined, 4_096, () => cut(largeData(4_096), 65_536)),
]
