// How close the frame reader comes to a bare loop that only reads the nine octets of each header.
// Both run over the same chunks, in turn, in one process: only the ratio means anything.
import { ByteWriter } from '../src/bytes/index.ts'
import {
  beginHeaders,
  endHeaders,
  FrameReader,
  ReadStatus,
  writeDataHeader,
  writePing,
  writeRstStream,
  writeWindowUpdate,
} from '../src/frames/index.ts'

const ROUNDS = 9
const MIN_ROUND_MS = 40

interface Corpus {
  readonly name: string
  readonly chunks: readonly Uint8Array[]
  readonly frames: number
  readonly target?: Uint8Array
}

/** Cuts a stream into chunks as reads from a socket would come. */
function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size))
  return chunks
}

/** The mix of a busy server: small requests, answers to flow control, a few control frames. */
function smallFrames(count: number): Uint8Array {
  const w = new ByteWriter(count * 64)
  for (let i = 0; i < count; i++) {
    const streamId = 1 + 2 * (i & 0xffff)
    switch (i % 5) {
      case 0:
      case 1: {
        const mark = beginHeaders(w, streamId, 1)
        w.write(new Uint8Array(30))
        endHeaders(w, mark, 16_384)
        break
      }
      case 2:
        writeDataHeader(w, streamId, 20, 0)
        w.write(new Uint8Array(20))
        break
      case 3:
        writeWindowUpdate(w, streamId, 1000)
        break
      default:
        if (i % 2 === 0) writePing(w, new Uint8Array(8), false)
        else writeRstStream(w, streamId, 8)
    }
  }
  return w.take()
}

function largeData(count: number): Uint8Array {
  const w = new ByteWriter(count * 16_393)
  for (let i = 0; i < count; i++) {
    writeDataHeader(w, 1, 16_384, 0)
    w.write(new Uint8Array(16_384).fill(i))
  }
  return w.take()
}

type Loop = (chunks: readonly Uint8Array[], target?: Uint8Array) => number

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

/** Seconds for one pass, as the best of many passes within a round. */
function time(loop: Loop, { chunks, target }: Corpus): number {
  let best = Number.POSITIVE_INFINITY
  const stop = performance.now() + MIN_ROUND_MS
  while (performance.now() < stop) {
    const start = performance.now()
    loop(chunks, target)
    best = Math.min(best, performance.now() - start)
  }
  return best / 1000
}

const small = smallFrames(100_000)
const large = largeData(1_000)
const target = new Uint8Array(16_384)
const corpora: readonly Corpus[] = [
  { name: 'small frames, 64 KiB chunks', chunks: cut(small, 65_536), frames: 100_000 },
  { name: 'small frames, 1400 octet chunks', chunks: cut(small, 1_400), frames: 100_000 },
  { name: '16 KiB DATA, payload copied by both', chunks: cut(large, 65_536), frames: 1_000, target },
  { name: '16 KiB DATA, payload not touched', chunks: cut(large, 65_536), frames: 1_000 },
]

for (const corpus of corpora) {
  const { name, chunks, frames } = corpus
  if (bareLoop(chunks) !== readerLoop(chunks)) throw new Error(`${name}: the two loops read different frames`)
  const ratios: number[] = []
  let bare = Number.POSITIVE_INFINITY
  let ours = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const b = time(bareLoop, corpus)
    const o = time(readerLoop, corpus)
    ratios.push(b / o)
    bare = Math.min(bare, b)
    ours = Math.min(ours, o)
  }
  ratios.sort((a, b) => a - b)
  const rate = (seconds: number) => `${(frames / seconds / 1e6).toFixed(2)} M/s`
  console.log(`${name}: ratio ${ratios[ROUNDS >> 1].toFixed(2)} (reader ${rate(ours)}, bare loop ${rate(bare)})`)
}
