import { Connection, type ConnectionEvent, type Role } from '../connection/index.ts'
import { StreamTable } from '../connection/stream-table.ts'
import { type ConnectionError, ErrorCode } from '../errors/index.ts'
import type { Platform } from '../platform/index.ts'
import { type ByteTransport, type TransportReceiver, withInitialData } from '../transport/index.ts'
import { DeadlineTimer } from './deadline-timer.ts'
import { dispatch, type SessionOwner } from './dispatch.ts'
import { type DrainListener, DrainWatch } from './drain-watch.ts'
import { type Deferred, deferred, onRejection, tellLast } from './promises.ts'
import type { RoleOptions, SessionOptions } from './session-options.ts'
import { SessionOutput } from './session-output.ts'
import { intake, type Stream } from './stream.ts'
import type { StreamBase } from './stream-base.ts'

/**
 * Events after which a turn writes what has come of them so far, before it goes on: a peer that waits for it works
 * meanwhile. Measured: a client that asks again on each answer, with 64 requests under way, had 142,000 answers a second
 * when it and its server waited for each other, and 214,000 so, at the same processor time for each. A server has other
 * clients meanwhile, and writes less often.
 */
const TOLD_BETWEEN_WRITES: Readonly<Record<Role, number>> = { client: 64, server: 128 }
/**
 * Bytes of answers and field sections that wait for a transport that takes none: beyond it nothing is read either, so that
 * a peer who only asks meets its own full pipe, and a slow one no limit.
 */
const STOP_READING = 65_536

/**
 * How long a connection that is over waits for the peer, in milliseconds: to end its side once we have ended ours, and,
 * after a fault, to take our GOAWAY at all.
 */
const LINGER = 1000
/** How long it waits for a peer that is slow to take what it was promised, after a regular end. */
const LAST_BYTES = 10_000

const EMPTY: Uint8Array = new Uint8Array(0)

/**
 * One connection on one transport: the turn loop, the flush, the timer, the end.
 *
 * A turn is: take events from the connection until there are none, and run the callbacks they lead to; then write what
 * came of it, once; then again, if writing led to events. Commands given inside a turn are written by it; commands given
 * outside schedule one turn in a microtask. So a chunk that brings fifty requests costs one write.
 */
export class SessionCore implements TransportReceiver {
  readonly connection: Connection
  readonly platform: Platform
  readonly streams: StreamTable<Stream> = new StreamTable()
  readonly drainWatch: DrainWatch = new DrainWatch()
  /** Handlers at work, whether their stream still lives or not: see `ServerStream.hold`. */
  handlers = 0
  /**
   * What is being read, which may be overwritten where it was; empty between two turns, so that an idle connection keeps
   * none, and where `onEvent` is told of each event, which it may look at until the turn is over.
   */
  chunk: Uint8Array = EMPTY
  /** What ended the connection, if it didn't end regularly. */
  error: ConnectionError | Error | undefined

  readonly #transport: ByteTransport
  readonly #owner: SessionOwner
  readonly #onError: ((error: unknown) => void) | undefined
  readonly #onEvent: ((event: ConnectionEvent) => void) | undefined
  readonly #closed: Deferred<void> = deferred()
  /** `open` until the connection's last event; then `lingering` until the transport is `closed`. */
  #phase: 'open' | 'lingering' | 'closed' = 'open'
  #inTurn = false
  #scheduled = false
  #reading = true
  #finSent = false
  /** The end was asked for on this side, so that it is no failure. */
  #aborted = false
  #endArrived = false
  /** Streams that have something to tell beside the connection's events, oldest first. */
  readonly #due: Stream[] = []
  readonly #output: SessionOutput
  /** Events told since the turn wrote, and after how many it writes early. */
  #told = 0
  readonly #mostTold: number
  /** The turn writes while there are events to tell: what arrives meanwhile waits in `#late` for its end. */
  #early = false
  readonly #late: Uint8Array[] = []
  readonly #timer: DeadlineTimer
  #lingerTimer: unknown

  readonly #scheduledTurn = (): void => {
    this.#scheduled = false
    this.#turn()
  }

  constructor(transport: ByteTransport, role: Role, owner: SessionOwner, options: SessionOptions & RoleOptions) {
    this.platform = options.platform
    this.#timer = new DeadlineTimer(options.platform, () => this.#timeout())
    this.#onError = options.onError
    this.#onEvent = options.onEvent
    this.#owner = owner
    this.#mostTold = TOLD_BETWEEN_WRITES[role]
    this.connection = new Connection({
      role,
      extendedConnect: options.extendedConnect,
      enablePush: options.enablePush,
      streamWindow: options.streamWindow,
      connectionWindow: options.connectionWindow,
      maxFrameSize: options.maxFrameSize,
      sendHighWaterMark: options.sendHighWaterMark,
      limits: options.limits,
      codec: options.codec,
      keepAlive: options.keepAlive,
      observer: options.observer,
    })
    this.#transport = options.initialData ? withInitialData(transport, options.initialData) : transport
    this.#output = new SessionOutput(this.connection, this.#transport, this.platform)
    this.#transport.start(this)
    this.touch()
  }

  /** Resolves when the transport is closed; never rejects. */
  get closedPromise(): Promise<void> {
    return this.#closed.promise
  }

  get state(): 'open' | 'draining' | 'closed' {
    return this.#phase === 'open' ? this.connection.state : 'closed'
  }

  /** A command was given: see that it is written, and its events heard. */
  touch(): void {
    if (this.#inTurn || this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(this.#scheduledTurn)
  }

  /** Writes what there is, if that would not be done as soon as the caller returns anyway. */
  flush(): void {
    if (!this.#inTurn || this.#early || this.#phase !== 'open') return
    try {
      this.#writeEarly()
    } catch (error) {
      this.#fail(error) // not the callback's fault, which called
    }
  }

  /** A stream has something to tell: see that it does, in the next turn. */
  wake(stream: StreamBase): void {
    this.#due.push(stream as Stream)
    this.touch()
  }

  /**
   * `listener` is told when the session drains, soon if it does already, and never once it is over. Without one it is the
   * users of streams with `WATCHES_DRAINING`.
   */
  watchDraining(listener: DrainListener | undefined): void {
    if (this.state === 'closed') return
    if (listener === undefined) this.drainWatch.streamsWatch()
    else this.drainWatch.watch(listener)
    if (this.state === 'draining') this.touch()
  }

  /** The caller reset a stream: whatever else comes for it goes unheard. */
  forget(stream: Stream): void {
    if (this.streams.delete(stream.id)) this.#owner.slotsChanged()
    this.wake(stream)
  }

  /** Ends the connection now, with GOAWAY; it is not reported as a failure. */
  abort(code: number, debugData?: Uint8Array): void {
    this.#aborted = true
    this.connection.goAway(code, debugData)
    this.touch()
  }

  /** Drops the transport, for who has waited long enough. */
  drop(): void {
    this.#transport.abort()
  }

  /** Tells `onError`; what that throws is nobody's. */
  report(error: unknown): void {
    tellLast(this.#onError, error)
  }

  // TransportReceiver

  data(chunk: Uint8Array): void {
    if (this.#phase !== 'open') return // lingering: read and dropped, so that our GOAWAY is not lost to a TCP reset
    // From inside `write` too: unless it was early every event was told by then, so that nothing borrowed is outstanding.
    if (this.#early || this.#late.length > 0) {
      this.#late.push(chunk)
      return
    }
    this.#receive(chunk)
    this.#turn()
  }

  end(): void {
    this.#endArrived = true
    this.#turn()
  }

  drained(): void {
    this.#output.blocked = false
    if (!this.#reading) {
      this.#reading = true
      this.#transport.resume()
    }
    this.#turn()
  }

  closed(error: Error | undefined): void {
    if (this.#inTurn) {
      // From inside `write` or `abort`: what the turn has begun comes first, then the streams hear of the end.
      this.#output.blocked = true
      queueMicrotask(() => this.closed(error))
      return
    }
    // After the connection's last event a reset by the peer is no failure: all was said.
    const failure = this.#phase === 'open' ? error : undefined
    this.error ??= failure
    this.#endArrived = true
    this.#output.blocked = true // nothing can be written any more
    this.#turn()
    if (failure !== undefined) this.report(failure)
    this.#phase = 'closed'
    this.#timer.stop()
    this.platform.clearTimer(this.#lingerTimer)
    this.#closed.resolve()
  }

  #receive(chunk: Uint8Array): void {
    if (this.#onEvent === undefined) this.chunk = chunk
    this.connection.receive(chunk, this.platform.now())
  }

  #timeout(): void {
    const now = this.platform.now()
    if (this.#phase === 'open' && now >= this.connection.deadline) this.connection.timeout(now)
    this.#turn()
  }

  #turn(): void {
    if (this.#inTurn) return
    this.#inTurn = true
    this.#told = 0
    try {
      while (this.#step()) {}
    } catch (error) {
      this.#fail(error)
    }
    this.#inTurn = false
    this.chunk = EMPTY
    if (this.#phase !== 'open') return
    if (this.#output.blocked && this.#reading && this.connection.queuedControlBytes > STOP_READING) {
      this.#reading = false
      this.#transport.pause()
    }
    this.#timer.set(this.connection.deadline)
  }

  /** A fault of ours, not of the peer or the caller: ends this connection, tells, and leaves all others alone. */
  #fail(error: unknown): void {
    this.error ??= error as Error
    this.report(error)
    this.connection.goAway(ErrorCode.INTERNAL_ERROR)
    this.#transport.abort()
  }

  /** Does the next thing there is to do; false when there is nothing. */
  #step(): boolean {
    const { connection } = this
    const event = connection.nextEvent()
    if (event !== undefined) {
      this.#act(event)
      if (++this.#told === this.#mostTold) this.#writeEarly()
      return true
    }
    const stream = this.#due.shift()
    if (stream !== undefined) {
      intake.due(stream)
      return true
    }
    // Before anything is written, so that what the streams say at last goes out beside the GOAWAY.
    if (connection.state === 'draining' && !this.drainWatch.isEmpty) {
      this.drainWatch.tellNext(this.streams, (error) => this.report(error))
      return true
    }
    const chunk = this.#late.shift()
    if (chunk !== undefined) {
      if (this.#phase === 'open') this.#receive(chunk)
      return true
    }
    if (this.#output.step()) {
      this.#told = 0
      return true
    }
    if (this.#phase === 'open') {
      if (!this.#endArrived) return false
      this.#endArrived = false
      connection.receiveEnd(this.platform.now())
      return true
    }
    if (!this.#finSent && !this.#output.blocked) {
      this.#finSent = true
      this.#transport.end()
      this.#linger(LINGER)
    }
    return false
  }

  /** What the turn has led to so far goes out before the rest is told. On one that drains the streams speak first. */
  #writeEarly(): void {
    this.#told = 0
    if (this.connection.state !== 'open') return
    this.#early = true
    try {
      while (this.#output.step()) {}
    } finally {
      this.#early = false
    }
  }

  #act(event: ConnectionEvent): void {
    if (this.#onEvent !== undefined) {
      try {
        const result: unknown = this.#onEvent(event)
        if (typeof result === 'object') onRejection(result, (error) => this.report(error))
      } catch (error) {
        this.report(error)
      }
    }
    if (event.type === 'ConnectionClosed') this.#ended(event.error)
    dispatch(this, this.#owner, event)
  }

  /**
   * The connection is over: what it still has to say is written, then our side ends. RFC 9113 §5.4.1. A close with
   * unread input would make TCP reset and lose the GOAWAY, so input is read and dropped until the peer ends too.
   */
  #ended(error: ConnectionError | undefined): void {
    if (this.#phase !== 'open') return
    this.#phase = 'lingering'
    this.drainWatch.clear()
    if (error !== undefined && this.error === undefined) {
      if (!this.#aborted || error.code !== ErrorCode.NO_ERROR) this.error = error
      if (!this.#aborted) this.report(error)
    }
    this.#transport.resume()
    this.#linger(error === undefined && !this.#aborted ? LAST_BYTES : LINGER)
  }

  #linger(milliseconds: number): void {
    this.platform.clearTimer(this.#lingerTimer)
    this.#lingerTimer = this.platform.setTimer(() => this.drop(), milliseconds)
  }
}
