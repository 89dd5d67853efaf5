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
class BareReader {
  readonly #header = new Uint8Array(9)
  #fill = 0
  #skip = 0

  read(chunk: Uint8Array, target: Uint8Array | undefined): number {
    const end = chunk.length
    let sum = 0
    let at = 0
    let skip = this.#skip
    if (this.#fill > 0) {
      while (this.#fill < 9 && at < end) this.#header[this.#fill++] = chunk[at++]
      if (this.#fill < 9) return 0
      this.#fill = 0
      skip = (this.#header[0] << 16) | (this.#header[1] << 8) | this.#header[2]
      sum = headerSum(this.#header, 0, skip)
    }
    for (;;) {
      if (skip > 0) {
        const n = Math.min(skip, end - at)
        if (target !== undefined) target.set(chunk.subarray(at, at + n))
        at += n
        skip -= n
      }
      if (end - at < 9) break
      skip = (chunk[at] << 16) | (chunk[at + 1] << 8) | chunk[at + 2]
      sum = (sum + headerSum(chunk, at, skip)) | 0
      at += 9
    }
    while (at < end) this.#header[this.#fill++] = chunk[at++]
    this.#skip = skip
    return sum
  }
}

function headerSum(bytes: Uint8Array, at: number, length: number): number {
  const streamId = ((bytes[at + 5] & 0x7f) << 24) | (bytes[at + 6] << 16) | (bytes[at + 7] << 8) | bytes[at + 8]
  return (bytes[at + 3] + bytes[at + 4] + streamId + length) | 0
}

/** Reads the frames of a chunk as the connection does: takes the numbers and the place of the payload, makes nothing. */
function readChunk(reader: FrameReader, chunk: Uint8Array, target: Uint8Array | undefined): number {
  let sum = 0
  reader.push(chunk)
  for (;;) {
    const status = reader.next()
    if (status === ReadStatus.NEED_MORE) return sum
    if (status === ReadStatus.FAULT) throw reader.fault
    if (reader.first) sum = (sum + reader.type + reader.flags + reader.streamId + reader.length) | 0
    if (target !== undefined) target.set(reader.view())
  }
}

/*
 * Both read a chunk in a call of its own. As one loop over all chunks they were compiled while they ran, and by the luck
 * of that moment one in three processes was 40 % slower for good.
 */
function bareLoop(chunks: readonly Uint8Array[], target?: Uint8Array): number {
  const reader = new BareReader()
  let sum = 0
  for (const chunk of chunks) sum = (sum + reader.read(chunk, target)) | 0
  return sum
}

function readerLoop(chunks: readonly Uint8Array[], target?: Uint8Array): number {
  const reader = new FrameReader()
  let sum = 0
  for (const chunk of chunks) sum = (sum + readChunk(reader, chunk, target)) | 0
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
