import { MessageHead, validateResponse, validateTrailers } from '../../connection/field-validation.ts'
import { UsageError } from '../../errors/index.ts'
import type { FieldInput } from '../../hpack/index.ts'
import { builtin } from './builtin.ts'

/** What a field section of a response says that HTTP/1.1 must know to frame it. */
export interface ResponseHead {
  readonly status: number
  /** -1 when absent. */
  readonly contentLength: number
  /** The lines without `:status`, name and value in turn. */
  readonly lines: string[]
}

/**
 * Reads the field section of a response by the very rules of HTTP/2 (RFC 9113 §8.3.2), so that a handler that is right
 * over one version is right over the other.
 *
 * @throws UsageError for a field that may not be sent; and for a control character, which HTTP/1.1 can't carry
 */
export function responseHead(fields: readonly FieldInput[]): ResponseHead {
  const head = new MessageHead()
  refuse(validateResponse(fields, head))
  const lines: string[] = []
  for (const { name, value } of fields) {
    // RFC 9110 §8.6: no content-length with 204
    if (name === ':status' || (name === 'content-length' && head.status === 204)) continue
    lines.push(name, checked(name, value))
  }
  return { status: head.status, contentLength: head.contentLength, lines }
}

/** A trailer section as pairs. @throws UsageError for a field that may not be sent */
export function trailerLines(fields: readonly FieldInput[]): [string, string][] {
  refuse(validateTrailers(fields))
  return fields.map(({ name, value }): [string, string] => [name, checked(name, value)])
}

/** The status line and field lines as they go out, for what Node's own response has no words for. RFC 9112 §2.1, §4. */
export function writeHead(status: number, lines: readonly string[]): string {
  let text = `HTTP/1.1 ${status} ${builtin('node:http').STATUS_CODES[status] ?? ''}\r\n`
  for (let at = 0; at < lines.length; at += 2) text += `${lines[at]}: ${lines[at + 1]}\r\n`
  return `${text}\r\n`
}

/** Whether the answer to `method` with this status has no body, whatever its fields say. RFC 9112 §6.3. */
export function isBodiless(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304
}

/** RFC 9110 §5.5: visible characters, SP, HTAB and octets above 127. */
function checked(name: string, value: string): string {
  for (let at = 0; at < value.length; at++) {
    const c = value.charCodeAt(at)
    if ((c < 0x20 && c !== 0x09) || c === 0x7f) {
      throw new UsageError(`the value of ${name} has a control character`, 'RFC 9110 §5.5')
    }
  }
  return value
}

function refuse(fault: { readonly reason: string; readonly section: string } | undefined): void {
  if (fault !== undefined) throw new UsageError(`these fields would be malformed: ${fault.reason}`, fault.section)
}
