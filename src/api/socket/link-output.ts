import { CloseCode, type WebSocketConnection, WebSocketError } from '../../websocket/index.ts'
import type { Tunnel } from '../exchange.ts'
import { MessageLedger } from './message-ledger.ts'

/** The way out of a link, from its core to its stream, and the account of what has left. */
export class LinkOutput {
  /** The stream's queue is at its mark. */
  congested = false
  /** The stream was lost, and with it what it had queued. */
  lost = false
  /** What the owner is yet to send, in bytes. */
  keptBack = 0
  /** Made on the first use: who only answers what it is told never needs it. */
  scheduledFlush: (() => void) | undefined = undefined
  readonly #stream: Tunnel
  readonly #core: WebSocketConnection
  readonly #sendLimit: number
  /** Made with the first write. */
  #ledger: MessageLedger | undefined

  constructor(stream: Tunnel, core: WebSocketConnection, sendLimit: number) {
    this.#stream = stream
    this.#core = core
    this.#sendLimit = sendLimit
  }

  /** Bytes not yet handed to the transport, framing included; after the end, those that never were. */
  get bufferedBytes(): number {
    const stream = this.#stream
    return this.#core.pendingOutput + (this.lost ? stream.unsentBytes : stream.queuedBytes)
  }

  /** Bytes that were handed to the transport. */
  get handedOn(): number {
    return (this.#ledger?.written ?? 0) - this.#stream.queuedBytes
  }

  /** Messages that the stream has lost, and those it was never given. While it lives, all of them still leave. */
  get unsentMessages(): number {
    if (!this.lost) return 0
    const { messagesQueued, messagesTaken } = this.#core
    return messagesQueued - messagesTaken + (this.#ledger?.unsent(this.#stream.unsentBytes) ?? 0)
  }

  /** What the socket ends with when more waits than may. WebSockets Standard §3.1: one whose buffer is full fails. */
  overflow(): WebSocketError | undefined {
    if (this.bufferedBytes <= this.#sendLimit) return undefined
    const reason = `the peer does not take what is sent: more than ${this.#sendLimit} bytes wait`
    return new WebSocketError(CloseCode.TRY_AGAIN_LATER, reason, 'RFC 6455 §7.1.7')
  }

  /** Hands on what waits, unless the stream is full; the last of it in any case. */
  pass(last: boolean): void {
    const core = this.#core
    if (core.pendingOutput === 0 || (this.congested && !last)) return
    const stream = this.#stream
    const chunks = core.takeOutput()
    this.#ledger ??= new MessageLedger()
    this.#ledger.add(chunks, stream.queuedBytes)
    for (const chunk of chunks) if (!stream.write(chunk)) this.congested = true
  }
}
