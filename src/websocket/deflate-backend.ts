/**
 * Raw DEFLATE (RFC 1951) as the runtime has it, one whole message at a time and without a stream to keep: what a message
 * may refer back to is handed in as `history`. So a socket holds no more than the octets of its windows, and not the
 * 300 KB of a compressor and a decompressor. `zlib`, `pako` and `fflate` call the history a dictionary.
 *
 * The same shape stands in the platform's object: neither layer may import the other.
 */
export interface DeflateBackend {
  /** False where `history` has no effect; then every message is agreed to stand for itself. RFC 7692 §7.1.1. */
  readonly takesHistory: boolean

  /**
   * `data` in blocks none of which is final, the last one empty and stored: the output ends with 00 00 ff ff.
   * It refers to `history`, which comes right before `data`, and nowhere further back than 2^`windowBits` octets.
   * The caller owns the output.
   */
  compress(data: Uint8Array, history: Uint8Array, settings: CompressSettings): Uint8Array

  /**
   * What `data` holds up to the end of its first final block. Stops working once there are more than `maxLength` octets
   * of output. `malformed`: this is not DEFLATE, or it ends before a final block does, or it refers to what is before
   * the history. The caller owns the output.
   */
  decompress(data: Uint8Array, history: Uint8Array, maxLength: number): Decompressed | 'too long' | 'malformed'
}

export interface CompressSettings {
  /** 9 to 15. */
  readonly windowBits: number
  /** 0 (stored) to 9 (smallest); the backend's own choice when absent. */
  readonly level?: number
}

export interface Decompressed {
  readonly output: Uint8Array
  /** How many octets of the input the final block ends behind. */
  readonly consumed: number
}
