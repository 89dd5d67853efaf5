import { ErrorCode } from '../errors/index.ts'
import type { Platform } from '../platform/index.ts'
import type { WebSocketConnection, WebSocketEvent } from '../websocket/index.ts'
import type { Tunnel } from './exchange.ts'

/** Output is handed to the stream at this many bytes, without waiting for the end of the turn. */
const FLUSH_AT = 65_536
/** Unsent bytes, with what the owner keeps back, from which nothing more is read until some have left. */
const PAUSE_READING_AT = 4 * 1024 * 1024
/** Milliseconds for the peer to end its side of the stream once the WebSocket is closed. */
const END_TIMEOUT = 2000
/** Milliseconds for the peer to answer our Close. RFC 6455 §7.1.1 leaves the time to us. */
const CLOSE_TIMEOUT = 10_000
/** Texts up to this length are tried as ASCII first; longer ones are left to the platform's encoder. */
const ASCII_TRY = 512

/** What sits on a link. Told in wire order; nothing follows `linkClosed`. None of these may throw. */
export interface LinkOwner {
  messageReceived(text: boolean, data: Uint8Array): void
  /** The peer's Close arrived and is answered. */
  closeReceived(): void
  /** The WebSocket is over, however it came. `error` is the fault or the reset behind an unclean end. */
  linkClosed(code: number, reason: string, wasClean: boolean, error: Error | undefined): void
  /** After a send returned false: there is room again. */
  linkDrained(): void
}

/**
 * A WebSocketConnection joined to an HTTP/2 stream. RFC 8441 §5: the stream is what the TCP connection was; its
 * END_STREAM is the FIN and its RST_STREAM with CANCEL is the RST.
 *
 * All that is sent in one turn leaves in one write: at the end of the data that caused it, or in a microtask when no
 * data did. While the stream's queue is full, output waits here, where Pongs replace each other.
 */
export class WebSocketLink {
  readonly #stream: Tunnel
  readonly #core: WebSocketConnection
  readonly #platform: Platform
  readonly #owner: LinkOwner
  #receiving = false
  #flushScheduled = false
  /** What the owner is yet to send, in bytes. */
  #keptBack = 0
  /** The stream's queue is at its mark. */
  #congested = false
  /** Reading was stopped for our own unsent bytes. */
  #paused = false
  #peerEnded = false
  #ended = false
  #gone = false
  /** What the stream ended with, if it was reset. */
  #streamError: Error | undefined
  #timer: unknown

  readonly #scheduledFlush = (): void => {
    this.#flushScheduled = false
    this.#flush()
  }

  constructor(stream: Tunnel, core: WebSocketConnection, platform: Platform, owner: LinkOwner) {
    this.#stream = stream
    this.#core = core
    this.#platform = platform
    this.#owner = owner
    stream.onWritable = () => this.#drained()
    stream.onReset = (error) => this.#lost(error)
    stream.onClose = () => this.#lost(undefined)
  }

  /** Begins to read. What came earlier was kept by the stream. */
  start(): void {
    this.#stream.onData = (data, endStream) => this.#receive(data, endStream)
  }

  get open(): boolean {
    return this.#core.state === 'open'
  }

  /** The numbers of the WHATWG class: 1 open, 2 closing, 3 closed. */
  get readyState(): 1 | 2 | 3 {
    const { state } = this.#core
    if (state === 'open') return 1
    return state === 'closing' ? 2 : 3
  }

  get streamId(): number | undefined {
    return this.#stream.id
  }

  /** Bytes not yet handed to the transport, framing included. */
  get bufferedBytes(): number {
    return this.#gone ? 0 : this.#core.pendingOutput + this.#stream.queuedBytes
  }

  /** Sends a text message on an open link. False: the queue is at its mark, and `linkDrained` follows. */
  sendText(text: string): boolean {
    const core = this.#core
    if (text.length > ASCII_TRY || !core.sendTextString(text)) core.sendText(this.#platform.encodeText(text))
    return this.#sent()
  }

  /** Like `sendText`, for text that is UTF-8 already. */
  sendUtf8(text: Uint8Array): boolean {
    this.#core.sendText(text)
    return this.#sent()
  }

  /** Like `sendText`; the bytes belong to the library until they are written. */
  sendBinary(data: Uint8Array): boolean {
    this.#core.sendBinary(data)
    return this.#sent()
  }

  /**
   * The owner has `bytes` more to send that can't be sent yet, or less when negative: memory that what was read has
   * cost, like unsent output.
   */
  keepBack(bytes: number): void {
    this.#keptBack += bytes
    if (bytes < 0) this.#readOn()
  }

  ping(data: Uint8Array | undefined): void {
    this.#core.sendPing(data)
    this.#sent()
  }

  /** Starts the closing handshake, if it has not begun. @throws UsageError for a code or reason that can't be sent. */
  close(code: number | undefined, reason: Uint8Array): void {
    // A second call is no mistake: both sides may close at the same time.
    const wasOpen = this.open
    this.#core.close(code, reason)
    if (!wasOpen) return
    this.#sent()
    this.#setTimer(CLOSE_TIMEOUT)
  }

  /** Ends the stream at once. RFC 8441 §5: a reset is RST_STREAM with CANCEL. */
  terminate(): void {
    if (this.#gone) return
    this.#stream.reset(ErrorCode.CANCEL)
    this.#lost(undefined)
  }

  #receive(data: Uint8Array, endStream: boolean): void {
    const core = this.#core
    this.#receiving = true
    if (data.length > 0) core.receive(data)
    if (endStream) {
      this.#peerEnded = true
      core.receiveEnd()
    }
    this.#drainEvents()
    this.#receiving = false
    this.#flush()
    // Credit is what RFC 9113 §5.2.2 gives against it: a peer that sends and doesn't read would fill our memory with the answers: then its own sending must wait.
    if (this.#full && !this.#paused && !this.#ended) {
      this.#paused = true
      this.#stream.pause()
    }
  }

  #drainEvents(): void {
    const core = this.#core
    const owner = this.#owner
    for (let event = core.nextEvent(); event !== undefined; event = core.nextEvent()) {
      if (event.type !== 'MessageReceived') this.#controlEvent(event)
      else if (!this.#gone) owner.messageReceived(event.text, event.data)
    }
  }

  #controlEvent(event: WebSocketEvent): void {
    if (event.type === 'CloseReceived') this.#owner.closeReceived()
    if (event.type !== 'Closed') return
    const reason = event.reason.length === 0 ? '' : this.#platform.decodeText(event.reason)
    this.#owner.linkClosed(event.code, reason, event.wasClean, event.error ?? this.#streamError)
  }

  #sent(): boolean {
    if (this.#core.pendingOutput >= FLUSH_AT) {
      this.#flush()
    } else if (!this.#receiving && !this.#flushScheduled) {
      this.#flushScheduled = true
      queueMicrotask(this.#scheduledFlush)
    }
    return !this.#congested
  }

  /** Hands output on; after the last of it, ends the stream. */
  #flush(): void {
    // The stream is open to others too: who ended it below the WebSocket has ended the WebSocket.
    if (this.#gone || this.#stream.outputEnded) return
    const core = this.#core
    const closed = core.state === 'closed'
    if (core.pendingOutput > 0 && (!this.#congested || closed)) {
      for (const chunk of core.takeOutput()) if (!this.#stream.write(chunk)) this.#congested = true
    }
    if (closed && !this.#receiving) this.#end()
  }

  /**
   * RFC 8441 §5: orderly closure is END_STREAM, never a reset after a clean close. A peer that doesn't end its side
   * would hold a stream for ever, so after a while it is cancelled quietly.
   */
  #end(): void {
    this.#ended = true
    this.#stream.end()
    if (this.#paused) this.#stream.resume()
    if (!this.#peerEnded && !this.#gone) this.#setTimer(END_TIMEOUT)
  }

  #drained(): void {
    this.#congested = false
    this.#flush()
    this.#readOn()
    if (!this.#congested && this.open) this.#owner.linkDrained()
  }

  get #full(): boolean {
    return this.bufferedBytes + this.#keptBack >= PAUSE_READING_AT
  }

  #readOn(): void {
    if (!this.#paused || this.#gone || this.#full) return
    this.#paused = false
    this.#stream.resume()
  }

  /** The stream was reset, by whichever side. After a clean close that is no news: Firefox does so every time. */
  #lost(error: Error | undefined): void {
    if (this.#gone) return
    this.#gone = true
    this.#streamError = error
    this.#clearTimer()
    this.#core.receiveEnd()
    // Inside of a callback the loop that called it tells of the end.
    if (!this.#receiving) this.#drainEvents()
  }

  #setTimer(milliseconds: number): void {
    this.#clearTimer()
    this.#timer = this.#platform.setTimer(() => {
      this.#timer = undefined
      this.terminate()
    }, milliseconds)
  }

  #clearTimer(): void {
    if (this.#timer === undefined) return
    this.#platform.clearTimer(this.#timer)
    this.#timer = undefined
  }
}
