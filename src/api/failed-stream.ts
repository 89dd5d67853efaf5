import { ErrorCode } from '../errors/index.ts'
import { tellLast } from '../session/index.ts'
import type { Exchange } from './exchange.ts'

/** Answers with a status and nothing else. */
export function respondStatus(stream: Exchange, status: number): void {
  stream.respond([{ name: ':status', value: String(status) }], { endStream: true })
}

/**
 * A handler failed: 500 while there is no response yet, otherwise the response is cut off, so that nobody takes it for
 * whole. Then `onError` hears of it; what that throws is nobody's, since this may run in a promise that none awaits.
 */
export function failStream(stream: Exchange, error: unknown, onError: (error: unknown) => void): void {
  if (!stream.responded) respondStatus(stream, 500)
  else if (!stream.outputEnded) stream.reset(ErrorCode.INTERNAL_ERROR)
  tellLast(onError, error)
}
