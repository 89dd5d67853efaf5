import { concat } from '../../bytes/index.ts'
import type { Deflate } from '../../platform/index.ts'

// The names of zlib; pako's types have literals of their own for them.
const SYNC_FLUSH = 2 as never
const FINISH = 4 as never

/** What is used of the `pako` package, versions 2 and 3. */
export interface Pako {
  readonly Deflate: new (options: PakoOptions) => PakoStream
  readonly Inflate: new (options: PakoOptions) => PakoStream & { readonly ended: boolean }
}

interface PakoOptions {
  readonly raw: true
  readonly windowBits?: number
  readonly level?: number
  readonly dictionary?: Uint8Array
  readonly chunkSize?: number
}

interface PakoStream {
  readonly err: number
  onData: (chunk: never) => void
  push(data: Uint8Array, flush: never): boolean
}

/** Thrown through pako out of its loop, and caught here: there is no other way to stop it half-way. */
const tooLong = Symbol('too long')

/**
 * Compression for `permessage-deflate` where the runtime has none that answers at once: `pako`, which the program
 * brings along. RFC 7692.
 *
 * @example
 * import * as pako from 'pako'
 * const platform = { ...webPlatform, deflate: pakoDeflate(pako) }
 */
export function pakoDeflate(pako: Pako): Deflate {
  return {
    takesHistory: true,

    compress(data, history, { windowBits, level = 6 }) {
      const chunks: Uint8Array[] = []
      const stream = new pako.Deflate({ raw: true, windowBits, level, ...dictionary(history) })
      stream.onData = (chunk: Uint8Array) => void chunks.push(chunk)
      stream.push(data, SYNC_FLUSH)
      return concat(chunks)
    },

    decompress(data, history, maxLength) {
      const chunks: Uint8Array[] = []
      let length = 0
      // Raw DEFLATE is read with the largest window, whatever it was written with.
      const stream = new pako.Inflate({ raw: true, windowBits: 15, chunkSize: 16_384, ...dictionary(history) })
      stream.onData = (chunk: Uint8Array) => {
        length += chunk.length
        if (length > maxLength) throw tooLong
        chunks.push(chunk)
      }
      try {
        stream.push(data, FINISH)
      } catch (error) {
        if (error === tooLong) return 'too long'
        throw error
      }
      if (stream.err !== 0 || !stream.ended) return 'malformed'
      // Pako says how much it has read only in the stream of zlib inside it, which its types keep to themselves.
      const { strm } = stream as unknown as { readonly strm: { readonly avail_in: number } }
      return { output: concat(chunks), consumed: data.length - strm.avail_in }
    },
  }
}

function dictionary(history: Uint8Array): { dictionary?: Uint8Array } {
  return history.length === 0 ? {} : { dictionary: history }
}
