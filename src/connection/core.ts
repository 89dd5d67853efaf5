import { ByteWriter } from '../bytes/index.ts'
import { FrameReader, FrameType, Setting, writeRstStream, writeWindowUpdate } from '../frames/index.ts'
import { type FieldSectionDecoder, type FieldSectionEncoder, HpackDecoder, HpackEncoder } from '../hpack/index.ts'
import { Budget } from './budget.ts'
import { ClosedStreams } from './closed-streams.ts'
import { Deadlines } from './deadlines.ts'
import { ALL_STREAMS } from './ending.ts'
import type { ConnectionEvent } from './events.ts'
import { MessageHead } from './field-validation.ts'
import { Fifo } from './fifo.ts'
import { DEFAULT_WINDOW, ReceiveWindow, windowSize } from './flow-control.ts'
import { JudgedLines } from './judged-lines.ts'
import { type Limits, resolveLimits } from './limits.ts'
import { type MutableLocalSettings, OwnSettings } from './local-settings.ts'
import type { Observer } from './observer.ts'
import type { ConnectionOptions, Role } from './options.ts'
import type { Priority } from './priority.ts'
import { SendOrder } from './send-order.ts'
import { initialPeerSettings, type MutablePeerSettings, type SettingEntry } from './settings.ts'
import { Stalls } from './stalls.ts'
import type { Stream } from './stream.ts'
import { StreamState, streamStateName, type Transition, transition } from './stream-state.ts'
import { StreamTable } from './stream-table.ts'

export type ConnectionState = 'open' | 'draining' | 'closed'

/**
 * What all concerns of one connection share: the streams, the windows, the way out and the events.
 * The concerns themselves are functions in the files beside this one; `Connection` is the face of all.
 */
export class Core {
  readonly role: Role
  readonly limits: Limits
  readonly observer: Observer | undefined
  readonly extensionFrames: ReadonlySet<number>
  readonly reader: FrameReader
  /** Control frames and field blocks in the order of their commands; DATA joins them when output is taken. */
  readonly writer: ByteWriter = new ByteWriter()
  readonly encoder: FieldSectionEncoder
  readonly decoder: FieldSectionDecoder
  /** What the last header section said that was received, and the last that was sent. */
  readonly head: MessageHead = new MessageHead()
  readonly sentHead: MessageHead = new MessageHead(new JudgedLines())
  readonly deadlines: Deadlines

  state: ConnectionState = 'open'
  /** The time of the latest call that brought one, in milliseconds. */
  now = 0
  /** How long the peer took for its last answer to a SETTINGS or PING of ours, in milliseconds. */
  roundTrip: number | undefined = undefined

  readonly streams: StreamTable<Stream> = new StreamTable()
  readonly closedStreams: ClosedStreams = new ClosedStreams()
  /** The highest id that the peer opened, and that we did. */
  highestPeerId = 0
  highestOwnId: number
  /** Streams not closed, by who opened them. */
  peerStreams = 0
  ownStreams = 0
  /** Streams that the server has promised and not begun to answer. RFC 9113 §5.1.2. */
  reservedStreams = 0

  /** What PRIORITY_UPDATE of the client said of streams that were not open yet. RFC 9218 §7.1. */
  readonly earlyPriorities: Map<number, Priority> = new Map()

  readonly peerSettings: MutablePeerSettings = initialPeerSettings()
  /** What we said and the peer has acknowledged or not, and what we hold it to. RFC 9113 §6.5.3. */
  readonly ownSettings: OwnSettings
  readonly local: MutableLocalSettings
  /** The receive window that we want for each stream; until it is acknowledged the peer may reckon with a larger one. */
  streamWindow: number
  sendWindow: number = DEFAULT_WINDOW
  readonly recvWindow: ReceiveWindow
  readonly sendHighWaterMark: number

  /** Streams that have both DATA and window. */
  readonly ready: SendOrder = new SendOrder()
  /** When DATA was last sent on a tunnel, and when so much of another stream that it filled a frame. */
  tunnelSentAt: number = Number.NEGATIVE_INFINITY
  bodySentAt: number = Number.NEGATIVE_INFINITY
  /** Bytes of answers (acknowledgements, resets) that the peer has not taken yet. */
  queuedAnswers = 0
  /** PINGs of ours on the way: their 8 bytes, and when they were sent. */
  readonly pings: Map<string, number> = new Map()
  readonly resets: Budget
  readonly glitches: Budget
  readonly overflows: Budget
  /** WINDOW_UPDATE frames that the peer has a use for: what we sent may be credited by so many. */
  usefulWindowUpdates: number = 0
  /** Size of the header sections of the peer's open streams. */
  retainedFieldSize = 0
  readonly stalls: Stalls

  /** The last id of the peer's that we still serve after our GOAWAY; above all ids while we serve all. */
  lastServedId: number = ALL_STREAMS

  readonly events: Fifo<ConnectionEvent> = new Fifo()

  constructor(options: ConnectionOptions) {
    this.role = options.role
    this.limits = resolveLimits(options.limits)
    this.observer = options.observer
    this.extensionFrames = new Set(options.extensionFrames)
    this.reader = new FrameReader({ maxFrameSize: options.maxFrameSize })
    this.encoder = options.codec?.encoder ?? new HpackEncoder()
    this.decoder =
      options.codec?.decoder ??
      new HpackDecoder({
        maxSectionSize: this.limits.maxFieldSectionSize,
        maxFieldCount: this.limits.maxFieldCount,
        maxCookieCrumbs: this.limits.maxCookieCrumbs,
      })
    this.deadlines = new Deadlines(this.limits, options.keepAlive)
    this.highestOwnId = options.role === 'client' ? -1 : 0
    this.streamWindow = windowSize('streamWindow', options.streamWindow ?? 262_144)
    this.local = {
      headerTableSize: 4096,
      enablePush: options.role === 'client' && options.enablePush === true,
      maxConcurrentStreams: this.limits.maxConcurrentStreams,
      initialWindowSize: Math.max(this.streamWindow, DEFAULT_WINDOW),
      maxFrameSize: this.reader.maxFrameSize,
      maxHeaderListSize: this.limits.maxFieldSectionSize,
      enableConnectProtocol: options.role === 'server' && (options.extendedConnect ?? 'off') !== 'off',
    }
    this.ownSettings = new OwnSettings(assumed(this.local))
    const connectionWindow = windowSize('connectionWindow', options.connectionWindow ?? 1_048_576)
    this.recvWindow = new ReceiveWindow(Math.max(connectionWindow, DEFAULT_WINDOW), DEFAULT_WINDOW)
    this.sendHighWaterMark = options.sendHighWaterMark ?? 65_536
    this.resets = new Budget(this.limits.resetBurst, this.limits.resetsPerSecond)
    this.glitches = new Budget(this.limits.glitchBurst, this.limits.glitchesPerSecond)
    this.overflows = new Budget(this.limits.overflowBurst, this.limits.overflowsPerSecond)
    this.stalls = new Stalls(this.limits)
  }

  emit(event: ConnectionEvent): void {
    this.events.push(event)
  }

  /** Whether the peer opens streams with this parity: clients odd, servers even. RFC 9113 §5.1.1. */
  isPeerId(id: number): boolean {
    return ((id & 1) === 1) === (this.role === 'server')
  }

  /** The state of any stream, open, closed or never used. */
  stateOf(id: number): number {
    const stream = this.streams.get(id)
    if (stream !== undefined) return stream.state
    if (id > (this.isPeerId(id) ? this.highestPeerId : this.highestOwnId)) return StreamState.IDLE
    // RFC 9113 §6.8: what came behind our GOAWAY is as good as reset: its frames are accounted for and dropped.
    if (this.isPeerId(id) && id > this.lastServedId) return StreamState.RESET_SENT
    const state = this.closedStreams.stateOf(id)
    // §5.1: a stream of ours that is FORGOTTEN may be one that we reset, and be answered still: more of them may have been on
    // their way than are remembered. Of the peer's, §5.1.1 says that an id lower than others must not come again.
    return state === StreamState.FORGOTTEN && !this.isPeerId(id) ? StreamState.RESET_SENT : state
  }

  /** Takes a stream along the figure of RFC 9113 §5.1; the only place where a state is written. */
  advance(stream: Stream, input: number): Transition {
    const step = transition(stream.state, input)
    if (step.kind !== 'goto' || step.to === stream.state) return step
    this.observer?.stateChanged?.(stream.id, streamStateName(stream.state), streamStateName(step.to))
    const from = stream.state
    stream.state = step.to
    if (from === StreamState.IDLE) this.#opened(stream)
    else if (step.to >= StreamState.CLOSED) this.#closed(stream, from)
    else if (from === StreamState.RESERVED_REMOTE) {
      this.#count(stream.id, from, -1)
      this.#count(stream.id, step.to, 1)
    }
    return step
  }

  /** RFC 9113 §5.1.2: streams that are only reserved do not count among the open ones. */
  #count(id: number, state: number, n: number): void {
    if (!this.isPeerId(id)) this.ownStreams += n
    else if (state === StreamState.RESERVED_REMOTE) this.reservedStreams += n
    else this.peerStreams += n
  }

  #opened(stream: Stream): void {
    this.streams.add(stream)
    this.#count(stream.id, stream.state, 1)
    this.deadlines.busy()
  }

  #closed(stream: Stream, from: number): void {
    this.streams.delete(stream.id)
    this.#count(stream.id, from, -1)
    this.closedStreams.add(stream.id, stream.state)
    stream.queue?.drop()
    if (stream.ready) this.ready.remove(stream)
    this.retainedFieldSize -= stream.fieldSize
    if (this.streams.size === 0 && this.role === 'server') this.deadlines.idle(this.now)
    if (stream.state !== StreamState.CLOSED) return
    // Work done is what the budgets are relative to: who brings much of it may also cancel and fumble more.
    this.resets.refund()
    this.glitches.refund()
    this.emit({ type: 'StreamClosed', streamId: stream.id })
  }

  sendRstStream(id: number, code: number): void {
    writeRstStream(this.writer, id, code)
    this.sent(FrameType.RST_STREAM, 0, id, 4)
  }

  /** RFC 9113 §5.4.1: behind the GOAWAY of an error nothing is sent any more. */
  sendWindowUpdate(id: number, increment: number): void {
    if (this.state === 'closed') return
    writeWindowUpdate(this.writer, id, increment)
    this.sent(FrameType.WINDOW_UPDATE, 0, id, 4)
  }

  /** Tells the observer of a frame that was written. */
  sent(type: number, flags: number, streamId: number, length: number): void {
    this.observer?.frameSent?.(type, flags, streamId, length)
  }

  /** The frame that the reader stands on, for an error to carry. */
  get frame(): { type: number; flags: number; streamId: number; length: number } {
    const { type, flags, streamId, length } = this.reader
    return { type, flags, streamId, length }
  }
}

/**
 * What the peer goes by before it has seen our SETTINGS. RFC 9113 §6.5.2: the defaults; but limits of our own hold from the
 * start, since nobody needs more streams or larger sections than we will ever have said.
 */
function assumed(local: MutableLocalSettings): SettingEntry[] {
  return [
    [Setting.HEADER_TABLE_SIZE, local.headerTableSize],
    [Setting.ENABLE_PUSH, local.enablePush ? 1 : 0],
    [Setting.MAX_CONCURRENT_STREAMS, local.maxConcurrentStreams],
    [Setting.INITIAL_WINDOW_SIZE, DEFAULT_WINDOW],
    [Setting.MAX_FRAME_SIZE, 16_384],
    [Setting.MAX_HEADER_LIST_SIZE, local.maxHeaderListSize],
  ]
}
