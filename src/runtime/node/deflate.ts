import type { Deflate } from '../../platform/index.ts'
import { builtin } from './builtin.ts'

/** Messages up to this size are compressed with little memory, which zlib then need not clear: 20 µs against 26. */
const SMALL = 8192

/** A word, and the DEFLATE stream that says it by one reference to a history that is the same word. */
const WORD = Uint8Array.from('hyperduct', (char) => char.charCodeAt(0))
const REFERENCE = Uint8Array.of(0xcb, 0x80, 0x31, 0x00)

let heedsHistory: boolean | undefined

/**
 * zlib through the functions that Node, Bun and Deno document. Each call begins and ends a zlib stream, which takes some
 * 6 µs; in return a socket keeps nothing of zlib's between two messages.
 */
export const nodeDeflate: Deflate = {
  /** Deno's zlib passes over the dictionary of a raw stream. Found out once, when somebody first asks. */
  get takesHistory() {
    heedsHistory ??= typeof this.decompress(REFERENCE, WORD, WORD.length) === 'object'
    return heedsHistory
  },

  compress(data, history, { windowBits, level }) {
    const { constants, deflateRawSync } = builtin('node:zlib')
    const output = deflateRawSync(data, {
      windowBits,
      level: level ?? constants.Z_DEFAULT_COMPRESSION,
      memLevel: data.length <= SMALL ? 5 : 8,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...dictionary(history),
      chunkSize: chunkSize(data.length),
    })
    return ownBytes(output)
  },

  decompress(data, history, maxLength) {
    try {
      const { buffer, engine } = builtin('node:zlib').inflateRawSync(data, {
        // Zlib's messages are of no use to us, what it has read is.
        info: true,
        ...dictionary(history),
        // Checked after each chunk of output: no more than one chunk is made beyond it. It can't be 0.
        maxOutputLength: Math.max(1, maxLength),
        chunkSize: chunkSize(data.length * 4),
      }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
      if (buffer.length > maxLength) return 'too long'
      return { output: ownBytes(buffer), consumed: engine.bytesWritten }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ERR_BUFFER_TOO_LARGE') return 'too long'
      if (code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR') return 'malformed'
      throw error
    }
  },
}

/** zlib refuses an empty dictionary. */
function dictionary(history: Uint8Array): { dictionary?: Uint8Array } {
  return history.length === 0 ? {} : { dictionary: history }
}

/** Output is made in chunks of this many bytes, of which the last is mostly unused: near to what is expected. */
function chunkSize(expected: number): number {
  return Math.min(65_536, Math.max(1024, expected))
}

/** `output` in memory of its own: zlib's chunk, or a pool, would stay alive with a short message. */
function ownBytes(output: Buffer): Uint8Array {
  return output.length === output.buffer.byteLength ? new Uint8Array(output.buffer) : new Uint8Array(output)
}
