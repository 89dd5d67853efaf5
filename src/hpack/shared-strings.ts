import type { ByteWriter } from '../bytes/index.ts'
import { EncodedStrings, markOf } from './encoded-strings.ts'
import type { Name } from './name.ts'
import { type HuffmanMode, writeFrom, writeKnown, writeString } from './write-string.ts'

/**
 * What all encoders know, written `when-shorter`: a program sends the same strings on each connection. Nothing that is to
 * be kept secret goes in here. At most some 100 KiB, and 60 for what names remember of it.
 */
const sharedStrings: EncodedStrings = new EncodedStrings(256, 8, 160)

/** Appends the literal of a name. A shared one has its own at hand, without a mark to read and a slot to look up. */
export function writeName(writer: ByteWriter, name: Name, huffman: HuffmanMode): void {
  const { text, literal } = name
  if (huffman !== 'when-shorter') writeString(writer, text, huffman)
  else if (literal !== undefined) writer.write(literal)
  else if (!name.isShared) writeKnown(writer, text, huffman, sharedStrings, markOf(text))
  else {
    const start = writeFrom(writer, text, huffman)
    name.literal = writer.bytes.slice(start, writer.length)
  }
}

/** Appends the literal of a value that is no secret, `when-shorter`; `mark` is that of the value. */
export function writeShared(writer: ByteWriter, name: Name, value: string, mark: number): void {
  const { recent } = name
  if (recent !== undefined && recent.text === value) writer.write(recent.literal)
  else name.recent = writeKnown(writer, value, 'when-shorter', sharedStrings, mark) ?? recent
}
