import {
  type ConnectionEvent,
  type ExtendedConnectPolicy,
  type HeadersReceived,
  resolveLimits,
} from '../connection/index.ts'
import type { HashingPlatform } from '../platform/index.ts'
import type { ByteTransport } from '../transport/index.ts'
import { ServerStream } from './server-stream.ts'
import { Session } from './session.ts'
import type { SessionOptions } from './session-options.ts'
import { intake } from './stream.ts'

export interface ServerSessionOptions extends SessionOptions {
  readonly platform: HashingPlatform
  /** What to do about `:protocol` (RFC 8441): `off` when absent. */
  readonly extendedConnect?: ExtendedConnectPolicy | undefined
  /**
   * Called for each request, once its field section has arrived. Set the stream's callbacks and answer, now or later.
   */
  readonly onStream: (stream: ServerStream) => void
}

/**
 * The server's side of an HTTP/2 connection on any transport; it takes the transport over and starts it.
 *
 * @example
 * new ServerSession(transport, {
 *   platform,
 *   onStream: (stream) => stream.respond([{ name: ':status', value: '204' }], { endStream: true }),
 * })
 */
export class ServerSession extends Session {
  readonly #onStream: (stream: ServerStream) => void
  readonly #maxUnfinished: number

  constructor(transport: ByteTransport, options: ServerSessionOptions) {
    super(transport, 'server', options)
    this.#onStream = options.onStream
    this.#maxUnfinished = resolveLimits(options.limits).maxUnfinishedHandlers
  }

  override get platform(): HashingPlatform {
    return super.platform as HashingPlatform
  }

  /**
   * RFC 9113 §10.5: a stream that was reset is no longer counted among the open ones, but the work begun for it may go on.
   * A client that asks and cancels, again and again, gets no more of it than its streams and a few.
   */
  protected override streamArrived(event: HeadersReceived): void {
    const { core } = this
    if (core.handlers >= this.localSettings.maxConcurrentStreams + this.#maxUnfinished) {
      core.connection.refuse(event.streamId, 'maxUnfinishedHandlers', 'handlers of streams that were reset are at work')
      return
    }
    const stream = new ServerStream(core, this, event)
    core.streams.add(stream)
    intake.arrived(stream, this.#onStream)
  }

  protected override slotsChanged(): void {}

  protected override eventPassed(_event: ConnectionEvent): void {}
}
