import type { Platform } from '../../platform/index.ts'
import { CloseCode } from '../../websocket/index.ts'

/** What a Close frame will say. */
export interface CloseArgument {
  readonly code: number | undefined
  /** UTF-8, at most 123 bytes. */
  readonly reason: Uint8Array
}

/**
 * What a program may say when it closes: 1000 or 3000-4999, and a reason that fits. WebSockets Standard §3.1, `close`.
 * @throws DOMException `InvalidAccessError` for another code, `SyntaxError` for a reason of more than 123 bytes of UTF-8.
 */
export function closeArgument(platform: Platform, code: number | undefined, reason: string | undefined): CloseArgument {
  const number = code === undefined ? undefined : clampedShort(code)
  if (number !== undefined && number !== CloseCode.NORMAL_CLOSURE && (number < 3000 || number > 4999)) {
    throw new DOMException(`a program may not close with ${number}, only with 1000 or 3000-4999`, 'InvalidAccessError')
  }
  const bytes = platform.encodeText(String(reason ?? ''))
  if (bytes.length > 123) throw new DOMException('a close reason of more than 123 bytes', 'SyntaxError')
  // RFC 6455 §5.5.1: a reason needs a code before it.
  return { code: bytes.length > 0 ? (number ?? CloseCode.NORMAL_CLOSURE) : number, reason: bytes }
}

/** WebIDL `[Clamp] unsigned short`. */
function clampedShort(value: number): number {
  const number = Math.min(Math.max(Number(value), 0), 65_535)
  return Number.isNaN(number) ? 0 : Math.round(number)
}
