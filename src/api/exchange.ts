import type { StreamError } from '../errors/index.ts'
import type { Field, FieldInput } from '../hpack/index.ts'
import type { HashingPlatform } from '../platform/index.ts'
import type { ServerSession, SignalOptions, StreamUser } from '../session/index.ts'

/**
 * A duplex of bytes whose directions end one by one: a stream of an HTTP/2 connection, or what an HTTP/1.1 connection
 * is after an Upgrade. The members are those of a `Stream` of a session, where each is described.
 */
export interface Tunnel {
  /** RFC 9113 §5.1.1; undefined where no HTTP/2 stream lies below. */
  readonly id: number | undefined
  onData: ((data: Uint8Array, endStream: boolean) => void) | undefined
  onWritable: (() => void) | undefined
  onReset: ((error: StreamError) => void) | undefined
  onClose: (() => void) | undefined
  /** Set to true, data of several frames may come in one call of `onData`. Absent where no frames lie below. */
  joinsData?: boolean
  readonly inputEnded: boolean
  readonly outputEnded: boolean
  readonly writable: boolean
  readonly queuedBytes: number
  readonly unsentBytes: number
  /** Aborts when the stream is reset or its connection lost, with the StreamError as reason. */
  readonly signal: AbortSignal
  write(bytes: Uint8Array): boolean
  /** Hands what was written to the transport now, where it would wait for the end of a turn. Absent where nothing can. */
  flush?(): void
  end(bytes?: Uint8Array): void
  reset(code?: number): void
  pause(): void
  resume(): void
  drained(options?: SignalOptions): Promise<void>
  /**
   * Calls `listener` once when what carries the tunnel is about to be ended in good order, and there is time for a last
   * word. Answers the function that takes the listener back. Absent where nothing can tell.
   */
  whenDraining?(listener: () => void): () => void
  /** Sets `onWritable`, `onReset` and `onClose` to methods of one object. Absent where that would save nothing. */
  attach?(user: StreamUser): void
  /** Sets `onData` to a method of the object that was attached. */
  readByUser?(): void
  /** `whenDraining` for the object that was attached, and the way back. */
  watchDraining?(): void
  unwatchDraining?(): void
}

/**
 * A request that arrived, and its answer, whatever version of HTTP carries it: RFC 9113 §8.1 calls it an exchange. A
 * `ServerStream` is one. A request of HTTP/1.1 is shown with the pseudo-header fields that HTTP/2 would have for it, an
 * Upgrade as the extended CONNECT of RFC 8441 §4.
 */
export interface Exchange extends Tunnel, AsyncIterable<Uint8Array> {
  readonly httpVersion: '1.1' | '2'
  /** The HTTP/2 connection; undefined over HTTP/1.1. */
  readonly session: ServerSession | undefined
  readonly platform: HashingPlatform
  readonly fields: readonly Field[]
  /** The trailer section, once all of the body was delivered. */
  readonly trailers: readonly Field[] | undefined
  onTrailers: ((fields: readonly Field[]) => void) | undefined
  /** The final response has begun. */
  readonly responded: boolean
  /** Sends a field section that begins with `:status`; 1xx may come any number of times before the final one. */
  respond(fields: readonly FieldInput[], options?: { readonly endStream?: boolean | undefined }): void
  sendTrailers(fields: readonly FieldInput[]): void
  /** Says that work for this exchange is under way, and answers the function that ends it. */
  hold(): () => void
}
