import type { ByteWriter } from '../bytes/index.ts'
import { Flag } from './registry.ts'
import { requireFieldOfFlag, requireRange } from './usage.ts'

interface Padded {
  readonly flags: number
  readonly padLength?: number | undefined
}

/** The pad length is one octet, and there if the flag says so. RFC 9113 §6.1. */
export function requirePadding({ flags, padLength }: Padded, section: string): void {
  requireFieldOfFlag(flags, Flag.PADDED, padLength, 'PADDED', section)
  if (padLength !== undefined) requireRange('the pad length', padLength, 0, 0xff, section)
}

/** How much longer the pad length and the padding make a payload. */
export function paddingSize(padLength: number | undefined): number {
  return padLength === undefined ? 0 : 1 + padLength
}

/** Padding is zeros when sent; the writer's buffer may hold old bytes after a rewind. RFC 9113 §6.1. */
export function putPadding(w: ByteWriter, padLength: number | undefined): void {
  if (padLength === undefined) return
  w.reserve(padLength)
  w.bytes.fill(0, w.length, w.length + padLength)
  w.length += padLength
}
