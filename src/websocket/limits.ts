import { requireInteger } from '../errors/index.ts'

/** What one WebSocket accepts from its peer. RFC 6455 §10.4 leaves the numbers to us. */
export interface WebSocketLimits {
  /**
   * Bytes in one message, all its fragments together; a longer one fails with 1009 as soon as a frame header announces
   * it. Memory held for an unfinished message stays below twice the bytes that have arrived. 16 MiB when absent.
   */
  readonly maxMessageSize: number
  /**
   * Empty fragments, the last one aside, in one message; more fail with 1008. Fragments with payload need no limit,
   * since they are joined as they come; empty ones would be work without end and without data. 1024 when absent.
   */
  readonly maxEmptyFragments: number
}

export const defaultLimits: WebSocketLimits = Object.freeze({
  maxMessageSize: 16 * 1024 * 1024,
  maxEmptyFragments: 1024,
})

/** Larger buffers are refused by some engines, so no larger message may be allowed. */
export const LARGEST_BUFFER: number = 2 ** 31 - 1

/** The defaults with what the caller gave. @throws UsageError for a limit that is not a whole number in range. */
export function resolveLimits(given: Partial<WebSocketLimits> | undefined): WebSocketLimits {
  // One object for all that have no limits of their own.
  if (given === undefined || Object.keys(given).length === 0) return defaultLimits
  const limits = { ...defaultLimits, ...given }
  for (const [name, value] of Object.entries(limits)) {
    requireInteger(`the limit ${name}`, value, 0, LARGEST_BUFFER, 'RFC 6455 §10.4')
  }
  return limits
}
