/**
 * SHA-1, FIPS 180-4 §6.1.2, for `sec-websocket-accept` and nothing else: RFC 6455 §1.3 asks for no secrecy of it. The one
 * that web runtimes have answers later, by a promise, and a handshake must not be overtaken.
 */
export function sha1(message: Uint8Array): Uint8Array {
  // A one bit, zeros, and the length in bits fill up the last block of 64 octets.
  const padded = new Uint8Array((message.length + 72) & ~63)
  padded.set(message)
  padded[message.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, message.length / 0x2000_0000)
  view.setUint32(padded.length - 4, message.length << 3)

  const hash = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
  const words = new Uint32Array(80)
  for (let block = 0; block < padded.length; block += 64) {
    let [a, b, c, d, e] = hash
    for (let t = 0; t < 80; t++) {
      words[t] =
        t < 16 ? view.getUint32(block + 4 * t) : rotate(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1)
      const sum = rotate(a, 5) + mixed(t, b, c, d) + e + words[t]
      e = d
      d = c
      c = rotate(b, 30)
      b = a
      a = sum | 0
    }
    hash.set([hash[0] + a, hash[1] + b, hash[2] + c, hash[3] + d, hash[4] + e])
  }

  const digest = new DataView(new ArrayBuffer(20))
  for (let i = 0; i < 5; i++) digest.setUint32(4 * i, hash[i])
  return new Uint8Array(digest.buffer)
}

/** The function and the constant of step `t`. FIPS 180-4 §4.1.1, §4.2.1. */
function mixed(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((b & c) | (~b & d)) + 0x5a827999
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1
  if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
  return (b ^ c ^ d) + 0xca62c1d6
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}
