import { expect } from 'vitest'
import { ByteWriter } from '../../src/bytes/index.ts'
import { ConnectionError } from '../../src/errors/index.ts'
import type { DecodedSection, FieldInput, FieldSectionDecoder, FieldSectionEncoder } from '../../src/hpack/index.ts'

export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

export function hex(block: Uint8Array): string {
  return Buffer.from(block).toString('hex')
}

export function encode(encoder: FieldSectionEncoder, fields: readonly FieldInput[]): Uint8Array {
  const writer = new ByteWriter(16)
  encoder.encode(fields, writer)
  return writer.take()
}

/** The section, where a fault would fail the test. */
export function decoded(decoder: FieldSectionDecoder, block: Uint8Array): DecodedSection {
  const section = decoder.decode(block)
  if (section instanceof ConnectionError) throw section
  return section
}

/** The fields without sharing, as plain objects. */
export function plain(fields: readonly FieldInput[]): { name: string; value: string; sensitive: boolean }[] {
  return fields.map(({ name, value, sensitive }) => ({ name, value, sensitive: sensitive === true }))
}

/** For properties, where ten thousand runs of `toEqual` would take most of the time: asks it only about what differs. */
export function expectEqual(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected)
}
