import type { Field } from '../hpack/index.ts'
import { IncomingBody } from './incoming-body.ts'
import type { SessionCore } from './session-core.ts'
import { StreamBase } from './stream-base.ts'

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

  /**
   * For a reader that puts together what frames have cut: data of several short ones that came in one chunk is then told
   * in one call, as one array, where it would be in many.
   */
  joinsData = false

  #reader: DataReader | undefined
  #kept: IncomingBody | undefined
  #keptTrailers: readonly Field[] | undefined
  #paused = false
  /** Bytes delivered in a call that paused the stream: their credit waits for `resume`. */
  #withheld = 0
  /** What was received and not read is not owed to the peer any more: its credit went back when the stream closed. */
  #released = false
  #ended: boolean
  #endDelivered = false

  protected constructor(core: SessionCore, id: number, fields: readonly Field[], ended: boolean) {
    super(core, id)
    this.fields = fields
    this.#ended = ended
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
    return this.#ended
  }

  /** No `onData` until `resume`; meanwhile what arrives is kept and the peer gets no credit for it. RFC 9113 §5.2. */
  pause(): void {
    this.#paused = true
  }

  /** Goes on with `onData`, and gives the peer the credit that was withheld. */
  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    const length = this.#withheld
    this.#withheld = 0
    this.#giveBack(length)
    if (this.hasUndelivered) this.core.wake(this)
  }

  /** Whether what arrives now would be read by nobody, and so is let go. */
  protected abstract get isUnwanted(): boolean

  /** Somebody reads and hasn't seen the end yet. */
  protected get isBeingRead(): boolean {
    return this.#reader !== undefined && !this.#endDelivered
  }

  protected receiveData(data: Uint8Array, endStream: boolean): void {
    if (endStream) this.#ended = true
    const reader = this.#reader
    if (reader === undefined || this.#paused || (this.#kept !== undefined && this.#kept.length > 0)) {
      this.#keep(data)
      return
    }
    if (endStream) this.#endDelivered = true
    this.call(reader, data, endStream)
    this.#credit(data.length)
  }

  protected receiveTrailers(fields: readonly Field[]): void {
    this.#keptTrailers = fields
    this.receiveEnd()
  }

  /** The peer's END_STREAM came without bytes. */
  protected receiveEnd(): void {
    this.#ended = true
    this.deliver()
  }

  /** Delivers what was kept and what has not been told, as far as somebody takes it. */
  protected deliver(): void {
    const kept = this.#kept
    while (kept !== undefined && kept.length > 0) {
      if (this.#reader === undefined || this.#paused) return
      const owed = !this.gone // a stream that has closed gave all its credit back
      const piece = kept.shift()
      const last = this.#ended && kept.length === 0 && this.#keptTrailers === undefined
      if (last) this.#endDelivered = true
      this.call(this.#reader, piece, last)
      if (owed) this.#credit(piece.length)
    }
    if (this.#ended && !this.#paused) this.#deliverEnd()
  }

  /**
   * The stream is over: no credit stays with it. Bytes not read yet stay readable after a regular end, at most a stream
   * window of them; holding their credit would let one forgotten body stop all other streams. After a reset they go.
   */
  protected releaseCredit(keepUnread: boolean): void {
    const length = this.#released ? 0 : this.#withheld + (this.#kept?.length ?? 0)
    this.#released = true
    this.#withheld = 0
    if (!keepUnread) {
      this.#kept = undefined
      this.#keptTrailers = undefined
      this.#endDelivered = true
    }
    this.#giveBack(length)
  }

  /** Something was received and told to nobody yet, be it only the end. */
  protected get hasUndelivered(): boolean {
    return (this.#kept !== undefined && this.#kept.length > 0) || (this.#ended && !this.#endDelivered)
  }

  #keep(data: Uint8Array): void {
    if (data.length === 0) return
    if (this.#reader === undefined && !this.#paused && this.isUnwanted) {
      this.#giveBack(data.length)
      return
    }
    this.#kept ??= new IncomingBody()
    this.#kept.push(data)
  }

  #deliverEnd(): void {
    const trailers = this.#keptTrailers
    if (trailers !== undefined) {
      this.#keptTrailers = undefined
      this.trailers = trailers
      if (this.onTrailers !== undefined) this.call(this.onTrailers, trailers, undefined)
    }
    if (this.#endDelivered || this.#reader === undefined || this.#paused) return
    this.#endDelivered = true
    this.call(this.#reader, EMPTY, true)
  }

  #credit(length: number): void {
    if (this.#paused && !this.gone) this.#withheld += length
    else this.#giveBack(length)
  }

  #giveBack(length: number): void {
    if (length === 0) return
    this.core.connection.consumed(this.id, length)
    this.core.touch()
  }
}
