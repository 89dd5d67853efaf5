import type { ByteWriter } from '../bytes/index.ts'
import type { EncodedStrings, Kept } from './encoded-strings.ts'
import { encodeHuffman, huffmanBits } from './huffman-encode.ts'
import { writeInteger } from './integer.ts'
import { checkOctets } from './octet-string.ts'

/** When a string is sent in the Huffman code. RFC 7541 §5.2 leaves it to the encoder, string by string. */
export type HuffmanMode = 'always' | 'when-shorter' | 'never'

/** Strings up to this length are encoded before their encoded length is known: room is reserved for the worst octets. */
const ONE_PASS = 1024

/**
 * Appends a string literal: whether it is Huffman coded, its length in octets as sent, the octets. RFC 7541 §5.2.
 *
 * @throws UsageError if `text` has a character above 0xff.
 */
export function writeString(writer: ByteWriter, text: string, huffman: HuffmanMode): void {
  if (huffman !== 'never') {
    if (text.length <= ONE_PASS ? writeInOnePass(writer, text, huffman) : writeInTwoPasses(writer, text, huffman))
      return
  } else checkOctets(text)
  writer.reserve(6 + text.length)
  writeInteger(writer, 0x00, 0x7f, text.length)
  writer.latin1(text)
}

/**
 * Appends the literal of `text`, which may be one of those `known`, all of which were written in the same mode; `mark`
 * is that of the text. Returns what is kept of it.
 *
 * @throws UsageError if `text` has a character above 0xff.
 */
export function writeKnown(
  writer: ByteWriter,
  text: string,
  huffman: HuffmanMode,
  known: EncodedStrings,
  mark: number,
): Kept | undefined {
  const kept = known.find(text, mark)
  if (kept !== undefined) {
    writer.write(kept.literal)
    return kept
  }
  const start = writeFrom(writer, text, huffman)
  known.keep(text, mark, writer.bytes, start, writer.length)
  return undefined
}

/** Does what `writeString` does, and answers from where on in `writer.bytes` the literal stands. */
export function writeFrom(writer: ByteWriter, text: string, huffman: HuffmanMode): number {
  const begun = writer.mark
  writeString(writer, text, huffman)
  // What is pending may have moved, but it ends where the writer stands.
  return writer.length - (writer.mark - begun)
}

/**
 * Leaves one octet free for the length, which is enough for most strings; what is longer is moved. Two passes take a
 * quarter longer. Returns false if the code is not to be used.
 */
function writeInOnePass(writer: ByteWriter, text: string, huffman: HuffmanMode): boolean {
  // The longest code has 30 bits; six octets are for the length.
  writer.reserve(4 * text.length + 6)
  const { bytes } = writer
  const start = writer.length + 1
  const end = encodeHuffman(text, bytes, start)
  const length = end - start
  if (length >= text.length && huffman !== 'always') return false
  if (length < 0x7f) {
    bytes[start - 1] = 0x80 | length
    writer.length = end
    return true
  }
  bytes.copyWithin(start + integerOctets(length), start, end)
  writeInteger(writer, 0x80, 0x7f, length)
  writer.length += length
  return true
}

/** How many octets follow the prefix of a length, of at most 4096. RFC 7541 §5.1. */
function integerOctets(length: number): number {
  return length < 0x7f + 128 ? 1 : 2
}

/** For strings so long that room for their worst encoding would be too much. Returns false if the code is not to be used. */
function writeInTwoPasses(writer: ByteWriter, text: string, huffman: HuffmanMode): boolean {
  const length = (huffmanBits(text) + 7) >>> 3
  if (length >= text.length && huffman !== 'always') return false
  writer.reserve(6 + length)
  writeInteger(writer, 0x80, 0x7f, length)
  writer.length = encodeHuffman(text, writer.bytes, writer.length)
  return true
}
