import type { HeadersReceived } from '../connection/index.ts'
import { ErrorCode, StreamError, UsageError } from '../errors/index.ts'
import type { FieldInput } from '../hpack/index.ts'
import { abandonOn, deferred } from './promises.ts'
import { ReceivingHalf } from './receiving-half.ts'
import type { SignalOptions } from './session-options.ts'
import type { StreamWatcher } from './stream-base.ts'
import { CLOSED, END_UNTOLD, FULL, GONE, OUTPUT_ENDED, WATCHES_DRAINING } from './stream-flag.ts'
import { StreamReader } from './stream-reader.ts'
import type { StreamUser } from './stream-user.ts'

const EMPTY: Uint8Array = new Uint8Array(0)

/** What the session tells a stream: the way to its protected members, for this folder alone. */
export interface StreamIntake {
  /** Hands a stream of the peer's to who waits for such, under the same guard as its own callbacks. */
  arrived<S extends Stream>(stream: S, callback: (stream: S) => void): void
  headers(stream: Stream, event: HeadersReceived): void
  data(stream: Stream, data: Uint8Array, endStream: boolean): void
  writable(stream: Stream): void
  reset(stream: Stream, error: StreamError, unsentBytes: number): void
  closed(stream: Stream): void
  /** Tells what was put off: kept data, or an end that the caller brought about himself. */
  due(stream: Stream): void
  watch(stream: Stream, watcher: StreamWatcher): void
  /** The session drains: tells the user of the stream, if he wants to know and was not told. */
  draining(stream: Stream): unknown
}

/** Set once by the class below. */
export let intake: StreamIntake

/**
 * One request and its response, or one tunnel. RFC 9113 §5, §8.
 *
 * Callbacks are plain properties, and run one at a time while the session takes its turn. Any method may be called
 * from inside any of them. What a callback throws, or rejects with if it is `async`, goes to the session's `onError` and
 * ends the stream with INTERNAL_ERROR (on a server, with a 500 if no response has begun). Commands on a stream that is gone do nothing.
 */
export abstract class Stream extends ReceivingHalf {
  /** After `write` returned false: the queue has drained below its mark. */
  onWritable: (() => void) | undefined
  /** The stream ended before its time: `error.initiator` says by whom, the caller's own `reset` included. */
  onReset: ((error: StreamError) => void) | undefined
  /**
   * The last call, always, exactly once. After a regular end it waits until a reader that was set has seen the end;
   * `reset()` lets go of what such a reader doesn't want.
   */
  onClose: (() => void) | undefined

  #unsentBytes = 0
  #controller: AbortController | undefined
  #user: StreamUser | undefined

  /** The callbacks of all streams that have a user: a stream calls them as its own. */
  static readonly #toUser = {
    data(this: Stream, data: Uint8Array, endStream: boolean): void {
      this.#user!.streamData(data, endStream)
    },
    writable(this: Stream): void {
      this.#user!.streamWritable()
    },
    reset(this: Stream, error: StreamError): void {
      this.#user!.streamReset(error)
    },
    close(this: Stream): void {
      this.#user!.streamClosed()
    },
  }

  static {
    intake = {
      arrived(stream, callback) {
        stream.call(callback, stream, undefined)
        // a request without a body, read by somebody who wants to see its end
        if (stream.inputEnded && stream.onData !== undefined) stream.receiveEnd()
      },
      headers: (stream, event) => stream.receiveHeaders(event),
      data: (stream, data, endStream) => stream.receiveData(data, endStream),
      writable: (stream) => stream.writableAgain(),
      reset: (stream, error, unsentBytes) => stream.resetBy(error, unsentBytes),
      closed: (stream) => stream.closedRegularly(),
      due: (stream) => stream.tellDue(),
      draining(stream) {
        if ((stream.flags & (WATCHES_DRAINING | GONE)) !== WATCHES_DRAINING) return
        stream.flags &= ~WATCHES_DRAINING
        return stream.#user?.streamDraining()
      },
      watch: (stream, watcher) => {
        // a body may be read after its stream has closed
        if ((stream.flags & CLOSED) !== 0 && !stream.hasUndelivered) watcher.closed?.(stream.failure)
        else stream.watch(watcher)
      },
    }
  }

  /**
   * Sets `onWritable`, `onReset` and `onClose` to methods of one object. Measured: three functions for each of very many
   * streams are 200 bytes each.
   */
  attach(user: StreamUser): void {
    this.#user = user
    this.onWritable = Stream.#toUser.writable
    this.onReset = Stream.#toUser.reset
    this.onClose = Stream.#toUser.close
  }

  /** Sets `onData` to a method of the user that was attached. */
  readByUser(): void {
    this.onData = Stream.#toUser.data
  }

  /** Our side is ended, or can't be written any more. */
  get outputEnded(): boolean {
    return (this.flags & (OUTPUT_ENDED | GONE)) !== 0
  }

  /** True while `write` is welcome: our side is open and its queue below the mark. */
  get writable(): boolean {
    return (this.flags & (FULL | OUTPUT_ENDED | GONE)) === 0
  }

  /** Bytes written and not yet handed to the transport. */
  get queuedBytes(): number {
    return this.gone ? 0 : this.core.connection.queuedBytes(this.id)
  }

  /** What of the bytes written had not been handed to the transport when the stream ended before its time. */
  get unsentBytes(): number {
    return this.#unsentBytes
  }

  /**
   * Queues bytes of the body. They belong to the library until sent, so don't change them. False: the queue is at its
   * mark; they are queued all the same, but wait for `onWritable` (or `drained()`) before the next ones.
   *
   * @throws UsageError after `end` or `sendTrailers`, and on a server before `respond`
   * @example
   * while (stream.write(next())) {}
   * stream.onWritable = () => stream.end(last)
   */
  write(bytes: Uint8Array): boolean {
    if ((this.flags & GONE) !== 0) return false
    if ((this.flags & OUTPUT_ENDED) !== 0) throw new UsageError('write after the end of the body', 'RFC 9113 §5.1')
    if (bytes.length === 0) return (this.flags & FULL) === 0
    const room = this.core.connection.sendData(this.id, bytes, false)
    this.flags = room ? this.flags & ~FULL : this.flags | FULL
    this.core.touch()
    return room
  }

  /**
   * What was written goes to the transport now, where it would at the end of the turn. For a callback that answers much at
   * once, so that the peer can begin with the first of it; each call may cost a system call.
   */
  flush(): void {
    this.core.flush()
  }

  /**
   * Ends our side, after some last bytes if given: END_STREAM. A second call does nothing if it brings no bytes.
   *
   * @throws UsageError with bytes after the end, and on a server before `respond`
   */
  end(bytes: Uint8Array = EMPTY): void {
    if ((this.flags & GONE) !== 0) return
    if ((this.flags & OUTPUT_ENDED) !== 0) {
      if (bytes.length === 0) return
      throw new UsageError('write after the end of the body', 'RFC 9113 §5.1')
    }
    this.core.connection.sendData(this.id, bytes, true)
    this.endOutput()
  }

  /**
   * Ends our side with a trailer section, after everything written. RFC 9113 §8.1.
   *
   * @throws UsageError after the end, or for a field that may not be sent
   */
  sendTrailers(fields: readonly FieldInput[]): void {
    if ((this.flags & GONE) !== 0) return
    if ((this.flags & OUTPUT_ENDED) !== 0) throw new UsageError('trailers after the end of the body', 'RFC 9113 §8.1')
    this.core.connection.sendTrailers(this.id, fields)
    this.endOutput()
  }

  /** Resolves when `write` is welcome; rejects with the StreamError when the stream ends first. */
  drained(options?: SignalOptions): Promise<void> {
    const wait = deferred<void>()
    if (this.writable) wait.resolve()
    else if (this.outputEnded) wait.reject(this.failure ?? new UsageError('our side of the stream has ended'))
    else {
      const watcher: StreamWatcher = {
        writable: () => wait.resolve(),
        closed: (error) => (error === undefined ? wait.resolve() : wait.reject(error)),
      }
      this.watch(watcher)
      const forget = () => this.unwatch(watcher)
      wait.promise.then(forget, forget)
      abandonOn(options?.signal, wait, forget)
    }
    return wait.promise
  }

  /**
   * Reads the body chunk by chunk, in place of `onData`. Chunks are copies and yours; credit goes back as you read.
   * Throws the StreamError when the stream is reset; leaving the loop early resets it with CANCEL.
   *
   * @throws UsageError when `onData` is set
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.onData !== undefined) throw new UsageError('the stream is being read already')
    return new StreamReader(this)
  }

  /**
   * Ends the stream now, both ways: RST_STREAM with `code`, CANCEL when absent. What was queued and not sent is dropped,
   * what was received and not read too. The connection goes on. RFC 9113 §5.4.2, §6.4.
   */
  reset(code: number = ErrorCode.CANCEL): void {
    if ((this.flags & CLOSED) !== 0) {
      this.releaseCredit(false)
      this.tellWatchersClosed()
      return
    }
    if (!this.gone) {
      this.#unsentBytes = this.queuedBytes
      this.core.connection.reset(this.id, code)
      this.failure = new StreamError(this.id, code, 'reset by its own side', 'RFC 9113 §6.4')
      this.flags |= GONE
    }
    this.releaseCredit(false)
    this.flags |= END_UNTOLD
    this.core.forget(this)
  }

  /** Aborts when the stream is reset or its connection lost, with the StreamError as reason. Made on the first use. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.failure !== undefined) this.#controller.abort(this.failure)
    }
    return this.#controller.signal
  }

  /** A HEADERS event of this stream: each role knows what it can be. */
  protected abstract receiveHeaders(event: HeadersReceived): void

  protected override abortAfterThrow(): void {
    this.reset(ErrorCode.INTERNAL_ERROR)
  }

  /** Our side was ended by a command just given. */
  protected endOutput(): void {
    this.flags = (this.flags & ~FULL) | OUTPUT_ENDED
    this.core.touch()
  }

  // None of what follows is `#private`, for the reason that `StreamBase` gives.

  protected writableAgain(): void {
    this.flags &= ~FULL
    this.tellWatchers('writable')
    if (this.onWritable !== undefined && this.writable) this.call(this.onWritable, undefined, undefined)
  }

  protected resetBy(error: StreamError, unsentBytes: number): void {
    if (this.gone) return
    // RFC 9113 §8.1: after a complete response NO_ERROR only asks for no more of the request. The response counts.
    if (error.code === ErrorCode.NO_ERROR && error.initiator === 'remote' && this.inputEnded) {
      this.closedRegularly()
      return
    }
    this.flags |= GONE
    this.failure = error
    this.#unsentBytes = unsentBytes
    this.releaseCredit(false)
    this.tellEnd()
  }

  protected closedRegularly(): void {
    if ((this.flags & GONE) !== 0) return
    this.flags |= GONE
    this.releaseCredit(true)
    if (!this.isBeingRead) this.tellEnd()
  }

  protected tellDue(): void {
    if ((this.flags & END_UNTOLD) !== 0) {
      this.flags &= ~END_UNTOLD
      this.tellEnd()
      return
    }
    this.deliver()
    if (this.gone && !this.isBeingRead) this.tellEnd()
  }

  protected tellEnd(): void {
    if ((this.flags & CLOSED) !== 0) return
    this.flags |= CLOSED
    const { failure } = this
    if (failure !== undefined) {
      this.#controller?.abort(failure)
      if (this.onReset !== undefined) this.call(this.onReset, failure, undefined)
    }
    this.tellWatchersClosed()
    if (this.onClose !== undefined) this.call(this.onClose, undefined, undefined)
  }
}
