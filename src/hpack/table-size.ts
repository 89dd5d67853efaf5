import { requireInteger } from '../errors/index.ts'

/**
 * A table size is the value of a setting: 32 bits without a sign. RFC 9113 §6.5.1.
 *
 * @throws UsageError if it isn't.
 */
export function checkTableSize(size: number): number {
  return requireInteger('a table size', size, 0, 0xffff_ffff, 'RFC 9113 §6.5.2')
}
