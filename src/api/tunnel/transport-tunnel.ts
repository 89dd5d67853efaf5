import { ErrorCode, StreamError, UsageError } from '../../errors/index.ts'
import type { SignalOptions } from '../../session/index.ts'
import { abandonOn, deferred, onRejection } from '../../session/promises.ts'
import type { ByteTransport } from '../../transport/index.ts'
import type { Tunnel } from '../exchange.ts'

/** Bytes that wait for the transport from which `write` returns false. */
const MARK = 65_536
const EMPTY: Uint8Array = new Uint8Array(0)

type DataReader = (data: Uint8Array, endStream: boolean) => void

/**
 * A transport as a tunnel: what an HTTP/1.1 connection is once it was upgraded. RFC 9110 §7.8. FIN is the end of one
 * direction, a broken or aborted connection is the reset. The tunnel takes the transport over and starts it.
 *
 * All that is written in one turn leaves in one write. While nobody reads, the transport is paused.
 */
export class TransportTunnel implements Tunnel {
  readonly id: undefined
  onWritable: (() => void) | undefined
  onReset: ((error: StreamError) => void) | undefined
  onClose: (() => void) | undefined

  readonly #transport: ByteTransport
  readonly #report: (error: unknown) => void
  #reader: DataReader | undefined
  /** What arrived and was not delivered yet, oldest first. */
  readonly #kept: Uint8Array[] = []
  #paused = false
  #transportPaused = false
  #delivering = false
  #inputEnded = false
  #endDelivered = false
  /** Written, and not handed to the transport yet. */
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  /** What the transport was handed when it became full, until it has room again. */
  #bytesInTransport = 0
  #blocked = false
  #full = false
  #turnScheduled = false
  #outputEnded = false
  #finSent = false
  /** No more passes either way. */
  #gone = false
  #unsentBytes = 0
  #failure: StreamError | undefined
  #controller: AbortController | undefined
  /** Whoever waits in `drained`. */
  #waiting: (() => void)[] = []

  readonly #turn = (): void => {
    this.#turnScheduled = false
    this.#deliver()
    this.#flush()
  }

  /** `report` hears what a callback threw; the tunnel is reset then. */
  constructor(transport: ByteTransport, report: (error: unknown) => void) {
    this.#transport = transport
    this.#report = report
    transport.start({
      data: (chunk) => this.#received(chunk),
      end: () => {
        this.#inputEnded = true
        this.#deliver()
      },
      drained: () => this.#drained(),
      closed: (error) => this.#transportClosed(error),
    })
  }

  get onData(): DataReader | undefined {
    return this.#reader
  }

  set onData(reader: DataReader | undefined) {
    this.#reader = reader
    if (reader !== undefined) this.#schedule()
  }

  get inputEnded(): boolean {
    return this.#inputEnded
  }

  get outputEnded(): boolean {
    return this.#outputEnded || this.#gone
  }

  get writable(): boolean {
    return !this.#full && !this.outputEnded
  }

  get queuedBytes(): number {
    return this.#gone ? 0 : this.#pendingBytes + this.#bytesInTransport
  }

  get unsentBytes(): number {
    return this.#unsentBytes
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#failure !== undefined) this.#controller.abort(this.#failure)
    }
    return this.#controller.signal
  }

  /** @throws UsageError after `end` */
  write(bytes: Uint8Array): boolean {
    if (this.#gone) return false
    if (this.#outputEnded) throw new UsageError('write after the end of the tunnel')
    if (bytes.length > 0) {
      this.#pending.push(bytes)
      this.#pendingBytes += bytes.length
      this.#schedule()
    }
    this.#full = this.queuedBytes >= MARK
    return !this.#full
  }

  /** @throws UsageError with bytes after the end */
  end(bytes: Uint8Array = EMPTY): void {
    if (this.#gone || (this.#outputEnded && bytes.length === 0)) return
    this.write(bytes)
    this.#outputEnded = true
    this.#schedule()
  }

  /** Drops everything now, both ways. HTTP/1.1 has no word for `code`; `onReset` is told. */
  reset(code: number = ErrorCode.CANCEL): void {
    if (this.#gone) return
    this.#gone = true
    this.#transport.abort()
    this.#lost(new StreamError(0, code, 'reset by its own side', 'RFC 6455 §7.1.7'))
  }

  pause(): void {
    this.#paused = true
    this.#pauseTransport()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#schedule()
  }

  drained(options?: SignalOptions): Promise<void> {
    const wait = deferred<void>()
    if (this.writable) wait.resolve()
    else if (this.outputEnded) wait.reject(this.#failure ?? new UsageError('our side of the tunnel has ended'))
    else {
      this.#waiting.push(() => (this.#failure === undefined ? wait.resolve() : wait.reject(this.#failure)))
      abandonOn(options?.signal, wait, () => {})
    }
    return wait.promise
  }

  /** Puts back what a reader took too much of, to be delivered first: for a handshake that has found its end. */
  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#kept.unshift(bytes)
    // An end that came along is for the next reader.
    this.#endDelivered = false
  }

  #schedule(): void {
    if (this.#turnScheduled) return
    this.#turnScheduled = true
    queueMicrotask(this.#turn)
  }

  #received(chunk: Uint8Array): void {
    if (this.#gone) return
    this.#kept.push(chunk)
    this.#deliver()
    if (this.#kept.length > 0) this.#pauseTransport()
  }

  #deliver(): void {
    if (this.#delivering) return
    this.#delivering = true
    const kept = this.#kept
    while (!this.#gone && !this.#paused && this.#reader !== undefined) {
      const chunk = kept.shift()
      if (chunk === undefined && (!this.#inputEnded || this.#endDelivered)) break
      const last = this.#inputEnded && kept.length === 0
      if (last) this.#endDelivered = true
      this.#call(this.#reader, chunk ?? EMPTY, last)
    }
    this.#delivering = false
    if (this.#transportPaused && kept.length === 0 && !this.#paused && this.#reader !== undefined && !this.#gone) {
      this.#transportPaused = false
      this.#transport.resume()
    }
  }

  #pauseTransport(): void {
    if (this.#transportPaused || this.#gone || this.#inputEnded) return
    this.#transportPaused = true
    this.#transport.pause()
  }

  #flush(): void {
    if (this.#gone || this.#blocked) return
    if (this.#pendingBytes > 0) {
      const chunks = this.#pending
      const length = this.#pendingBytes
      this.#pending = []
      this.#pendingBytes = 0
      this.#blocked = !this.#transport.write(chunks)
      if (this.#blocked) this.#bytesInTransport = length
    }
    if (this.#outputEnded && !this.#finSent) {
      this.#finSent = true
      this.#transport.end()
    }
    this.#tellRoom()
  }

  #drained(): void {
    this.#blocked = false
    this.#bytesInTransport = 0
    this.#flush()
  }

  #tellRoom(): void {
    if (!this.#full || this.queuedBytes >= MARK || this.outputEnded) return
    this.#full = false
    this.#tellWaiting()
    if (this.onWritable !== undefined) this.#call(this.onWritable, undefined, undefined)
  }

  #transportClosed(error: Error | undefined): void {
    if (this.#gone) return
    if (error === undefined && this.#inputEnded && this.#finSent) {
      this.#deliver()
      this.#gone = true
      this.#lost(undefined)
      return
    }
    this.#gone = true
    const reason = `the connection was lost${error === undefined ? '' : `: ${error.message}`}`
    this.#lost(
      new StreamError(0, ErrorCode.CONNECT_ERROR, reason, 'RFC 6455 §7.1.5', {
        initiator: 'transport',
      }),
    )
  }

  /** The last that is told. Without `failure` both directions had ended. */
  #lost(failure: StreamError | undefined): void {
    this.#failure = failure
    this.#unsentBytes = this.#pendingBytes
    this.#pending = []
    this.#pendingBytes = 0
    this.#kept.length = 0
    this.#tellWaiting()
    if (failure !== undefined) {
      this.#controller?.abort(failure)
      if (this.onReset !== undefined) this.#call(this.onReset, failure, undefined)
    }
    if (this.onClose !== undefined) this.#call(this.onClose, undefined, undefined)
  }

  #tellWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const tell of waiting) tell()
  }

  #call<A, B>(callback: (a: A, b: B) => void, a: A, b: B): void {
    try {
      onRejection(callback(a, b), (error) => this.#threw(error))
    } catch (error) {
      this.#threw(error)
    }
  }

  #threw(error: unknown): void {
    this.#report(error)
    this.reset(ErrorCode.INTERNAL_ERROR)
  }
}
