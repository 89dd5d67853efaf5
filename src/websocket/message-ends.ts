/**
 * Writes into `ends`, from `count` on, where each message in `chunks` ends, as a count of bytes from the beginning of a
 * stream of which `before` bytes were taken earlier; answers the new count. `chunks` is what one `takeOutput` of ours has handed over: whole frames, each of them the only
 * one of its message, none of whose headers lies across two chunks. RFC 6455 §5.2.
 *
 * For whoever keeps account of what a transport has taken, message by message, without a word to each `send`.
 */
export function messageEnds(chunks: readonly Uint8Array[], before: number, ends: number[], count: number): number {
  let base = before
  let found = count
  /** Where the next frame begins, in the chunk at hand or, a long payload, behind it. */
  let at = 0
  for (const chunk of chunks) {
    while (at < chunk.length) {
      const opcode = chunk[at] & 0x0f
      const short = chunk[at + 1] & 0x7f
      let length = short
      let header = 2
      if (short === 126) {
        length = (chunk[at + 2] << 8) | chunk[at + 3]
        header = 4
      } else if (short === 127) {
        length = 0
        for (let i = 2; i < 10; i++) length = length * 256 + chunk[at + i]
        header = 10
      }
      // The masking key lies behind the length.
      if ((chunk[at + 1] & 0x80) !== 0) header += 4
      at += header + length
      // RFC 6455 §5.5: the upper half of the opcodes are control frames.
      if (opcode < 8) ends[found++] = base + at
    }
    at -= chunk.length
    base += chunk.length
  }
  return found
}
