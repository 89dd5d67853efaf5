import type { HeadersReceived } from '../connection/index.ts'
import { UsageError } from '../errors/index.ts'
import type { FieldInput } from '../hpack/index.ts'
import type { HashingPlatform } from '../platform/index.ts'
import type { ServerSession } from './server-session.ts'
import type { SessionCore } from './session-core.ts'
import { Stream } from './stream.ts'
import { GONE, INPUT_ENDED, OUTPUT_ENDED, RESPONDED, WATCHES_DRAINING } from './stream-flag.ts'

const SERVER_ERROR: readonly FieldInput[] = [{ name: ':status', value: '500' }]

/**
 * A request that arrived, and its answer. `fields` is the request's field section.
 *
 * @example
 * onStream(stream) {
 *   stream.respond([{ name: ':status', value: '200' }])
 *   stream.end(new Uint8Array([0x68, 0x69]))
 * }
 */
export class ServerStream extends Stream {
  readonly session: ServerSession

  constructor(core: SessionCore, session: ServerSession, event: HeadersReceived) {
    super(core, event.streamId, event.fields, event.endStream ? INPUT_ENDED : 0)
    this.session = session
  }

  /** Tells it from a request of HTTP/1.1, where a handler takes both. */
  get httpVersion(): '2' {
    return '2'
  }

  get platform(): HashingPlatform {
    return this.session.platform
  }

  /** The final response has begun: its status can't be changed any more. */
  get responded(): boolean {
    return (this.flags & RESPONDED) !== 0
  }

  /**
   * Sends a field section that begins with `:status`. A 1xx status is an interim response and may be repeated before
   * the final one; 101 doesn't exist in HTTP/2. RFC 9113 §8.1, §8.6.
   *
   * @throws UsageError for a second final response, or for a field that may not be sent
   */
  respond(fields: readonly FieldInput[], options?: { readonly endStream?: boolean | undefined }): void {
    if ((this.flags & RESPONDED) !== 0) throw new UsageError('the final response was sent already', 'RFC 9113 §8.1')
    if ((this.flags & GONE) !== 0) return
    const endStream = options?.endStream === true
    this.core.connection.sendHeaders(this.id, fields, endStream)
    if (!isInformational(fields)) this.flags |= RESPONDED
    if (endStream) this.endOutput()
    else this.core.touch()
  }

  /** `whenDraining` of the session. */
  whenDraining(listener: () => void): () => void {
    return this.session.whenDraining(listener)
  }

  /** The same for the user who was attached. It costs a stream nothing: a list of thousands had 40 bytes for each. */
  watchDraining(): void {
    this.flags |= WATCHES_DRAINING
    this.core.watchDraining(undefined)
  }

  unwatchDraining(): void {
    this.flags &= ~WATCHES_DRAINING
  }

  /**
   * Says that work for this stream is under way, and answers the function that ends it. It counts until then even if the
   * stream is reset: too much of it and the session refuses new requests (`limits.maxUnfinishedHandlers`).
   *
   * @example
   * const done = stream.hold()
   * answer(stream).finally(done)
   */
  hold(): () => void {
    const { core } = this
    core.handlers++
    let held = true
    return () => {
      if (held) core.handlers--
      held = false
    }
  }

  protected override receiveHeaders(event: HeadersReceived): void {
    this.receiveTrailers(event.fields)
  }

  /** The response is complete and nobody has asked for the body: nobody will. RFC 9113 §8.1. */
  protected override get isUnwanted(): boolean {
    return (this.flags & (OUTPUT_ENDED | GONE)) !== 0
  }

  protected override abortAfterThrow(): void {
    if ((this.flags & RESPONDED) !== 0) super.abortAfterThrow()
    else this.respond(SERVER_ERROR, { endStream: true })
  }
}

function isInformational(fields: readonly FieldInput[]): boolean {
  for (const field of fields) if (field.name === ':status') return field.value.length === 3 && field.value[0] === '1'
  return false
}
