import { ErrorCode } from '../errors/index.ts'
import { CONNECTION_PREFACE } from '../frames/index.ts'
import type { FieldInput } from '../hpack/index.ts'
import { type ConnectionState, Core } from './core.ts'
import { closeIfDrained, transportEnded } from './ending.ts'
import type { ConnectionEvent } from './events.ts'
import { sendExtensionFrame } from './extensions.ts'
import { DEFAULT_WINDOW } from './flow-control.ts'
import { goAway, shutDown } from './goaway.ts'
import type { Limits } from './limits.ts'
import type { LocalSettings, SettingsUpdate } from './local-settings.ts'
import type { ConnectionOptions, Role } from './options.ts'
import { hasOutput, isShared, takeOutput } from './output.ts'
import { sendPing } from './ping.ts'
import { prioritize, sendPriorityUpdate } from './prioritize.ts'
import type { Priority } from './priority.ts'
import { Receiver } from './receive.ts'
import { consumed } from './recv-data.ts'
import { canOpenStream, openStream, refuse, reset, sendData, sendHeaders, sendTrailers } from './send.ts'
import { sendFirstSettings, updateSettings } from './send-settings.ts'
import type { PeerSettings } from './settings.ts'
import { passTime } from './timeout.ts'

/**
 * One HTTP/2 connection, RFC 9113, without I/O: bytes and the time go in, events and bytes come out, and nothing is
 * ever called back. The same bytes, times and commands give the same events and output.
 *
 * After each `receive`, `receiveEnd`, `timeout`, command or `takeOutput`, drain `nextEvent()`; then, when `hasOutput`,
 * write what `takeOutput` gives. Faults of the peer come as events. Mistakes of the caller are thrown as `UsageError`
 * before anything has changed.
 *
 * @example
 * const server = new Connection({ role: 'server' })
 * server.receive(bytes, now)
 * for (let event = server.nextEvent(); event !== undefined; event = server.nextEvent()) {
 *   if (event.type === 'HeadersReceived') server.sendHeaders(event.streamId, [{ name: ':status', value: '204' }], true)
 * }
 * const chunks = server.takeOutput(65_536)
 */
export class Connection {
  readonly #core: Core
  readonly #receiver: Receiver

  constructor(options: ConnectionOptions) {
    const core = new Core(options)
    this.#core = core
    this.#receiver = new Receiver(core)
    if (core.role === 'client') core.writer.write(CONNECTION_PREFACE)
    sendFirstSettings(core, options)
    // RFC 9113 §6.9.2: the connection window cannot be set by SETTINGS.
    const more = core.recvWindow.size - DEFAULT_WINDOW
    if (more > 0) {
      core.recvWindow.available += more
      core.sendWindowUpdate(0, more)
    }
  }

  get role(): Role {
    return this.#core.role
  }

  get state(): ConnectionState {
    return this.#core.state
  }

  /** What the peer asked of us, live. */
  get peerSettings(): PeerSettings {
    return this.#core.peerSettings
  }

  /** What we hold the peer to, live: a larger value from when it is sent, a smaller one once it is acknowledged. */
  get localSettings(): LocalSettings {
    return this.#core.local
  }

  /** How long the peer took for its last answer to a PING or SETTINGS of ours, in milliseconds; undefined before. */
  get roundTrip(): number | undefined {
    return this.#core.roundTrip
  }

  /** Streams that are not closed. */
  get openStreams(): number {
    return this.#core.streams.size
  }

  /**
   * Takes bytes from the transport, cut anywhere. `chunk` is borrowed until the next `receive`: events carry views of
   * it. `now` is a monotonic time in milliseconds.
   */
  receive(chunk: Uint8Array, now: number): void {
    const core = this.#core
    if (core.state === 'closed') return
    core.now = now
    core.deadlines.heard(now)
    this.#receiver.receive(chunk)
  }

  /** The transport will deliver no more bytes. */
  receiveEnd(now: number): void {
    const core = this.#core
    core.now = now
    if (core.state === 'closed') return
    transportEnded(core)
  }

  /** Tells the time; call it at `deadline`. */
  timeout(now: number): void {
    const core = this.#core
    core.now = now
    if (core.state === 'closed') return
    passTime(core, now)
  }

  /** When `timeout` wants to be called next: a time in milliseconds, in the past when at once, Infinity when never. */
  get deadline(): number {
    return Math.min(this.#core.deadlines.next, this.#core.stalls.next)
  }

  /** The next event, in the order things happened; undefined when there is none. */
  nextEvent(): ConnectionEvent | undefined {
    return this.#core.events.shift()
  }

  /** What `nextEvent` would answer, left where it is. */
  peekEvent(): ConnectionEvent | undefined {
    return this.#core.events.peek()
  }

  /** Client: whether `openStream` would be let. RFC 9113 §5.1.2. */
  get canOpenStream(): boolean {
    return canOpenStream(this.#core)
  }

  /**
   * Client: sends a request's header section and answers its stream id.
   * @throws UsageError when the fields would be malformed, when `canOpenStream` is false, and for `:protocol` when the
   * server has not sent ENABLE_CONNECT_PROTOCOL=1 (RFC 8441 §4)
   */
  openStream(fields: readonly FieldInput[], endStream: boolean): number {
    return openStream(this.#core, fields, endStream)
  }

  /**
   * Server: sends a response's header section; any number of informational ones (1xx), then one final.
   * @throws UsageError when the fields would be malformed, or not now
   */
  sendHeaders(streamId: number, fields: readonly FieldInput[], endStream: boolean): void {
    sendHeaders(this.#core, streamId, fields, endStream)
  }

  /**
   * Sends trailers behind all queued data and ends our side of the stream. RFC 9113 §8.1.
   * @throws UsageError when the fields would be malformed, or not now
   */
  sendTrailers(streamId: number, fields: readonly FieldInput[]): void {
    sendTrailers(this.#core, streamId, fields)
  }

  /**
   * Queues data; it belongs to the connection until `takeOutput` has handed it out and it is written. False: the
   * queue has reached its mark, hold back until `StreamWritable`; what was given is queued all the same.
   * @throws UsageError before the header section and after the end
   */
  sendData(streamId: number, data: Uint8Array, endStream: boolean): boolean {
    return sendData(this.#core, streamId, data, endStream)
  }

  /** Bytes queued on a stream and not handed out yet. */
  queuedBytes(streamId: number): number {
    return this.#core.streams.get(streamId)?.queued ?? 0
  }

  /**
   * Gives back credit for `n` bytes of `DataReceived`, each byte once, whether the stream still lives or not.
   * RFC 9113 §6.9.
   * @throws UsageError when more is given back than was received
   */
  consumed(streamId: number, n: number): void {
    const core = this.#core
    if (core.state === 'closed' || n === 0) return
    consumed(core, streamId, n)
  }

  /** Ends a stream at once, both ways; what is queued is dropped. RFC 9113 §6.4. No event follows. */
  reset(streamId: number, code: number = ErrorCode.CANCEL): void {
    reset(this.#core, streamId, code)
    closeIfDrained(this.#core)
  }

  /**
   * Server: refuses a request just received, for a limit that the consumer watches over: REFUSED_STREAM, counted among the
   * resets that the peer caused. `LimitExceeded` and `StreamReset` follow. RFC 9113 §8.7.
   * @throws UsageError in the client role, and once a response has begun: the client would send the request again
   */
  refuse(streamId: number, limit: keyof Limits, reason: string): void {
    refuse(this.#core, streamId, limit, reason)
    closeIfDrained(this.#core)
  }

  /**
   * Server: schedules a stream's DATA by `priority` from now on, in place of what the client asked for. Client: asks the
   * server for it with PRIORITY_UPDATE; the stream may be one not opened yet. RFC 9218 §7.1, §8.
   * @throws UsageError in the client role for an urgency that is not 0 to 7, an id that can't be a stream's, that of a push
   * never promised, and for more streams not opened yet than may be open
   */
  prioritize(streamId: number, priority: Priority): void {
    const core = this.#core
    if (core.state === 'closed') return
    if (core.role === 'client') {
      sendPriorityUpdate(core, streamId, priority)
      return
    }
    const stream = core.streams.get(streamId)
    if (stream !== undefined) prioritize(core, stream, priority)
  }

  /**
   * Sends a PING with 8 bytes; `PingAcknowledged` brings them back. RFC 9113 §6.7.
   * @throws UsageError for another length, for the bytes of a PING still unanswered, and when too many are
   */
  ping(data: Uint8Array, now: number): void {
    const core = this.#core
    if (core.state === 'closed') return
    core.now = now
    sendPing(core, data)
  }

  /**
   * Changes settings of ours. What lets the peer do more holds at once; what lets it do less binds it from the moment it
   * acknowledges, which `SettingsAcknowledged` tells. Several updates may be on the way. RFC 9113 §6.5.3.
   * @throws UsageError for a value out of its range, for a setting that is not our role's, when 10 SETTINGS are not
   * acknowledged yet, and for ENABLE_CONNECT_PROTOCOL from 1 back to 0 (RFC 8441 §3)
   * @example
   * connection.updateSettings({ maxConcurrentStreams: 10 }) // fewer new streams while there is much to do
   */
  updateSettings(update: SettingsUpdate): void {
    if (this.#core.state !== 'closed') updateSettings(this.#core, update)
  }

  /**
   * Sends a frame of an extension, on a stream or on 0; `payload` is copied. RFC 9113 §5.5.
   * @throws UsageError for a type that RFC 9113 or RFC 9218 defines, and for what does not fit a frame
   */
  sendExtensionFrame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    if (this.#core.state !== 'closed') sendExtensionFrame(this.#core, type, flags, streamId, payload)
  }

  /**
   * Ends the connection now: GOAWAY, a `StreamReset` for each stream, `ConnectionClosed`. RFC 9113 §6.8.
   * @throws UsageError for a code that does not fit, or debug data larger than the peer's frames may be
   */
  goAway(code: number = ErrorCode.NO_ERROR, debugData?: Uint8Array): void {
    goAway(this.#core, code, debugData)
  }

  /** Ends the connection gracefully: streams under way finish, then `ConnectionClosed` comes. RFC 9113 §6.8. */
  shutdown(now: number): void {
    const core = this.#core
    core.now = now
    shutDown(core)
    closeIfDrained(core)
  }

  /** Bytes of control frames and field blocks that `takeOutput` would give; DATA does not count, its queues are bounded. */
  get queuedControlBytes(): number {
    return this.#core.writer.pending
  }

  /** Whether `takeOutput` has something to give now. */
  get hasOutput(): boolean {
    return hasOutput(this.#core)
  }

  /** Whether a tunnel and a long body last sent DATA within a second of each other: messages that should not wait behind much. */
  get isShared(): boolean {
    return isShared(this.#core)
  }

  /**
   * All control frames, and DATA up to about `maxBytes` as the windows allow, as chunks for one vectored write. They
   * belong to the caller; data given to `sendData` comes out as views of the same memory. Drain `nextEvent` after it.
   * `now`, where it is known, makes the time more exact from which a connection counts as idle.
   */
  takeOutput(maxBytes: number, now?: number): Uint8Array[] {
    const core = this.#core
    if (now !== undefined) core.now = now
    const out = takeOutput(core, maxBytes)
    closeIfDrained(core)
    core.deadlines.stampIdle(core.now)
    return out
  }
}
