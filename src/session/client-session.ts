import type { ConnectionEvent, HeadersReceived, PushPromised } from '../connection/index.ts'
import { ErrorCode, StreamError } from '../errors/index.ts'
import type { FieldInput } from '../hpack/index.ts'
import type { ByteTransport } from '../transport/index.ts'
import { ClientStream } from './client-stream.ts'
import { abandonOn, type Deferred, deferred } from './promises.ts'
import { type PeerSettings, Session } from './session.ts'
import type { SessionOptions, SignalOptions } from './session-options.ts'
import { intake } from './stream.ts'

export interface ClientSessionOptions extends SessionOptions {
  /** Lets the server push: see `ClientStream.onPush` and `onPush`. False when absent. RFC 9113 §8.4. */
  readonly enablePush?: boolean | undefined
  /**
   * Takes pushed streams for which their request's own `onPush` is not set. `stream.promised` is the request that the server
   * made in our place. Without either a push is cancelled as it is promised.
   */
  readonly onPush?: ((stream: ClientStream) => void) | undefined
}

export interface RequestOptions extends SignalOptions {
  /** The request has neither body nor trailers. False when absent: `end()` the stream yourself. */
  readonly endStream?: boolean | undefined
}

/** A request that waits for a free slot among the streams the server allows. */
interface WaitingRequest {
  readonly fields: readonly FieldInput[]
  readonly endStream: boolean
  readonly wait: Deferred<ClientStream>
}

/**
 * The client's side of an HTTP/2 connection on any transport; it takes the transport over and starts it.
 *
 * @example
 * const session = new ClientSession(transport, { platform })
 * const stream = await session.request(
 *   [
 *     { name: ':method', value: 'GET' },
 *     { name: ':scheme', value: 'https' },
 *     { name: ':authority', value: 'example.org' },
 *     { name: ':path', value: '/' },
 *   ],
 *   { endStream: true },
 * )
 * const fields = await stream.response()
 */
export class ClientSession extends Session {
  readonly #waiting: Set<WaitingRequest> = new Set()
  #ready: Deferred<PeerSettings> | undefined

  readonly #onPush: ((stream: ClientStream) => void) | undefined

  constructor(transport: ByteTransport, options: ClientSessionOptions) {
    super(transport, 'client', options)
    this.#onPush = options.onPush
  }

  /** The server's settings, once its first SETTINGS frame arrived; rejects when the connection ends first. RFC 9113 §3.4. */
  ready(options?: SignalOptions): Promise<PeerSettings> {
    this.#ready ??= deferred()
    if (this.peerSettings.received) this.#ready.resolve(this.peerSettings)
    else if (this.state === 'closed') this.#ready.reject(this.whyClosed())
    if (options?.signal === undefined) return this.#ready.promise
    const wait = deferred<PeerSettings>()
    this.#ready.promise.then(wait.resolve, wait.reject)
    abandonOn(options.signal, wait, () => {})
    return wait.promise
  }

  /**
   * Sends a request as soon as the server allows one more stream (RFC 9113 §5.1.2), and resolves when its field section is
   * queued. The signal gives up the wait, and later resets the stream with CANCEL. Rejects with a retryable StreamError
   * when the server takes no more streams, and with the connection's error when it has failed.
   *
   * @throws UsageError (as a rejection) for a field that may not be sent
   */
  request(fields: readonly FieldInput[], options?: RequestOptions): Promise<ClientStream> {
    const wait = deferred<ClientStream>()
    const signal = options?.signal
    const request: WaitingRequest = { fields, endStream: options?.endStream === true, wait }
    if (signal?.aborted) wait.reject(signal.reason)
    else if (this.state !== 'open') wait.reject(this.#refusal())
    else {
      this.#waiting.add(request)
      abandonOn(signal, wait, () => void this.#waiting.delete(request))
      if (signal !== undefined)
        wait.promise.then(
          (stream) => resetOn(signal, stream),
          () => {},
        )
      this.#fillSlots()
    }
    return wait.promise
  }

  /**
   * The same at once, without a promise: undefined when the server allows no more streams now, or none any more.
   *
   * @throws UsageError for a field that may not be sent
   */
  open(
    fields: readonly FieldInput[],
    options?: { readonly endStream?: boolean | undefined },
  ): ClientStream | undefined {
    const { core } = this
    if (core.state !== 'open' || !core.connection.canOpenStream) return undefined
    const endStream = options?.endStream === true
    const id = core.connection.openStream(fields, endStream)
    const stream = new ClientStream(core, this, id, endStream)
    core.streams.add(stream)
    core.touch()
    return stream
  }

  protected override streamArrived(_event: HeadersReceived): void {
    // HEADERS of a stream of ours that is gone meanwhile: decoded by the connection, of interest to nobody
  }

  protected override eventPassed(event: ConnectionEvent): void {
    if (event.type === 'SettingsReceived') this.#ready?.resolve(this.peerSettings)
    else if (event.type === 'PushPromised') this.#pushPromised(event)
    else if (event.type === 'ConnectionClosed') this.#ready?.reject(this.whyClosed())
    this.slotsChanged()
  }

  protected override slotsChanged(): void {
    if (this.#waiting.size === 0) return
    if (this.state === 'open') this.#fillSlots()
    else {
      for (const request of this.#waiting) request.wait.reject(this.#refusal())
      this.#waiting.clear()
    }
  }

  /** RFC 9113 §8.4.2: who does not want what is pushed resets its stream, at best before any of it was sent. */
  #pushPromised({ streamId, promisedStreamId, fields }: PushPromised): void {
    const { core } = this
    const parent = core.streams.get(streamId) as ClientStream | undefined
    const onPush = parent?.onPush ?? this.#onPush
    if (onPush === undefined) {
      core.connection.reset(promisedStreamId)
      return
    }
    const stream = new ClientStream(core, this, promisedStreamId, true, fields)
    core.streams.add(stream)
    intake.arrived(stream, onPush)
  }

  /** Opens streams for those who wait, oldest first, while the server allows. */
  #fillSlots(): void {
    for (const request of this.#waiting) {
      if (!this.core.connection.canOpenStream) return
      this.#waiting.delete(request)
      try {
        request.wait.resolve(this.open(request.fields, { endStream: request.endStream })!)
      } catch (error) {
        request.wait.reject(error)
      }
    }
  }

  #refusal(): Error {
    if (this.state === 'closed') return this.whyClosed()
    const reason = 'the connection is ending and takes no new streams'
    return new StreamError(0, ErrorCode.REFUSED_STREAM, reason, 'RFC 9113 §6.8', { retryable: true })
  }
}

/** Cancelling an operation ends its stream, never the connection. RFC 9113 §5.4.2. */
function resetOn(signal: AbortSignal, stream: ClientStream): void {
  const abort = () => stream.reset()
  if (signal.aborted) {
    abort()
    return
  }
  signal.addEventListener('abort', abort, { once: true })
  intake.watch(stream, { closed: () => signal.removeEventListener('abort', abort) })
}
