import type { Field } from '../hpack/index.ts'
import { IncomingBody } from './incoming-body.ts'
import type { SessionCore } from './session-core.ts'
import { StreamBase } from './stream-base.ts'
import { END_DELIVERED, GONE, INPUT_ENDED, JOINS_DATA, PAUSED, RELEASED } from './stream-flag.ts'

const EMPTY: Uint8Array = new Uint8Array(0)

/** Takes a body piece by piece: see `onData`. */
export type DataReader = (data: Uint8Array, endStream: boolean) => void

/**
 * What the peer sends on a stream: delivered as it arrives, or kept while nobody reads, with credit for what was
 * consumed and nothing else. RFC 9113 §5.2.
 */
export abstract class ReceivingHalf extends StreamBase {
  /** On a server the request's field section; on a client the response's, empty until it has arrived. */
  fields: readonly Field[]
  /** The trailer section, once all of the body was delivered. RFC 9113 §8.1. */
  trailers: readonly Field[] | undefined
  onTrailers: ((fields: readonly Field[]) => void) | undefined

  #reader: DataReader | undefined
  /** Made for what comes while nobody reads. */
  #kept: IncomingBody | undefined

  protected constructor(core: SessionCore, id: number, fields: readonly Field[], flags: number) {
    super(core, id, flags)
    this.fields = fields
  }

  /**
   * For a reader that puts together what frames have cut: data of several short ones that came in one chunk is then told
   * in one call, as one array, where it would be in many.
   */
  get joinsData(): boolean {
    return (this.flags & JOINS_DATA) !== 0
  }

  set joinsData(joins: boolean) {
    this.flags = joins ? this.flags | JOINS_DATA : this.flags & ~JOINS_DATA
  }

  /**
   * Takes the body as it arrives. `data` is borrowed during the call: who keeps it copies it. Its credit goes back to
   * the peer right after the call, unless the call `pause`d the stream. `endStream` is true in exactly one call, the
   * last, with an empty array if no bytes came with it. What arrived before the property was set is delivered soon
   * after; it was kept, and the peer can send no more of it than the stream's window.
   */
  get onData(): DataReader | undefined {
    return this.#reader
  }

  set onData(reader: DataReader | undefined) {
    this.#reader = reader
    if (reader !== undefined && this.hasUndelivered) this.core.wake(this)
  }

  /** The peer has ended its side; what was kept of it may still wait to be delivered. RFC 9113 §5.1. */
  get inputEnded(): boolean {
    return (this.flags & INPUT_ENDED) !== 0
  }

  /** No `onData` until `resume`; meanwhile what arrives is kept and the peer gets no credit for it. RFC 9113 §5.2. */
  pause(): void {
    this.flags |= PAUSED
  }

  /** Goes on with `onData`, and gives the peer the credit that was withheld. */
  resume(): void {
    if ((this.flags & PAUSED) === 0) return
    this.flags &= ~PAUSED
    this.giveBack(this.#kept === undefined ? 0 : this.#kept.takeWithheld())
    if (this.hasUndelivered) this.core.wake(this)
  }

  /** Whether what arrives now would be read by nobody, and so is let go. */
  protected abstract get isUnwanted(): boolean

  /** Somebody reads and hasn't seen the end yet. */
  protected get isBeingRead(): boolean {
    return this.#reader !== undefined && (this.flags & END_DELIVERED) === 0
  }

  protected receiveData(data: Uint8Array, endStream: boolean): void {
    if (endStream) this.flags |= INPUT_ENDED
    const reader = this.#reader
    if (reader === undefined || (this.flags & PAUSED) !== 0 || this.unread > 0) {
      this.keep(data)
      return
    }
    if (endStream) this.flags |= END_DELIVERED
    this.call(reader, data, endStream)
    this.credit(data.length)
  }

  protected receiveTrailers(fields: readonly Field[]): void {
    this.#kept ??= new IncomingBody()
    this.#kept.trailers = fields
    this.receiveEnd()
  }

  /** The peer's END_STREAM came without bytes. */
  protected receiveEnd(): void {
    this.flags |= INPUT_ENDED
    this.deliver()
  }

  /** Delivers what was kept and what has not been told, as far as somebody takes it: who is told may reset the stream. */
  protected deliver(): void {
    for (let kept = this.#kept; kept !== undefined && kept.length > 0; kept = this.#kept) {
      if (this.#reader === undefined || (this.flags & PAUSED) !== 0) return
      const owed = (this.flags & GONE) === 0 // a stream that has closed gave all its credit back
      const piece = kept.shift()
      const last = this.inputEnded && kept.length === 0 && kept.trailers === undefined
      if (last) this.flags |= END_DELIVERED
      this.call(this.#reader, piece, last)
      if (owed) this.credit(piece.length)
    }
    if ((this.flags & (INPUT_ENDED | PAUSED)) === INPUT_ENDED) this.deliverEnd()
  }

  /**
   * The stream is over: no credit stays with it. Bytes not read yet stay readable after a regular end, at most a stream
   * window of them; holding their credit would let one forgotten body stop all other streams. After a reset they go.
   */
  protected releaseCredit(keepUnread: boolean): void {
    const kept = this.#kept
    const length = kept === undefined || (this.flags & RELEASED) !== 0 ? 0 : kept.length + kept.takeWithheld()
    this.flags |= RELEASED
    if (!keepUnread) {
      this.#kept = undefined
      this.flags |= END_DELIVERED
    }
    this.giveBack(length)
  }

  /** Something was received and told to nobody yet, be it only the end. */
  protected get hasUndelivered(): boolean {
    return this.unread > 0 || (this.flags & (INPUT_ENDED | END_DELIVERED)) === INPUT_ENDED
  }

  protected get unread(): number {
    return this.#kept === undefined ? 0 : this.#kept.length
  }

  protected keep(data: Uint8Array): void {
    if (data.length === 0) return
    if (this.#reader === undefined && (this.flags & PAUSED) === 0 && this.isUnwanted) {
      this.giveBack(data.length)
      return
    }
    this.#kept ??= new IncomingBody()
    this.#kept.push(data)
  }

  protected deliverEnd(): void {
    const trailers = this.#kept?.trailers
    if (trailers !== undefined) {
      this.#kept!.trailers = undefined
      this.trailers = trailers
      if (this.onTrailers !== undefined) this.call(this.onTrailers, trailers, undefined)
    }
    if (this.#reader === undefined || (this.flags & (END_DELIVERED | PAUSED)) !== 0) return
    this.flags |= END_DELIVERED
    this.call(this.#reader, EMPTY, true)
  }

  protected credit(length: number): void {
    if ((this.flags & (PAUSED | GONE)) !== PAUSED || length === 0) {
      this.giveBack(length)
      return
    }
    this.#kept ??= new IncomingBody()
    this.#kept.withheld += length
  }

  protected giveBack(length: number): void {
    if (length === 0) return
    this.core.connection.consumed(this.id, length)
    this.core.touch()
  }
}
