/**
 * Tells whether bytes that come in pieces are UTF-8, at the very byte that makes them not. RFC 6455 §8.1.
 * No overlong forms, no surrogates, nothing above U+10FFFF. A code point may be cut anywhere.
 *
 * The state between two bytes is how many continuation bytes are missing and the range of the next one: only the
 * first of them is ever narrower than 80..BF.
 */
export class Utf8Validator {
  #missing = 0
  #low = 0x80
  #high = 0xbf

  /** True when the bytes so far do not end inside a code point. */
  get complete(): boolean {
    return this.#missing === 0
  }

  /** Takes the bytes `[start..end)`; false when one of them cannot be where it is. After false it is of no more use. */
  accept(bytes: Uint8Array, start: number, end: number): boolean {
    let missing = this.#missing
    let low = this.#low
    let high = this.#high
    for (let at = start; at < end; at++) {
      const byte = bytes[at]
      if (missing > 0) {
        if (byte < low || byte > high) return false
        low = 0x80
        high = 0xbf
        missing--
      } else if (byte >= 0x80) {
        if (byte < 0xc2) return false // a continuation byte without a lead, or a lead of overlong forms only
        if (byte < 0xe0) {
          missing = 1
        } else if (byte < 0xf0) {
          missing = 2
          if (byte === 0xe0) low = 0xa0 // below: overlong, it would fit into two bytes
          if (byte === 0xed) high = 0x9f // above: the surrogates D800-DFFF
        } else if (byte < 0xf5) {
          missing = 3
          if (byte === 0xf0) low = 0x90 // below: overlong, it would fit into three bytes
          if (byte === 0xf4) high = 0x8f // above: beyond U+10FFFF
        } else {
          return false
        }
      }
    }
    this.#missing = missing
    this.#low = low
    this.#high = high
    return true
  }
}

/** True when `bytes` are whole, valid UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  const validator = new Utf8Validator()
  return validator.accept(bytes, 0, bytes.length) && validator.complete
}
