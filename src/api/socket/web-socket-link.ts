import { ErrorCode } from '../../errors/index.ts'
import type { Platform } from '../../platform/index.ts'
import type { StreamUser } from '../../session/index.ts'
import type { SendOptions, WebSocketConnection, WebSocketEvent } from '../../websocket/index.ts'
import type { Tunnel } from '../exchange.ts'
import { KeepAlive, type KeptAlive } from './keep-alive.ts'
import { LinkOutput } from './link-output.ts'
import type { LinkOwner } from './link-owner.ts'
import type { LinkSettings } from './socket-options.ts'
import { forgetTold, utf8Of } from './told-text.ts'

/** Output is handed to the stream at this many bytes, without waiting for the end of the turn. */
const FLUSH_AT = 65_536
/**
 * Messages of one chunk after which their answers leave, before the rest is told: a peer that waits for them works meanwhile.
 * Measured: an echo with 100 messages under way on one socket went from 570,000 a second to 1.2 million.
 *
 * Where half as many or fewer are left, these go with the others: a write for the last 4 of 100 is a system call for
 * next to nothing, at both ends. Measured on Node 26, a client of ours and a server with 100 messages under way:
 * 342,000 a second when both wrote after 32 in any case, 416,000 so.
 */
const TOLD_BETWEEN_WRITES = 32
/** Unsent bytes, with what the owner keeps back, from which nothing more is read until some have left. */
const PAUSE_READING_AT = 4 * 1024 * 1024
/** Texts up to this length are encoded where their frame is; longer ones into memory of their own, which is not copied. */
const ENCODED_IN_PLACE = 512

// What holds of a link, a bit for each: there are very many links, and a field for each would be 64 bytes more.

/** Inside of a callback: the loop that called it drains the events, and writes. */
const RECEIVING = 1
/** A microtask will write. */
const FLUSH_SCHEDULED = 2
/** More waits than may, and the end of the socket is under way. */
const OVERFLOWED = 4
/** The owner takes no messages for now. */
const HELD = 8
/** Reading was stopped, for our own unsent bytes or by the owner. */
const PAUSED = 16
const PEER_ENDED = 32
const ENDED = 64
const GONE = 128
/** We gave the stream up: what arrived before and was not told yet is nobody's any more. */
const SILENCED = 256

/**
 * A WebSocketConnection joined to a stream. RFC 8441 §5: the stream is what the TCP connection was; its END_STREAM is
 * the FIN and its RST_STREAM with CANCEL is the RST.
 *
 * All that is sent in one turn leaves in one write: at the end of the data that caused it, or in a microtask when no
 * data did. While the stream's queue is full, output waits here, where Pongs beyond a few replace each other.
 */
export class WebSocketLink implements KeptAlive, StreamUser {
  readonly #stream: Tunnel
  readonly #core: WebSocketConnection
  readonly platform: Platform
  readonly #owner: LinkOwner
  readonly #settings: LinkSettings
  /** Made on the first use: who has said nothing yet needs none. */
  #madeOutput: LinkOutput | undefined = undefined
  #keepAlive: KeepAlive | undefined
  #forgetDrain: (() => void) | undefined
  /** What of the above holds. */
  #flags = 0
  /** Bytes that came in. */
  #received = 0
  /** What the stream ended with, if it was reset or given up. */
  #streamError: Error | undefined
  #timer: unknown

  constructor(stream: Tunnel, core: WebSocketConnection, platform: Platform, settings: LinkSettings, owner: LinkOwner) {
    this.#stream = stream
    this.#core = core
    this.platform = platform
    this.#settings = settings
    this.#owner = owner
    if (stream.attach !== undefined) stream.attach(this)
    else {
      stream.onWritable = () => this.streamWritable()
      stream.onReset = (error) => this.#lost(error)
      stream.onClose = () => this.#lost(undefined)
    }
  }

  /** Begins to read. What came earlier was kept by the stream. */
  start(): void {
    const { keepAlive } = this.#settings
    if (keepAlive !== undefined && !this.#has(GONE)) this.#keepAlive = new KeepAlive(this, this.platform, keepAlive)
    const stream = this.#stream
    if (stream.joinsData === false) stream.joinsData = true
    if (stream.readByUser !== undefined) stream.readByUser()
    else stream.onData = (data, endStream) => this.streamData(data, endStream)
    if (this.#has(GONE)) return
    if (stream.watchDraining !== undefined) stream.watchDraining()
    else this.#forgetDrain = stream.whenDraining?.(() => this.streamDraining())
  }

  get open(): boolean {
    return this.#core.state === 'open' && !this.#has(OVERFLOWED)
  }

  /** The numbers of the WHATWG class: 1 open, 2 closing, 3 closed. */
  get readyState(): 1 | 2 | 3 {
    if (this.open) return 1
    return this.#core.state === 'closed' ? 3 : 2
  }

  get streamId(): number | undefined {
    return this.#stream.id
  }

  /** Bytes not yet handed to the transport, framing included; after the end, those that never were. */
  get bufferedBytes(): number {
    return this.#output.bufferedBytes
  }

  /** Nothing that was sent waits here or in the stream. */
  get allHandedOn(): boolean {
    // In this order: what the stream has takes a look into a table.
    return this.#core.pendingOutput === 0 && this.bufferedBytes === 0
  }

  /** Bytes of payload sent so far. */
  get payloadSent(): number {
    return this.#core.payloadQueued
  }

  get roundTripTime(): number | undefined {
    return this.#keepAlive?.roundTripTime
  }

  /** Sends a text message on an open link. False: the queue is at its mark, and `linkDrained` follows. */
  sendText(text: string, options?: SendOptions): boolean {
    const core = this.#core
    if (this.#output.congested) this.#checkLimit()
    const { platform } = this
    if (text.length > ENCODED_IN_PLACE || !core.sendTextString(text, platform.encodeTextInto)) {
      core.sendText(utf8Of(platform, text), options)
    }
    return this.#sent()
  }

  /** Like `sendText`, for text that is UTF-8 already. */
  sendUtf8(text: Uint8Array, options?: SendOptions): boolean {
    if (this.#output.congested) this.#checkLimit()
    this.#core.sendText(text, options)
    return this.#sent()
  }

  /** `data` as it may be given to `sendBinary` by a program that keeps it and changes it afterwards. */
  ownBytes(data: Uint8Array): Uint8Array {
    return this.#core.copies(data.length) ? data : data.slice()
  }

  /** Like `sendText`; the bytes belong to the library until they are written. */
  sendBinary(data: Uint8Array, options?: SendOptions): boolean {
    if (this.#output.congested) this.#checkLimit()
    this.#core.sendBinary(data, options)
    return this.#sent()
  }

  /**
   * The owner has `bytes` more to send that can't be sent yet, or less when negative: memory that what was read has
   * cost, like unsent output.
   */
  keepBack(bytes: number): void {
    this.#output.keptBack += bytes
    if (bytes < 0) this.#readOn()
  }

  /** No `messageReceived` until `letGo`, and no more credit for the peer. RFC 9113 §5.2. */
  hold(): void {
    if (this.#has(GONE)) return
    this.#flags |= HELD
    this.#pause()
  }

  letGo(): void {
    if (!this.#has(HELD)) return
    this.#flags &= ~HELD
    // What the core has found in a chunk that was read already comes first; it may be too much once more.
    if (!this.#has(RECEIVING)) {
      this.#flags |= RECEIVING
      this.#drainEvents()
      this.#flags &= ~RECEIVING
      this.#flush()
    }
    this.#readOn()
  }

  ping(data: Uint8Array | undefined): void {
    if (!this.open) return
    this.#core.sendPing(data)
    this.#sent()
  }

  /** Starts the closing handshake, if it has not begun. @throws UsageError for a code or reason that can't be sent. */
  close(code: number | undefined, reason: Uint8Array): void {
    // A second call is no mistake: both sides may close at the same time.
    const wasOpen = this.#core.state === 'open'
    this.#core.close(code, reason)
    if (!wasOpen) return
    this.#sent()
    this.#setTimer(this.#settings.closeTimeout)
  }

  /** Ends the stream at once. RFC 8441 §5: a reset is RST_STREAM with CANCEL. */
  terminate(): void {
    this.lost(undefined)
  }

  /** Ends the stream at once, for a reason that the owner is told. */
  lost(error: Error | undefined): void {
    if (this.#has(GONE)) return
    this.#flags |= SILENCED
    const stream = this.#stream
    // Some tell of their own reset at once, and that would pass for what the socket ended with.
    stream.onReset = undefined
    stream.onClose = undefined
    stream.reset(ErrorCode.CANCEL)
    this.#lost(error)
  }

  get received(): number {
    return this.#received
  }

  get handedOn(): number {
    return this.#output.handedOn
  }

  get deaf(): boolean {
    return this.#has(PAUSED)
  }

  streamData(data: Uint8Array, endStream: boolean): void {
    const core = this.#core
    this.#flags |= RECEIVING
    this.#received += data.length
    if (data.length > 0) core.receive(data)
    if (endStream) {
      // What came with the end can still be answered.
      this.#drainEvents()
      this.#flags |= PEER_ENDED
      core.receiveEnd()
    }
    this.#drainEvents()
    this.#flags &= ~RECEIVING
    this.#flush()
    // Credit is what RFC 9113 §5.2.2 gives against it: a peer that sends and doesn't read would fill our memory with the answers: then its own sending must wait.
    if (this.#full && !this.#has(ENDED)) this.#pause()
  }

  /** Whether any of these flags is set. */
  #has(flags: number): boolean {
    return (this.#flags & flags) !== 0
  }

  get #output(): LinkOutput {
    if (this.#madeOutput === undefined) {
      this.#madeOutput = new LinkOutput(this.#stream, this.#core, this.#settings.sendLimit)
      this.#madeOutput.lost = this.#has(GONE)
    }
    return this.#madeOutput
  }

  #drainEvents(): void {
    const core = this.#core
    const owner = this.#owner
    let told = 0
    while ((this.#flags & (HELD | SILENCED)) !== HELD) {
      const event = core.nextEvent()
      if (event === undefined) return
      if (event.type !== 'MessageReceived') this.#controlEvent(event)
      else if (!this.#has(SILENCED)) {
        owner.messageReceived(event.text, event.data)
        if (event.text) forgetTold()
      }
      if (++told >= TOLD_BETWEEN_WRITES && core.hasMoreThan(TOLD_BETWEEN_WRITES >> 1)) {
        told = 0
        this.#flush()
        this.#stream.flush?.()
      }
    }
  }

  #controlEvent(event: WebSocketEvent): void {
    if (event.type === 'PongReceived') this.#keepAlive?.pong(event.data)
    if (event.type === 'CloseReceived') this.#owner.closeReceived()
    if (event.type !== 'Closed') return
    this.#keepAlive?.stop()
    this.#stream.unwatchDraining?.()
    this.#forgetDrain?.()
    const { code, wasClean } = event
    const reason = event.reason.length === 0 ? '' : this.platform.decodeText(event.reason)
    const error = event.error ?? this.#streamError
    this.#owner.linkClosed({
      code,
      reason,
      wasClean,
      error,
      unsentMessages: wasClean ? 0 : this.#output.unsentMessages,
    })
  }

  #sent(): boolean {
    if (this.#core.pendingOutput >= FLUSH_AT) {
      this.#flush()
    } else if (!this.#has(RECEIVING | FLUSH_SCHEDULED)) {
      this.#scheduleFlush()
    }
    return !this.#output.congested
  }

  #scheduleFlush(): void {
    this.#flags |= FLUSH_SCHEDULED
    this.#output.scheduledFlush ??= () => {
      this.#flags &= ~FLUSH_SCHEDULED
      this.#flush()
    }
    queueMicrotask(this.#output.scheduledFlush)
  }

  /** The program hears of it once its call has returned, and the message at hand is counted among those that never left. */
  #checkLimit(): void {
    const error = this.#output.overflow()
    if (error === undefined) return
    this.#flags |= OVERFLOWED
    queueMicrotask(() => this.lost(error))
  }

  /** Hands output on; after the last of it, ends the stream. */
  #flush(): void {
    // The stream is open to others too: who ended it below the WebSocket has ended the WebSocket.
    if (this.#has(GONE) || this.#stream.outputEnded) return
    const closed = this.#core.state === 'closed'
    this.#output.pass(closed)
    if (closed && !this.#has(RECEIVING)) this.#end()
  }

  /**
   * RFC 8441 §5: orderly closure is END_STREAM, never a reset after a clean close. A peer that doesn't end its side
   * would hold a stream for ever, so after a while it is cancelled quietly.
   */
  #end(): void {
    this.#flags |= ENDED
    this.#stream.end()
    if (this.#has(PAUSED)) this.#stream.resume()
    if (!this.#has(PEER_ENDED | GONE)) this.#setTimer(this.#settings.endTimeout)
  }

  streamWritable(): void {
    this.#output.congested = false
    this.#flush()
    this.#readOn()
    if (!this.#output.congested && this.open) this.#owner.linkDrained()
  }

  streamReset(error: Error): void {
    this.#lost(error)
  }

  streamClosed(): void {
    this.#lost(undefined)
  }

  streamDraining(): void {
    this.#owner.goingAway()
  }

  get #full(): boolean {
    return this.bufferedBytes + this.#output.keptBack >= PAUSE_READING_AT
  }

  #pause(): void {
    if (this.#has(PAUSED | ENDED)) return
    this.#flags |= PAUSED
    this.#stream.pause()
  }

  #readOn(): void {
    if (!this.#has(PAUSED) || this.#has(HELD | GONE) || this.#full) return
    this.#flags &= ~PAUSED
    this.#stream.resume()
  }

  /** The stream was reset, by whichever side. After a clean close that is no news: Firefox does so every time. */
  #lost(error: Error | undefined): void {
    if (this.#has(GONE)) return
    this.#flags |= GONE
    if (this.#madeOutput !== undefined) this.#madeOutput.lost = true
    this.#streamError = error
    this.#clearTimer()
    this.#keepAlive?.stop()
    this.#core.receiveEnd()
    // No credit can be withheld any more, and who waits for the end hears of it now.
    this.#flags &= ~HELD
    // Inside of a callback the loop that called it tells of the end.
    if (!this.#has(RECEIVING)) this.#drainEvents()
  }

  #setTimer(milliseconds: number): void {
    this.#clearTimer()
    this.#timer = this.platform.setTimer(() => {
      this.#timer = undefined
      this.terminate()
    }, milliseconds)
  }

  #clearTimer(): void {
    if (this.#timer === undefined) return
    this.platform.clearTimer(this.#timer)
    this.#timer = undefined
  }
}
