import { ConnectionError, ErrorCode, StreamError } from '../../src/errors/index.ts'
import type { Chance } from './chance.ts'

/** A part of the library under inputs of chance. */
export interface Target {
  readonly name: string
  /** Makes an input and gives it to the part. Answers how it ended; throws when an oracle objects. */
  take(chance: Chance, note: (input: Uint8Array) => void): Ending
}

/** `whole`: nothing to object to. Otherwise the fault by which it ended, without what differs from case to case. */
export type Ending = string
export const WHOLE: Ending = 'whole'

export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

const codes: ReadonlySet<number> = new Set(Object.values(ErrorCode))

/** A fault of the peer is a value with a code of the registry and the section of a rule. RFC 9113 §5.4. */
export function endingOf(fault: unknown): Ending {
  if (!(fault instanceof ConnectionError || fault instanceof StreamError))
    throw new Error(`no declared error: ${fault}`)
  must(codes.has(fault.code), `the code ${fault.code}`)
  must(/^RFC \d{4} §\d/.test(fault.section), `the section ${fault.section}`)
  return `${fault.name} ${fault.code} ${fault.section}`
}

/** One number for a row of numbers and bytes. FNV-1a. */
export class Digest {
  value = 0x811c9dc5

  number(n: number): void {
    this.value = Math.imul(this.value ^ n, 0x01000193)
  }

  bytes(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.value = Math.imul(this.value ^ bytes[i]!, 0x01000193)
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.number(text.charCodeAt(i))
  }
}
