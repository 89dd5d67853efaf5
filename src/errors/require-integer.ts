import { UsageError } from './errors.ts'

/**
 * A number from the caller, which must be whole and from `least` to `most`.
 *
 * @throws UsageError when it is not
 */
export function requireInteger(what: string, value: number, least: number, most: number, section: string): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  const wanted = least === most ? least : `a whole number from ${least} to ${most}`
  throw new UsageError(`${what} must be ${wanted}, not ${value}`, section)
}
