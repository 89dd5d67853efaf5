import type { HeadersReceived } from '../connection/index.ts'
import { UsageError } from '../errors/index.ts'
import type { Field } from '../hpack/index.ts'
import type { ClientSession } from './client-session.ts'
import { abandonOn, deferred } from './promises.ts'
import type { SessionCore } from './session-core.ts'
import type { SignalOptions } from './session-options.ts'
import { intake, Stream } from './stream.ts'
import type { StreamWatcher } from './stream-base.ts'
import { OUTPUT_ENDED, RESPONDED } from './stream-flag.ts'

const NO_FIELDS: readonly Field[] = Object.freeze([])

/**
 * A request of ours, and its answer. `fields` is the response's field section, empty until it has arrived.
 *
 * @example
 * const stream = await session.request(fields, { endStream: true })
 * const response = await stream.response()
 * for await (const chunk of stream) use(chunk)
 */
export class ClientStream extends Stream {
  readonly session: ClientSession
  /** The final response arrived; `endStream`: it has neither body nor trailers. */
  onResponse: ((fields: readonly Field[], endStream: boolean) => void) | undefined
  /** An interim (1xx) response arrived. RFC 9113 §8.1. */
  onInformational: ((fields: readonly Field[]) => void) | undefined
  /**
   * The server promised to push a response to a request that goes with this one; `stream.promised` is that request. Read the
   * stream like any other, or `reset` it. RFC 9113 §8.4.
   */
  onPush: ((stream: ClientStream) => void) | undefined
  /** On a pushed stream: the field section of the request that the server made in our place. RFC 9113 §8.4.1. */
  readonly promised: readonly Field[] | undefined

  constructor(core: SessionCore, session: ClientSession, id: number, endStream: boolean, promised?: readonly Field[]) {
    super(core, id, NO_FIELDS, endStream ? OUTPUT_ENDED : 0)
    this.session = session
    this.promised = promised
  }

  /**
   * `whenDraining` of the session, as soon as it is this side that ends it: a server that goes away lets the streams go on
   * that it has, for as long as they like. RFC 9113 §6.8.
   */
  whenDraining(listener: () => void): () => void {
    return this.session.whenClosing(listener)
  }

  /** The final response has arrived. */
  get responded(): boolean {
    return (this.flags & RESPONDED) !== 0
  }

  /** The response's field section; rejects with the StreamError when the stream ends before it. */
  response(options?: SignalOptions): Promise<readonly Field[]> {
    const wait = deferred<readonly Field[]>()
    if (this.responded) wait.resolve(this.fields)
    else {
      const watcher: StreamWatcher = {
        response: () => wait.resolve(this.fields),
        closed: (error) => wait.reject(error ?? new UsageError('the stream was closed before its response')),
      }
      intake.watch(this, watcher)
      abandonOn(options?.signal, wait, () => {})
    }
    return wait.promise
  }

  protected override receiveHeaders(event: HeadersReceived): void {
    const { fields, endStream } = event
    if (event.kind === 'trailers') {
      this.receiveTrailers(fields)
      return
    }
    if (event.kind === 'informational') {
      if (this.onInformational !== undefined) this.call(this.onInformational, fields, undefined)
      return
    }
    this.flags |= RESPONDED
    this.fields = fields
    this.tellWatchers('response')
    if (this.onResponse !== undefined) this.call(this.onResponse, fields, endStream)
    if (endStream) this.receiveEnd()
  }

  /** A response may be read long after the request has ended. */
  protected override get isUnwanted(): boolean {
    return false
  }
}
