import { UsageError } from '../errors/index.ts'
import { CloseCode, isCloseCodeOnWire } from './close-code.ts'
import { MAX_CLOSE_REASON, readClose, writeClose } from './close-frame.ts'
import { type Compression, createCompression, NEVER } from './deflate-setup.ts'
import type { WebSocketEvent } from './events.ts'
import { MAX_CONTROL_PAYLOAD, RSV1 } from './frame-header.ts'
import { type ControlFrame, FrameReader } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'
import { resolveLimits, type WebSocketLimits } from './limits.ts'
import { MaskKeys } from './mask-keys.ts'
import { Opcode } from './opcode.ts'
import type { SendOptions, WebSocketOptions, WebSocketState } from './options.ts'
import { isUtf8 } from './utf8-validator.ts'
import { WebSocketError } from './websocket-error.ts'

const empty = new Uint8Array(0)
/** What has no list of its own has this one, and nobody writes into it. */
const NO_EVENTS: (WebSocketEvent | undefined)[] = []

/**
 * Bytes of messages that are read ahead of who drains the events: what a chunk says beyond them is read when they are
 * drained. Not for the bytes of the chunk, but for compressed messages, which can be a thousand times as long.
 */
const READ_AHEAD = 1024 * 1024

/** The longest text that an encoder writes where the frame is. */
const ENCODED_IN_PLACE = 512
/** Below this many characters a loop is faster than the runtime's encoder: 1.8 ns for each, measured, against 90 for all. */
const WORTH_AN_ENCODER = 48

/**
 * One WebSocket after its opening handshake: bytes in, events out, and back. RFC 6455 §5-§7.
 *
 * It does no I/O: give what arrives to `receive` and `receiveEnd`, drain `nextEvent`, and write what `takeOutput` hands
 * over whenever `pendingOutput` is above 0. When `state` is `closed` and the output is written, end the byte stream.
 *
 * @example
 * const socket = new WebSocketConnection({ role: 'server' })
 * socket.receive(chunk)
 * for (let event = socket.nextEvent(); event !== undefined; event = socket.nextEvent()) {
 *   if (event.type === 'MessageReceived') socket.sendBinary(event.data)
 * }
 * for (const bytes of socket.takeOutput()) write(bytes)
 */
export class WebSocketConnection {
  readonly #limits: WebSocketLimits
  /** A client's; a server masks nothing. */
  readonly #keys: MaskKeys | undefined
  readonly #compression: Compression | undefined
  /** Made for the first bytes that come, and the first that go: who has said nothing yet needs neither. */
  #reader: FrameReader | undefined = undefined
  #writer: FrameWriter | undefined = undefined
  #state: WebSocketState = 'open'
  /** The oldest event not yet drained: most of the time the only one. */
  #oldest: WebSocketEvent | undefined
  /** Those behind it, from `#nextEvent` on. */
  #events = NO_EVENTS
  #nextEvent = 0

  /** @throws UsageError for a client without `random`, or a limit or an option out of range. */
  constructor(options: WebSocketOptions) {
    const { role, random, deflate } = options
    if (role === 'client' && random === undefined) {
      throw new UsageError('a client needs a source of random bytes for its masking keys', 'RFC 6455 §5.3')
    }
    this.#limits = resolveLimits(options.limits)
    this.#keys = role === 'client' && random !== undefined ? new MaskKeys(random) : undefined
    this.#compression = deflate && createCompression(role, deflate, this.#limits.maxMessageSize)
  }

  get state(): WebSocketState {
    return this.#state
  }

  /** Whether more than `count` events wait to be drained, or may. */
  hasMoreThan(count: number): boolean {
    // A chunk with much in it is read as its events are drained: see READ_AHEAD.
    return (
      this.#reader?.unread === true || (this.#oldest !== undefined && 1 + this.#events.length - this.#nextEvent > count)
    )
  }

  /** Bytes that wait to be taken. */
  get pendingOutput(): number {
    return this.#writer === undefined ? 0 : this.#writer.pending
  }

  /** How many messages `sendText`, `sendTextString` and `sendBinary` have queued since the beginning. */
  get messagesQueued(): number {
    return this.#writer === undefined ? 0 : this.#writer.messages
  }

  /** Bytes of their payload, as they were before compression. */
  get payloadQueued(): number {
    return this.#writer === undefined ? 0 : this.#writer.payload
  }

  /** How many of them, the oldest, `takeOutput` has handed over whole. The others have never left. */
  get messagesTaken(): number {
    return this.#writer === undefined ? 0 : this.#writer.messagesTaken
  }

  /**
   * Takes bytes from the peer, cut anywhere, and queues what they say as events. The chunk belongs to the library from
   * now on: it is unmasked in place, and messages may be views of it. Bytes after the end are ignored (RFC 6455 §1.4).
   *
   * A Close, or a fault, takes effect when the events before it are drained: until then `state` is what it was, so that
   * a message which came in one chunk with the Close behind it can still be answered (RFC 6455 §5.5.1).
   */
  receive(chunk: Uint8Array): void {
    this.#read(Number.POSITIVE_INFINITY)
    if (this.#state === 'closed' || this.#reader?.last !== undefined) return
    this.#reader ??= new FrameReader(this.#keys === undefined, this.#limits, this.#compression?.inflater)
    this.#reader.push(chunk)
    this.#read(READ_AHEAD)
    if (this.#oldest === undefined) this.#receiveLast()
  }

  /** The peer's bytes have ended. Without its Close that is an abnormal closure, 1006. RFC 6455 §7.1.5. */
  receiveEnd(): void {
    this.#read(Number.POSITIVE_INFINITY)
    this.#receiveLast()
    if (this.#state === 'closed') return
    this.#end(CloseCode.ABNORMAL_CLOSURE, empty, false, undefined)
  }

  /** The oldest event not yet drained. */
  nextEvent(): WebSocketEvent | undefined {
    if (this.#oldest === undefined) {
      this.#read(READ_AHEAD)
      if (this.#oldest === undefined) this.#receiveLast()
    }
    const event = this.#oldest
    // Drained events are let go at once, so that a message can be collected while those behind it wait.
    this.#oldest = this.#events[this.#nextEvent]
    if (this.#oldest !== undefined) {
      this.#events[this.#nextEvent++] = undefined
    } else if (event !== undefined) {
      this.#events = NO_EVENTS
      this.#nextEvent = 0
      if (this.#reader !== undefined) this.#reader.untaken = 0
    }
    return event
  }

  /** Whether a message of so many bytes is copied when it is queued; any other belongs to the library until it is written. */
  copies(length: number): boolean {
    return this.#output.copies(length)
  }

  /**
   * Queues a text message. `utf8` is not checked; invalid text makes the peer fail the connection with 1007. A server's
   * payload of more than 512 bytes is not copied: it belongs to the library until it is written.
   * @throws UsageError when the socket is not open.
   */
  sendText(utf8: Uint8Array, options?: SendOptions): void {
    this.#sendMessage(Opcode.TEXT, utf8, options)
  }

  /**
   * Queues a text message if `text` is all ASCII, and returns true; otherwise does nothing and returns false: encode it
   * and call `sendText`. Meant for short texts, where memory for the bytes costs more than the frame; what is long enough
   * to be compressed is left to `sendText` too.
   *
   * With `encodeInto` other text of up to 512 characters is taken as well: it must write the UTF-8 of its first argument
   * to the beginning of its second, which has room for three bytes a character, and return how many bytes that were.
   * @throws UsageError when the socket is not open.
   */
  sendTextString(text: string, encodeInto?: (text: string, bytes: Uint8Array) => number): boolean {
    this.#needOpen()
    const { length } = text
    const threshold = this.#compression === undefined ? NEVER : this.#compression.threshold
    if (length >= threshold) return false
    const writer = this.#output
    // What is encoded in place can't be compressed any more, so it must be sure that it need not be.
    const encode = length <= ENCODED_IN_PLACE && 3 * length < threshold ? encodeInto : undefined
    if (encode === undefined || length < WORTH_AN_ENCODER) {
      if (writer.asciiFrame(text)) {
        writer.messageQueued(length)
        return true
      }
      if (encode === undefined) return false
    }
    writer.messageQueued(writer.encodedFrame(text, encode))
    return true
  }

  /** Queues a binary message; for the bytes see `sendText`. @throws UsageError when the socket is not open. */
  sendBinary(data: Uint8Array, options?: SendOptions): void {
    this.#sendMessage(Opcode.BINARY, data, options)
  }

  /** Queues a Ping. RFC 6455 §5.5.2. @throws UsageError for more than 125 bytes, or when the socket is not open. */
  sendPing(data: Uint8Array = empty): void {
    this.#sendControl(Opcode.PING, data)
  }

  /** Queues a Pong nobody asked for. RFC 6455 §5.5.3. @throws UsageError like `sendPing`. */
  sendPong(data: Uint8Array = empty): void {
    this.#sendControl(Opcode.PONG, data)
  }

  /**
   * Starts the closing handshake; on a socket that is not open any more it does nothing. RFC 6455 §7.1.2.
   * `reason` is UTF-8 of at most 123 bytes, and needs a code.
   * @throws UsageError for a code that no Close frame may carry (RFC 6455 §7.4), or a reason that is none.
   */
  close(code?: number, reason: Uint8Array = empty): void {
    if (code !== undefined && !(Number.isInteger(code) && isCloseCodeOnWire(code))) {
      throw new UsageError(`${code} is not a close code that may be sent`, 'RFC 6455 §7.4')
    }
    if (code === undefined && reason.length > 0) throw new UsageError('a close reason needs a code', 'RFC 6455 §5.5.1')
    if (reason.length > MAX_CLOSE_REASON) throw new UsageError('a close reason of more than 123 bytes', 'RFC 6455 §5.5')
    if (!isUtf8(reason)) throw new UsageError('a close reason that is not UTF-8', 'RFC 6455 §7.1.6')
    if (this.#state !== 'open') return
    this.#sendClose(code, reason)
    this.#state = 'closing'
  }

  /** Everything to be written, in order; an empty list when there is nothing. Don't change the bytes. */
  takeOutput(): Uint8Array[] {
    return this.#writer === undefined ? [] : this.#writer.take()
  }

  #sendMessage(opcode: number, data: Uint8Array, options: SendOptions | undefined): void {
    this.#needOpen()
    const compression = this.#compression
    const compresses = compression !== undefined && data.length >= compression.threshold && options?.compress !== false
    const compressed = compresses ? compression.deflater?.deflate(data) : undefined
    const writer = this.#output
    if (compressed === undefined) writer.frame(opcode, data)
    // RFC 7692 §6.1: the message goes out as one frame, so the first one, which has RSV1, is the only one.
    else writer.frame(opcode | RSV1, compressed)
    writer.messageQueued(data.length)
  }

  get #output(): FrameWriter {
    this.#writer ??= new FrameWriter(this.#keys)
    return this.#writer
  }

  #needOpen(): void {
    // RFC 6455 §5.5.1: no data frames after a Close.
    if (this.#state !== 'open') throw new UsageError(`the WebSocket is ${this.#state}`, 'RFC 6455 §5.5.1')
  }

  #sendControl(opcode: number, data: Uint8Array): void {
    if (data.length > MAX_CONTROL_PAYLOAD)
      throw new UsageError('more than 125 bytes in a control frame', 'RFC 6455 §5.5')
    this.#needOpen()
    this.#output.frame(opcode, data)
  }

  #sendClose(code: number | undefined, reason: Uint8Array): void {
    this.#writer?.flushPong()
    this.#output.frame(Opcode.CLOSE, writeClose(code, reason))
  }

  /** Queues what the chunk says, until the messages that are not drained have `enough` bytes. */
  #read(enough: number): void {
    const reader = this.#reader
    if (reader === undefined) return
    while (reader.unread && reader.untaken < enough) {
      const found = reader.next()
      if (found === undefined || found instanceof WebSocketError) {
        reader.finish(found)
      } else if (found.type === 'MessageReceived') {
        reader.untaken += found.data.length
        this.#queue(found)
      } else if (found.opcode === Opcode.CLOSE) {
        reader.finish(found)
      } else {
        this.#receivePing(found)
      }
    }
  }

  #queue(event: WebSocketEvent): void {
    if (this.#oldest === undefined) this.#oldest = event
    else if (this.#events === NO_EVENTS) this.#events = [event]
    else this.#events.push(event)
  }

  #receivePing({ opcode, data }: ControlFrame): void {
    if (opcode === Opcode.PONG) {
      this.#queue({ type: 'PongReceived', data })
      return
    }
    // RFC 6455 §5.5.2: answered until the peer's Close has come, so also after ours: a Pong is not a data frame.
    this.#output.pong(data)
    this.#queue({ type: 'PingReceived', data })
  }

  /** Lets the Close or the fault that waits take effect. */
  #receiveLast(): void {
    const reader = this.#reader
    const last = reader?.last
    if (reader === undefined || last === undefined) return
    reader.last = undefined
    if (last instanceof WebSocketError) this.#fail(last)
    else this.#receiveClose(last.data)
  }

  #receiveClose(payload: Uint8Array): void {
    const close = readClose(payload)
    if (close instanceof WebSocketError) {
      this.#fail(close)
      return
    }
    const { code, reason } = close
    this.#queue({ type: 'CloseReceived', code, reason })
    // RFC 6455 §5.5.1: answered with the same code, unless this is itself the answer to ours. On the reason the RFC is
    // silent; we echo it too, since it is what the page that closed finds in its `close` event.
    if (this.#state === 'open') this.#sendClose(code === CloseCode.NO_STATUS_RCVD ? undefined : code, reason)
    this.#end(code, reason, true, undefined)
  }

  /** RFC 6455 §7.1.7: says why in a Close frame, if none has been sent, and reads no more. */
  #fail(error: WebSocketError): void {
    if (this.#state === 'open') this.#sendClose(error.code, empty)
    this.#end(CloseCode.ABNORMAL_CLOSURE, empty, false, error)
  }

  #end(code: number, reason: Uint8Array, wasClean: boolean, error: WebSocketError | undefined): void {
    this.#state = 'closed'
    this.#compression?.inflater.release()
    this.#compression?.deflater?.release()
    this.#queue({ type: 'Closed', code, reason, wasClean, error })
  }
}
