import type { Platform } from '../../platform/index.ts'
import { type Deferred, deferred } from '../../session/promises.ts'
import { CloseCode } from '../../websocket/index.ts'
import { closeArgument } from './close-argument.ts'
import { endedWithoutClose, type WebSocketEnd } from './link-owner.ts'
import { MessageReader } from './message-reader.ts'
import { MessageWriter, type OutgoingMessage } from './message-writer.ts'
import { WebSocketLink } from './web-socket-link.ts'
import { PendingHandshake, type WebSocketInit, type WebSocketOpening } from './web-socket-opening.ts'

/** How a stream ends or is to end: with the code and reason of a Close. RFC 6455 §5.5.1. */
export interface WebSocketCloseInfo {
  /** 1000 or 3000-4999 to close with; anything of RFC 6455 §7.4 to have been closed with. */
  readonly closeCode?: number | undefined
  readonly reason?: string | undefined
}

/** What is there once the handshake is done. */
export interface WebSocketStreamConnection {
  /** Strings and `Uint8Array`s, one message each. */
  readonly readable: ReadableStream<string | Uint8Array>
  readonly writable: WritableStream<OutgoingMessage>
  readonly protocol: string
  readonly extensions: string
}

/** An open socket below the streams. */
interface Joined {
  readonly link: WebSocketLink
  readonly reader: MessageReader
  readonly writer: MessageWriter
}

/** What uses the socket threw: closes with 1011, RFC 6455 §7.4.1. Set once by the class below. */
export let streamUserThrew: (socket: WebSocketStream) => void

/**
 * A WebSocket as a pair of streams, for either side, with backpressure both ways: who stops reading stops the peer by the
 * credit of HTTP/2 (RFC 9113 §5.2), who writes may wait until there is room. The shape is that of the web's
 * `WebSocketStream`, with async iteration beside it. Streams are made when they are first asked for.
 *
 * The peer's Close is seen behind the messages before it, so who waits for `closed` reads, or cancels `readable`.
 *
 * @example
 * const socket = await openWebSocketStream(session, 'https://localhost:8443', '/chat')
 * const writer = (await socket.opened).writable.getWriter()
 * await writer.write('hello')
 * for await (const message of socket) console.log(message)
 * console.log(await socket.closed)
 */
export class WebSocketStream implements AsyncIterable<string | Uint8Array> {
  readonly url: string
  /** Rejects when the handshake fails. */
  readonly opened: Promise<WebSocketStreamConnection>
  /** Resolves after a clean close; rejects when the socket is lost without, or never opens. RFC 6455 §7.1.4. */
  readonly closed: Promise<Required<WebSocketCloseInfo>>
  /** As in the class: messages sent last that were not handed to the transport when the socket was lost. */
  unsentMessages = 0

  readonly #platform: Platform
  readonly #opened: Deferred<WebSocketStreamConnection> = deferred()
  readonly #closed: Deferred<Required<WebSocketCloseInfo>> = deferred()
  #handshake: PendingHandshake | undefined
  #joined: Joined | undefined
  #readable: ReadableStream<string | Uint8Array> | undefined
  #writable: WritableStream<OutgoingMessage> | undefined
  #writableController: WritableStreamDefaultController | undefined
  /** What the socket was lost by. */
  #failure: Error | undefined

  static {
    streamUserThrew = (socket) => socket.#joined?.link.close(CloseCode.INTERNAL_ERROR, new Uint8Array(0))
  }

  /** For those who open and accept sockets: of an open one, or of a handshake that begins now. */
  constructor(init: WebSocketInit | WebSocketOpening) {
    this.url = init.url
    this.opened = this.#opened.promise
    this.closed = this.#closed.promise
    this.#platform = init.platform
    if ('open' in init) {
      const failed = (error: Error): void => {
        this.#opened.reject(error)
        this.#closed.reject(error)
      }
      this.#handshake = new PendingHandshake(init, (open) => this.#join(open), failed)
    } else {
      this.#join(init)
    }
  }

  /** The HTTP/2 stream that carries this socket; undefined over HTTP/1.1. */
  get streamId(): number | undefined {
    return this.#joined?.link.streamId
  }

  /** Milliseconds to the peer and back, by the last Ping of `keepAlive` that was answered. */
  get roundTripTime(): number | undefined {
    return this.#joined?.link.roundTripTime
  }

  /**
   * Starts the closing handshake, after all that was written; a handshake still under way is given up. RFC 6455 §7.1.2.
   * @throws DOMException `InvalidAccessError` for a code other than 1000 and 3000-4999, `SyntaxError` for a reason of
   * more than 123 bytes of UTF-8.
   */
  close(info: WebSocketCloseInfo = {}): void {
    const { code, reason } = closeArgument(this.#platform, info.closeCode, info.reason)
    if (this.#joined !== undefined) this.#joined.link.close(code, reason)
    else this.#handshake?.giveUp(new DOMException('the WebSocket was closed before it was open', 'AbortError'))
  }

  /**
   * The messages, in place of `readable`. Leaving the loop early closes the socket.
   * @throws DOMException `InvalidStateError` before the socket is open.
   */
  [Symbol.asyncIterator](): AsyncIterator<string | Uint8Array> {
    if (this.#joined === undefined) throw new DOMException('the WebSocket is not open yet', 'InvalidStateError')
    return this.#joined.reader
  }

  #join(init: WebSocketInit): void {
    const { stream, core, platform, protocol, extensions = '' } = init
    const link = new WebSocketLink(stream, core, platform, init.link, {
      messageReceived: (text, data) => reader.take(text ? platform.decodeText(data) : data.slice()),
      closeReceived: () => undefined,
      goingAway: () => link.close(CloseCode.GOING_AWAY, new Uint8Array(0)),
      linkClosed: (end) => this.#linkClosed(end),
      linkDrained: () => writer.drained(),
    })
    const reader = new MessageReader(link, () => this.close())
    const writer = new MessageWriter(link, platform)
    const joined = { link, reader, writer }
    this.#joined = joined
    const readable = () => (this.#readable ??= this.#makeReadable(reader))
    const writable = () => (this.#writable ??= this.#makeWritable(joined))
    this.#opened.resolve({
      get readable() {
        return readable()
      },
      get writable() {
        return writable()
      },
      protocol,
      extensions,
    })
    link.start()
  }

  #makeReadable(reader: MessageReader): ReadableStream<string | Uint8Array> {
    return new ReadableStream<string | Uint8Array>(
      {
        pull: async (controller) => {
          const { done, value } = await reader.next()
          if (done === true) controller.close()
          else controller.enqueue(value)
        },
        cancel: async (reason) => {
          this.#closeFor(reason)
          await reader.return()
        },
      },
      { highWaterMark: 0 },
    )
  }

  #makeWritable({ link, writer }: Joined): WritableStream<OutgoingMessage> {
    return new WritableStream<OutgoingMessage>({
      start: (controller) => {
        this.#writableController = controller
        if (this.#failure !== undefined) controller.error(this.#failure)
      },
      write: (message) => writer.write(message),
      close: async () => {
        link.close(undefined, new Uint8Array(0))
        await this.closed
      },
      abort: (reason) => this.#closeFor(reason),
    })
  }

  /** A stream was given up; what it was given up with may say how to close. */
  #closeFor(reason: unknown): void {
    const info = reason as WebSocketCloseInfo | null | undefined
    this.close(info instanceof Object && 'closeCode' in info ? info : {})
  }

  #linkClosed({ code, reason, wasClean, error, unsentMessages }: WebSocketEnd): void {
    this.unsentMessages = unsentMessages
    const failure = wasClean ? undefined : (error ?? endedWithoutClose())
    this.#failure = failure
    this.#joined?.reader.end(failure)
    this.#joined?.writer.end(failure)
    if (failure === undefined) {
      // The writable is left as it is: it can be closed, as the end of a pipe does, and not be written to.
      this.#closed.resolve({ closeCode: code, reason })
    } else {
      this.#writableController?.error(failure)
      this.#closed.reject(failure)
    }
  }
}
