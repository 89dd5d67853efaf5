import { ByteWriter } from '../../src/bytes/index.ts'
import {
  beginHeaders,
  endHeaders,
  writeDataHeader,
  writePing,
  writeRstStream,
  writeWindowUpdate,
} from '../../src/frames/index.ts'

/** Cuts a stream into chunks as reads from a socket would come. */
export function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size))
  return chunks
}

/** The mix of a busy server: small requests, answers to flow control, a few control frames. */
export function smallFrames(count: number): Uint8Array {
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

/** DATA of the largest size that every peer must take. RFC 9113 §4.2. */
export function largeData(count: number): Uint8Array {
  const w = new ByteWriter(count * 16_393)
  for (let i = 0; i < count; i++) {
    writeDataHeader(w, 1, 16_384, 0)
    w.write(new Uint8Array(16_384).fill(i))
  }
  return w.take()
}
