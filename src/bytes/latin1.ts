/**
 * Strings that hold one octet per character (WHATWG ByteString): every octet survives the way in and out.
 */

/** The octets `bytes[start..end)` as a string of one character each. */
export function latin1Decode(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let text = ''
  for (let at = start; at < end; at += 4096) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(at + 4096, end)) as unknown as number[])
  }
  return text
}

/** The characters of `text` as octets; a character above 0xff is the caller's mistake and loses its high bits. */
export function latin1Encode(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
