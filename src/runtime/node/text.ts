import { isAscii } from 'node:buffer'

/**
 * So many characters are worth a look whether all are ASCII. Measured on Node 20: encoding takes 0.8 µs and not 1.2 for
 * 4 KiB, 1.6 and not 4.0 for 16 KiB, 73 and not 203 for 1 MiB; Node 26 encodes as fast by itself.
 */
const LONG = 8192
/** Decoding takes 96 µs and not 649 for 1 MiB; Node 26 is as fast by itself, and for 64 KiB 1.4 times as fast. */
const LONG_TO_DECODE = 131_072

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The UTF-8 of `text`. Where it is as long as the text, each character is an octet already. */
export function encodeText(text: string): Uint8Array {
  const { length } = text
  if (length < LONG || Buffer.byteLength(text) !== length) return encoder.encode(text)
  const bytes = new Uint8Array(length)
  Buffer.from(bytes.buffer).write(text, 'latin1')
  return bytes
}

/** Writes the UTF-8 of `text` into `bytes`, and tells how many octets that took. */
export function encodeTextInto(text: string, bytes: Uint8Array): number {
  return encoder.encodeInto(text, bytes).written
}

/** The text of valid UTF-8, a byte order mark included. */
export function decodeText(utf8: Uint8Array): string {
  if (utf8.length < LONG_TO_DECODE || !isAscii(utf8)) return decoder.decode(utf8)
  return Buffer.from(utf8.buffer, utf8.byteOffset, utf8.length).toString('latin1')
}
