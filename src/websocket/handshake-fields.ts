import { UsageError } from '../errors/index.ts'

/**
 * What both sides of the opening handshake over HTTP/2 share. RFC 8441 §5 replaces the request line, `host`,
 * `upgrade`, `connection`, `sec-websocket-key` and `sec-websocket-accept` of RFC 6455 §4 by the extended CONNECT; the
 * other `sec-websocket-*` fields and `origin` mean what they always meant.
 */

/** One field line: the name in lower case, the value with one character per octet and no space around it. */
export interface HandshakeField {
  readonly name: string
  readonly value: string
}

/** Why a handshake made no WebSocket. Returned, never thrown: the peer did it. */
export class HandshakeFault {
  /**
   * From a request, the status to answer with: 426 for another version (RFC 6455 §4.4), otherwise 400 (§4.2.1).
   * From a response, the status that came, 0 when there was none.
   */
  readonly status: number
  /** Fields that belong into the answer beside `:status`. */
  readonly fields: readonly HandshakeField[]
  /** The rule in words. */
  readonly reason: string
  /** The rule, for example `RFC 6455 §4.1`. */
  readonly section: string

  constructor(status: number, reason: string, section: string, fields: readonly HandshakeField[] = []) {
    this.status = status
    this.fields = fields
    this.reason = reason
    this.section = section
  }
}

const NO_VALUES: readonly string[] = []

/** The value of the first field line called `name`. */
export function firstValueOf(fields: readonly HandshakeField[], name: string): string | undefined {
  for (let i = 0; i < fields.length; i++) if (fields[i]!.name === name) return fields[i]!.value
  return undefined
}

/** How many field lines are called `name`. */
export function countOf(fields: readonly HandshakeField[], name: string): number {
  let count = 0
  for (let i = 0; i < fields.length; i++) if (fields[i]!.name === name) count++
  return count
}

/** The values of all field lines called `name`, in order. Nearly always there is none, or one, and no room for more is made. */
export function valuesOf(fields: readonly HandshakeField[], name: string): readonly string[] {
  let values: string[] | undefined
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!
    if (field.name !== name) continue
    if (values === undefined) values = [field.value]
    else values.push(field.value)
  }
  return values ?? NO_VALUES
}

/**
 * Checks the fields that a caller adds to a handshake of ours: none that the handshake itself writes, and none that is
 * forbidden in HTTP/2 (RFC 8441 §5, RFC 9113 §8.2.2).
 * @throws UsageError
 */
export function checkExtraFields(extra: readonly HandshakeField[]): void {
  for (const { name } of extra) {
    const lower = name.toLowerCase()
    if (lower.startsWith(':') || lower.startsWith('sec-websocket-')) {
      throw new UsageError(`the field ${name} is written by the handshake itself`, 'RFC 8441 §5')
    }
    if (lower === 'connection' || lower === 'upgrade' || lower === 'host') {
      throw new UsageError(`the field ${name} has no place in an extended CONNECT`, 'RFC 8441 §5')
    }
  }
}
