import { latin1Encode } from '../bytes/index.ts'

/** Every handshake hashes this behind the key. RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/**
 * The bytes whose SHA-1, in base64, is the `sec-websocket-accept` that answers `key`. RFC 6455 §4.2.2.
 * The key is hashed as the text it is, not decoded.
 *
 * @example
 * const accept = base64Encode(sha1(acceptKeyInput(key)))
 */
export function acceptKeyInput(key: string): Uint8Array {
  return latin1Encode(key + GUID)
}

/**
 * True for 16 bytes in base64, which is what a key must be. RFC 6455 §4.1.
 * Stray bits in the last character are let pass: the RFC's own example has them.
 */
export function isAcceptableKey(key: string): boolean {
  if (key.length !== 24 || !key.endsWith('==')) return false
  for (let i = 0; i < 22; i++) if (!ALPHABET.includes(key[i])) return false
  return true
}

/** `bytes` in base64 with padding. RFC 4648 §4. */
export function base64Encode(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const group = (bytes[at] << 16) | ((left > 1 ? bytes[at + 1] : 0) << 8) | (left > 2 ? bytes[at + 2] : 0)
    text += ALPHABET[group >> 18] + ALPHABET[(group >> 12) & 63]
    text += (left > 1 ? ALPHABET[(group >> 6) & 63] : '=') + (left > 2 ? ALPHABET[group & 63] : '=')
  }
  return text
}
