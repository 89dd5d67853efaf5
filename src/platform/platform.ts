/** Milliseconds, 25 days: what a timer of any runtime takes. More would fire at once. */
export const LONGEST_TIMER: number = 0x7f_ff_ff_ff

/**
 * What differs between runtimes and what a test wants to hold in its hand: the clock, timers, random bytes, the text
 * codec. It is passed in; nothing below `runtime` reaches for a global instead.
 */
export interface Platform {
  /** Monotonic milliseconds from any origin; fractions are welcome. */
  now(): number
  /**
   * Calls `callback` once, not before `milliseconds` have passed, and returns what `clearTimer` takes. Where the runtime
   * can say so, a timer doesn't keep the process alive by itself. What is more than
   * `LONGEST_TIMER`, `Infinity` for one, counts as that.
   */
  setTimer(callback: () => void, milliseconds: number): unknown
  /** Forgets a timer; one that has fired or was cleared is no mistake. */
  clearTimer(timer: unknown): void
  /** Fills all of `bytes` from a cryptographically secure source: masking keys, RFC 6455 §10.3. */
  fillRandom(bytes: Uint8Array): void
  /** The text as UTF-8; lone surrogates become U+FFFD. The caller owns the bytes. */
  encodeText(text: string): Uint8Array
  /**
   * Writes what `encodeText` would answer to the beginning of `bytes`, and answers how many bytes that are. There is room
   * for three bytes for each character. Absent where the runtime can't; it is called without `this`.
   */
  readonly encodeTextInto?: (text: string, bytes: Uint8Array) => number
  /** The text of valid UTF-8; a byte order mark stays. */
  decodeText(utf8: Uint8Array): string
  /** Compression for `permessage-deflate`, RFC 7692; absent where the runtime has none that works at once. */
  readonly deflate?: Deflate
}

/** What servers take, and clients of HTTP/1.1: there `sec-websocket-accept` answers a key. Over HTTP/2 a client has none. */
export interface HashingPlatform extends Platform {
  /** The 20 bytes of SHA-1, for `sec-websocket-accept` only. RFC 6455 §4.2.2. */
  sha1(bytes: Uint8Array): Uint8Array
}

/**
 * Raw DEFLATE, RFC 1951, a message at a time. `history` is what came before the data, for the data to refer to.
 * The WebSocket core declares the same shape and says what each part of it must do; neither imports the other.
 */
export interface Deflate {
  /** False where `history` has no effect. */
  readonly takesHistory: boolean
  /** Blocks that are not final, ending with 00 00 ff ff, and refer back by at most 2^`windowBits` octets. */
  compress(data: Uint8Array, history: Uint8Array, settings: { windowBits: number; level?: number }): Uint8Array
  /** The octets up to the end of the first final block, and how many of `data` that were. */
  decompress(
    data: Uint8Array,
    history: Uint8Array,
    maxLength: number,
  ): { readonly output: Uint8Array; readonly consumed: number } | 'too long' | 'malformed'
}
