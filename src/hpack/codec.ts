import type { ByteWriter } from '../bytes/index.ts'
import type { ConnectionError } from '../errors/index.ts'
import type { Field, FieldInput } from './field.ts'

/** What one field block decoded to. */
export interface DecodedSection {
  /** The field lines in order: a fresh array, owned by the caller. The entries may be shared and frozen. */
  readonly fields: Field[]
  /** The section's size: name + value + 32 octets for every line, the discarded ones included. RFC 9113 §10.5.1. */
  readonly size: number
  /** Which limit was passed first; the lines from there on were decoded, to keep the table in step, and discarded. */
  readonly overflow: 'size' | 'count' | undefined
  /** The lines are those of the section before, one by one; absent where the decoder does not know. */
  readonly repeats?: boolean
}

/**
 * Decodes whole field blocks of one direction of one connection, in the order in which they were received.
 * A connection takes any implementation. RFC 9113 §4.3.
 */
export interface FieldSectionDecoder {
  /**
   * Decodes one whole block.
   *
   * `block` is borrowed until the call returns. A fault of the peer comes back as a ConnectionError
   * COMPRESSION_ERROR with the RFC section; the compression state is lost with it, so the connection has to end.
   */
  decode(block: Uint8Array): DecodedSection | ConnectionError
  /** The same for the block that is `bytes[start..end)`, where there is one: a view of it costs 60 ns and 100 bytes. */
  decodeWithin?(bytes: Uint8Array, start: number, end: number): DecodedSection | ConnectionError
  /** Our SETTINGS_HEADER_TABLE_SIZE in octets: a larger one told when it is sent, a smaller one once acknowledged. RFC 9113 §4.3.1. */
  setTableSizeLimit(size: number): void
}

/**
 * Encodes field sections of one direction of one connection, in the order in which they will be sent.
 * A connection takes any implementation. RFC 9113 §4.3.
 */
export interface FieldSectionEncoder {
  /**
   * Appends the block of one whole section to `writer`.
   *
   * @throws UsageError if a string holds a character above 0xff; nothing was written and no table has changed.
   */
  encode(fields: readonly FieldInput[], writer: ByteWriter): void
  /** The peer's SETTINGS_HEADER_TABLE_SIZE in octets, told before we acknowledge it. RFC 9113 §4.3.1. */
  setTableSizeLimit(size: number): void
}
