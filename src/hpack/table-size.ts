import { UsageError } from '../errors/index.ts'

/**
 * A table size is the value of a setting: 32 bits without a sign. RFC 9113 §6.5.1.
 *
 * @throws UsageError if it isn't.
 */
export function checkTableSize(size: number): number {
  if (Number.isInteger(size) && size >= 0 && size <= 0xffffffff) return size
  throw new UsageError('a table size is not an integer from 0 to 2^32 - 1', 'RFC 9113 §6.5.2')
}
