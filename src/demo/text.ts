/**
 * Text from strangers, made fit to show: one line, without control characters and without those that turn the
 * direction of what follows (UAX #9), in normal form, at most `limit` characters.
 */
export function tidy(text: string, limit: number): string {
  const plain = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim()
  // By code points, so that no surrogate pair is cut in two.
  return [...plain].slice(0, limit).join('').trimEnd()
}
