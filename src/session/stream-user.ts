import type { StreamError } from '../errors/index.ts'

/**
 * Somebody who takes all that a stream tells as methods of one object: see `Stream.attach`. It means what the callbacks of
 * the same names mean.
 */
export interface StreamUser {
  streamData(data: Uint8Array, endStream: boolean): void
  streamWritable(): void
  streamReset(error: StreamError): void
  streamClosed(): void
  /** As for `whenDraining`. */
  streamDraining(): void
}
