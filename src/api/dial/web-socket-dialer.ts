import { UsageError } from '../../errors/index.ts'
import type { CloseOptions } from '../../session/index.ts'
import { WebSocket } from '../socket/web-socket.ts'
import { type WebSocketOffer, webSocketOffer } from '../socket/web-socket-offer.ts'
import type { WebSocketInit, WebSocketOpening } from '../socket/web-socket-opening.ts'
import { parseSubprotocols, parseWebSocketUrl } from '../socket/web-socket-url.ts'
import { checkTime } from '../tunnel/extended-connect.ts'
import type { Connector } from './connector.ts'
import { Dial } from './dial.ts'
import type { DialerOptions, DialOptions } from './dial-options.ts'
import { OriginMemory } from './origin-memory.ts'
import { SessionPool } from './session-pool.ts'
import { Turns } from './turns.ts'

const IDLE_TIMEOUT = 30_000
const MEMORY_AGE = 300_000
const MEMORY_SIZE = 1000

/** What the dials of one dialer share. */
export interface DialShared<O> {
  readonly connector: Connector<O>
  readonly options: DialerOptions
  readonly pool: SessionPool
  readonly memory: OriginMemory
  /** Of the handshakes over HTTP/1.1, by host and port. */
  readonly turns: Turns
}

/**
 * Opens WebSockets by URL, and finds the way itself: on an HTTP/2 connection that is there, on a new one, or by the
 * Upgrade of HTTP/1.1. RFC 8441, RFC 6455. What leads where is in docs/fallback.md. `connector` is what differs between
 * runtimes, and `O` its options beside ours.
 */
export class WebSocketDialer<O extends DialOptions = DialOptions> {
  readonly #shared: DialShared<O>

  constructor(connector: Connector<O>, options: DialerOptions) {
    const { platform, idleTimeout = IDLE_TIMEOUT, memoryAge = MEMORY_AGE, memorySize = MEMORY_SIZE } = options
    const pool = new SessionPool(options, idleTimeout)
    const memory = new OriginMemory(() => platform.now(), memoryAge, memorySize)
    this.#shared = { connector, options, pool, memory, turns: new Turns() }
  }

  /**
   * Resolves with an open socket, or rejects with a HandshakeError whose `attempts` says what was tried and what came
   * back. `url` has the scheme ws, wss, http or https.
   *
   * @throws DOMException `SyntaxError`, as a rejection, for a URL or subprotocol that a WebSocket can't have.
   * @throws UsageError, as a rejection, for a header that a handshake can't have, or an option that isn't one.
   */
  async dial(url: string | URL, options: O): Promise<WebSocket> {
    const { target, offer } = this.#prepare(url, options)
    return new Dial(this.#shared, target, offer, options, (init) => new WebSocket(init)).run()
  }

  /**
   * The same for a `WebSocket` that is there already, in the state CONNECTING.
   * @throws DOMException, UsageError like `dial`, at once.
   */
  opening(url: string | URL, options: O): WebSocketOpening {
    const { target, offer } = this.#prepare(url, options)
    const { platform, onError } = this.#shared.options
    return {
      platform,
      url: target.href,
      report: (error) => onError?.(error),
      open: (accept: (init: WebSocketInit) => void, signal: AbortSignal) =>
        new Dial(this.#shared, target, offer, options, accept, signal).run(),
    }
  }

  /**
   * Closes the HTTP/2 connections that are there, and forgets what was learnt. Sockets on them get `drain` milliseconds
   * to end; those over HTTP/1.1 stand by themselves. The dialer may be used on.
   */
  async close(options?: CloseOptions): Promise<void> {
    this.#shared.memory.clear()
    await this.#shared.pool.close(options)
  }

  #prepare(url: string | URL, options: O): { readonly target: URL; readonly offer: WebSocketOffer } {
    const target = parseWebSocketUrl(url)
    checkTime('settingsTimeout', options.settingsTimeout)
    checkChoice(options.http2)
    const protocols = parseSubprotocols(options.protocols ?? [])
    const { platform } = this.#shared.options
    return { target, offer: webSocketOffer(platform, target.origin, target.href, { ...options, protocols }) }
  }
}

const CHOICES: readonly unknown[] = ['auto', 'prior-knowledge', 'only', 'off', undefined]

function checkChoice(http2: unknown): void {
  if (CHOICES.includes(http2)) return
  throw new UsageError(`http2 must be auto, prior-knowledge, only or off, not ${String(http2)}`)
}
