/**
 * What differs between runtimes and what a test wants to hold in its hand: the clock, timers, random bytes, the text
 * codec, the hash of the HTTP/1.1 handshake. It is passed in; nothing below `runtime` reaches for a global instead.
 */
export interface Platform {
  /** Monotonic milliseconds from any origin; fractions are welcome. */
  now(): number
  /**
   * Calls `callback` once, not before `milliseconds` have passed, and returns what `clearTimer` takes. Where the runtime
   * can say so, a timer doesn't keep the process alive by itself.
   */
  setTimer(callback: () => void, milliseconds: number): unknown
  /** Forgets a timer; one that has fired or was cleared is no mistake. */
  clearTimer(timer: unknown): void
  /** Fills all of `bytes` from a cryptographically secure source: masking keys, RFC 6455 §10.3. */
  fillRandom(bytes: Uint8Array): void
  /** The text as UTF-8; lone surrogates become U+FFFD. The caller owns the bytes. */
  encodeText(text: string): Uint8Array
  /** The text of valid UTF-8; a byte order mark stays. */
  decodeText(utf8: Uint8Array): string
  /** The 20 bytes of SHA-1, for `sec-websocket-accept` only. RFC 6455 §4.2.2. */
  sha1(bytes: Uint8Array): Uint8Array
}
