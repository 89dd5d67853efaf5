import { ConnectionError, ErrorCode } from '../errors/index.ts'
import type { DecodedStrings } from './decoded-strings.ts'
import { decodeHuffman, EOS_FOUND } from './huffman-decode.ts'
import { octetArray, octetString, scratch, textOf } from './octet-string.ts'

/** A field block that breaks a rule ends the connection. RFC 9113 §4.3. */
export function compressionError(reason: string, section: string): ConnectionError {
  return new ConnectionError(ErrorCode.COMPRESSION_ERROR, reason, section)
}

const nothing: Uint8Array = new Uint8Array(0)

/** Reads the two primitive types of HPACK from a block. A fault is kept in `fault`, and the rest is not read. */
export class BlockReader {
  /** The octets that the block lies in, from `at` to `end`. */
  block: Uint8Array = nothing
  at = 0
  end = 0
  /** The fault of the block in hand: none when it is opened, and `close` takes it away. */
  fault: ConnectionError | undefined = undefined

  open(block: Uint8Array, start = 0, end: number = block.length): void {
    this.block = block
    this.at = start
    this.end = end
  }

  /** Lets go of the block, which is only borrowed, and of the fault, whose stack keeps the decoder and who called it. */
  close(): ConnectionError | undefined {
    const { fault } = this
    this.block = nothing
    this.fault = undefined
    return fault
  }

  /**
   * An integer whose first octet has just been read; `mask` covers the prefix. Returns -1 on a fault. RFC 7541 §5.1.
   * The RFC asks for a limit of one's own: ours is five octets after the prefix and a value below 2^32, the largest
   * that a setting can have. Zero octets at the top are allowed within these five.
   */
  integer(first: number, mask: number): number {
    let value = first & mask
    if (value !== mask) return value
    let scale = 1
    for (let more = 0; more < 5; more++) {
      if (this.at === this.end) return this.#fail('the block ends within an integer', 'RFC 7541 §5.1')
      const octet = this.block[this.at++]!
      value += (octet & 0x7f) * scale
      if (octet < 0x80) return value <= 0xffffffff ? value : this.#fail('an integer is too large', 'RFC 7541 §5.1')
      scale *= 128
    }
    return this.#fail('an integer is too long', 'RFC 7541 §5.1')
  }

  /**
   * A string literal; undefined on a fault. Never more than the block holds is waited for or allocated. RFC 7541 §5.2.
   * `known` are the strings that it may be one of.
   */
  string(known: DecodedStrings | undefined): string | undefined {
    const { block } = this
    if (this.at === this.end) return this.#failString('the block ends before a string')
    const first = block[this.at++]!
    const length = this.integer(first, 0x7f)
    if (length < 0) return undefined
    const start = this.at
    if (length > this.end - start) return this.#failString('the block ends within a string')
    const end = start + length
    this.at = end
    const huffman = first >= 0x80
    const found = known?.find(block, start, end, huffman)
    if (found !== undefined) return found
    const text = huffman ? this.#huffman(start, end) : octetString(block, start, end)
    if (text !== undefined) known?.keep(text, block, start, end, huffman)
    return text
  }

  #huffman(start: number, end: number): string | undefined {
    const room = (((end - start) * 8) / 5 + 2) | 0
    const target = room <= scratch.length ? scratch : octetArray(room)
    const length = decodeHuffman(this.block, start, end, target)
    if (length >= 0) return textOf(target, length)
    return this.#failString(length === EOS_FOUND ? 'a Huffman string has EOS' : 'a Huffman string is padded wrongly')
  }

  #failString(reason: string): undefined {
    this.#fail(reason, 'RFC 7541 §5.2')
  }

  #fail(reason: string, section: string): -1 {
    this.fault = compressionError(reason, section)
    return -1
  }
}
