import type { ByteWriter } from '../bytes/index.ts'
import { encodeHuffman, huffmanBits } from './huffman-encode.ts'
import { writeInteger } from './integer.ts'

/** When a string is sent in the Huffman code. RFC 7541 §5.2 leaves it to the encoder, string by string. */
export type HuffmanMode = 'always' | 'when-shorter' | 'never'

/** Strings up to this length are encoded before their encoded length is known: room is reserved for the worst octets. */
const SHORT_STRING = 120

/**
 * Appends a string literal: whether it is Huffman coded, its length in octets as sent, the octets. RFC 7541 §5.2.
 *
 * @throws UsageError if `text` has a character above 0xff.
 */
export function writeString(writer: ByteWriter, text: string, huffman: HuffmanMode): void {
  if (huffman !== 'never' && text.length <= SHORT_STRING) {
    // One pass: the length is known afterwards, and nearly always fits the octet that was left free for it. Two passes
    // take a quarter longer.
    writer.reserve(4 * text.length + 1)
    const start = writer.length + 1
    const end = encodeHuffman(text, writer.bytes, start)
    const length = end - start
    if (length < 0x7f && (length < text.length || huffman === 'always')) {
      writer.bytes[start - 1] = 0x80 | length
      writer.length = end
      return
    }
  }
  const length = (huffmanBits(text) + 7) >>> 3
  writer.reserve(6 + Math.max(length, text.length))
  if (huffman === 'always' || (huffman === 'when-shorter' && length < text.length)) {
    writeInteger(writer, 0x80, 0x7f, length)
    writer.length = encodeHuffman(text, writer.bytes, writer.length)
  } else {
    writeInteger(writer, 0x00, 0x7f, text.length)
    writer.latin1(text)
  }
}
