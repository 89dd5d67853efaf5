/**
 * The three messages every peer has to echo. Both generators depend on the position of each byte, so a block that is
 * lost, doubled or swapped shows. They run in the test, in the page of a browser, and (twin) in h2_wsproto_client.py:
 * keep them free of anything outside their own body.
 */

/** `length` bytes in which neighbouring rows of 256 differ. */
export function binaryOf(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >>> 8) * 17) & 0xff
  return bytes
}

/** Text of exactly `length` bytes in UTF-8, with characters of one to four bytes. */
export function textOf(length: number): string {
  const units: string[] = []
  let left = length
  for (let count = 0; ; count++) {
    const digits = String(count)
    // 'é' takes two bytes, '€' three, the face four, the separators two.
    const size = digits.length + 11
    if (size > left) break
    units.push(`${digits} é€😀;`)
    left -= size
  }
  return units.join('') + 'x'.repeat(left)
}

/** What each WebSocket peer sends and wants back, then the close it asks for and must be answered with. */
export const messages = [
  { kind: 'text', length: 5 },
  { kind: 'binary', length: 100_000 },
  { kind: 'text', length: 1_000_000 },
] as const

/** What each HTTP peer gets and posts. */
export const bodyLengths = [5, 100_000, 1_000_000] as const

/** A code of the range that applications may use. RFC 6455 §7.4.2. */
export const closing = { code: 3001, reason: 'done' } as const
