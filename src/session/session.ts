/// <reference lib="esnext.disposable" preserve="true" />

import type { Connection, ConnectionEvent, HeadersReceived, Role, SettingsUpdate } from '../connection/index.ts'
import { ConnectionError, ErrorCode } from '../errors/index.ts'
import type { Platform } from '../platform/index.ts'
import type { ByteTransport } from '../transport/index.ts'
import { disposeByClose } from './async-dispose.ts'
import { Pings } from './pings.ts'
import { abandonOn, deferred } from './promises.ts'
import { SessionCore } from './session-core.ts'
import type { CloseOptions, RoleOptions, SessionOptions, SignalOptions } from './session-options.ts'

const DRAIN = 10_000

/** What the peer's SETTINGS say, with the RFC's defaults until they arrive. RFC 9113 §6.5.2. */
export type PeerSettings = Connection['peerSettings']

/** What we hold the peer to now. RFC 9113 §6.5.3. */
export type LocalSettings = Connection['localSettings']

/** What sessions of both roles have: how a connection is watched, measured and ended. */
export abstract class Session {
  readonly #core: SessionCore
  readonly #pings: Pings = new Pings()
  #closing = false
  /** Who wants to hear of `close()`. */
  #closers: Set<() => void> | undefined
  declare readonly [Symbol.asyncDispose]: () => Promise<void>

  static {
    disposeByClose(Session.prototype)
  }

  protected constructor(transport: ByteTransport, role: Role, options: SessionOptions & RoleOptions) {
    const owner = {
      streamArrived: (event: HeadersReceived) => this.streamArrived(event),
      slotsChanged: () => this.slotsChanged(),
      eventPassed: (event: ConnectionEvent) => {
        if (event.type === 'PingAcknowledged') this.#pings.acknowledged(event.data, event.roundTrip)
        else if (event.type === 'ConnectionClosed') this.#pings.fail(this.whyClosed())
        this.eventPassed(event)
      },
    }
    this.#core = new SessionCore(transport, role, owner, options)
  }

  /** Resolves when the transport is closed, however it came to that; never rejects. See `error`. */
  get closed(): Promise<void> {
    return this.#core.closedPromise
  }

  /** What ended the connection: a fault, ours or the peer's, or the transport's own error. Absent after a regular end. */
  get error(): ConnectionError | Error | undefined {
    return this.#core.error
  }

  /** `draining`: streams in flight go on, new ones aren't taken (GOAWAY sent or received). RFC 9113 §6.8. */
  get state(): 'open' | 'draining' | 'closed' {
    return this.#core.state
  }

  /** `close()` was called: it is this side that drains the connection. */
  get closing(): boolean {
    return this.#closing
  }

  get peerSettings(): PeerSettings {
    return this.#core.connection.peerSettings
  }

  get localSettings(): LocalSettings {
    return this.#core.connection.localSettings
  }

  /**
   * How long the peer took for its last answer to a PING or SETTINGS of ours, in milliseconds; undefined before.
   * With `keepAlive` it is measured whenever the connection has been silent for a while. RFC 9113 §6.7.
   */
  get roundTripTime(): number | undefined {
    return this.#core.connection.roundTrip
  }

  get platform(): Platform {
    return this.#core.platform
  }

  /** Streams in flight. */
  get streamCount(): number {
    return this.#core.streams.size
  }

  /**
   * Ends the connection gracefully: no new streams, those in flight get `drain` milliseconds, what is left is cancelled.
   * Resolves when the transport is closed. RFC 9113 §6.8.
   *
   * @example
   * await session.close({ drain: 5000 })
   */
  close(options?: CloseOptions): Promise<void> {
    const core = this.#core
    if (core.state === 'closed') return core.closedPromise
    this.#closing = true
    // Told with the others that wait for the session to drain, which it may have done for long.
    for (const tell of this.#closers ?? []) core.drainWatch.watch({ streamDraining: tell })
    this.#closers = undefined
    core.connection.shutdown(core.platform.now())
    this.slotsChanged()
    core.touch()
    const timer = core.platform.setTimer(() => this.#cancelAll(), Math.max(0, options?.drain ?? DRAIN))
    core.closedPromise.then(() => core.platform.clearTimer(timer))
    return core.closedPromise
  }

  /**
   * Ends the connection now: GOAWAY with `code` (NO_ERROR when absent) and `reason` as debug data. Streams in flight end
   * with `onReset`. RFC 9113 §5.4.1.
   */
  abort(code: number = ErrorCode.NO_ERROR, reason?: string): void {
    const core = this.#core
    if (core.state === 'closed') return
    core.abort(code, reason === undefined ? undefined : core.platform.encodeText(reason))
  }

  /**
   * Calls `listener` once when the session begins to drain: `close()` was called, or GOAWAY was sent for another reason or
   * received. Streams in flight go on, and may say good-bye. On a session that drains already it is called soon; on one that
   * ends at once, without draining, never. Answers the function that takes the listener back. RFC 9113 §6.8.
   *
   * @example
   * const forget = stream.session.whenDraining(() => stream.end(goodBye))
   * stream.onClose = forget
   */
  whenDraining(listener: () => void): () => void {
    const core = this.#core
    const entry = { streamDraining: () => listener() }
    core.watchDraining(entry)
    return () => core.drainWatch.unwatch(entry)
  }

  /**
   * The same for who wants to know only when it is this side that ends the session: once `close()` is called, also on a
   * session that drains already.
   */
  whenClosing(listener: () => void): () => void {
    if (this.#closing || this.state === 'closed') return this.whenDraining(listener)
    let wanted = true
    const tell = (): void => {
      if (wanted) listener()
    }
    this.#closers ??= new Set()
    this.#closers.add(tell)
    return () => {
      wanted = false
      this.#closers?.delete(tell)
    }
  }

  /**
   * Changes settings of ours on the running connection. What lets the peer do more holds at once, what lets it do less from
   * when it has acknowledged. RFC 9113 §6.5.3.
   *
   * @throws UsageError for what can't be: see `Connection.updateSettings`
   * @example
   * session.updateSettings({ maxConcurrentStreams: 10 })
   */
  updateSettings(update: SettingsUpdate): void {
    this.#core.connection.updateSettings(update)
    this.#core.touch()
  }

  /** Measures the round trip in milliseconds; rejects when the connection ends first. RFC 9113 §6.7. */
  ping(options?: SignalOptions): Promise<number> {
    const core = this.#core
    if (core.state === 'closed') return Promise.reject(this.whyClosed())
    const wait = deferred<number>()
    try {
      const forget = this.#pings.send(core.connection, core.platform.now(), wait)
      abandonOn(options?.signal, wait, forget)
    } catch (error) {
      wait.reject(error)
    }
    core.touch()
    return wait.promise
  }

  /** Tells the session's `onError`: for what fails on one of its streams outside of any callback. Never throws. */
  reportError(error: unknown): void {
    this.#core.report(error)
  }

  protected get core(): SessionCore {
    return this.#core
  }

  /** The error for what can't be done on a connection that is over. */
  protected whyClosed(): Error {
    return (
      this.#core.error ??
      new ConnectionError(ErrorCode.NO_ERROR, 'the connection is closed', 'RFC 9113 §5.4.1', { initiator: 'transport' })
    )
  }

  protected abstract streamArrived(event: HeadersReceived): void

  /** There may be room for another stream, or none any more. */
  protected abstract slotsChanged(): void

  protected abstract eventPassed(event: ConnectionEvent): void

  /** The time to drain is over. */
  #cancelAll(): void {
    const core = this.#core
    if (core.state === 'closed') {
      core.drop()
      return
    }
    for (const stream of core.streams.values()) stream.reset()
    core.abort(ErrorCode.NO_ERROR)
  }
}
