import { UsageError } from '../errors/index.ts'
import { type HandshakeField, valuesOf } from './handshake-fields.ts'
import { isToken } from './token-list.ts'

/** Fields that an Upgrade over HTTP/1.1 writes itself, or that would give it a body. RFC 6455 §4.1, §4.2.2. */
const reserved = new Set(['host', 'connection', 'upgrade', 'content-length', 'transfer-encoding'])

/**
 * True for a field value that HTTP/1.1 can carry: no control character but the tab, one character for each octet.
 * A CR or LF that got through would begin a field of the attacker's choice. RFC 9110 §5.5.
 */
export function isFieldValue(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false
  }
  return true
}

/**
 * Checks the fields that a caller adds to a handshake of ours over HTTP/1.1.
 * @throws UsageError for one that the handshake writes itself, or that is no field.
 */
export function checkUpgradeFields(extra: readonly HandshakeField[]): void {
  for (const { name, value } of extra) {
    const lower = name.toLowerCase()
    if (reserved.has(lower) || lower.startsWith('sec-websocket-')) {
      throw new UsageError(`the field ${name} is written by the handshake itself`, 'RFC 6455 §4.1')
    }
    if (!isToken(name) || !isFieldValue(value)) throw new UsageError(`the field ${name} cannot be sent`, 'RFC 9110 §5')
  }
}

/** True when `token` is a member of the comma-separated list that the lines called `name` are, in any case. */
export function listHas(fields: readonly HandshakeField[], name: string, token: string): boolean {
  return valuesOf(fields, name).some((value) => {
    return value.split(',').some((member) => trimSpace(member).toLowerCase() === token)
  })
}

/** Without the spaces and tabs around it, and nothing else: `String.trim` takes a no-break space too. RFC 9110 §5.5. */
export function trimSpace(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isSpace(value.charCodeAt(start))) start++
  while (end > start && isSpace(value.charCodeAt(end - 1))) end--
  return value.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
