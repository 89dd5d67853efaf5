import type { StreamStateName } from './stream-state.ts'

/**
 * Sees what passes, for inspection and recording; it decides nothing. Its methods are called while the connection
 * works, so they must not call back into it. A connection without one pays nothing.
 */
export interface Observer {
  /** A frame header was read; `length` is the payload's. DATA is told once, however many pieces it comes in. */
  frameReceived?(type: number, flags: number, streamId: number, length: number): void
  /** A frame was written. */
  frameSent?(type: number, flags: number, streamId: number, length: number): void
  /** A stream moved on in the figure of RFC 9113 §5.1. */
  stateChanged?(streamId: number, from: StreamStateName, to: StreamStateName): void
  /** A window changed; `streamId` 0 is the connection. `send` is our right to send, `receive` the peer's. RFC 9113 §6.9. */
  windowChanged?(streamId: number, direction: 'send' | 'receive', size: number): void
}
