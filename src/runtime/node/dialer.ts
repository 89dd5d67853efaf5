import {
  type DialerOptions,
  type DialOptions,
  type WebSocket,
  WebSocketDialer,
  type WebSocketOpening,
} from '../../api/index.ts'
import { disposeByClose } from '../../session/async-dispose.ts'
import type { CloseOptions } from '../../session/index.ts'
import { nodeConnector } from './node-connector.ts'
import type { NodeSocketOptions } from './open-socket.ts'
import { nodePlatform } from './platform.ts'

/** What one dial takes: how to open the WebSocket, and how to open the socket below it. */
export interface NodeDialOptions extends DialOptions, Omit<NodeSocketOptions, 'signal'> {}

/** What holds for all dials of a dialer: the options of its connections, and what each dial takes unless it says otherwise. */
export interface NodeDialerOptions extends Partial<DialerOptions> {
  readonly defaults?: NodeDialOptions | undefined
}

/**
 * Opens WebSockets by URL, with HTTP/2 connections and a memory of its own. `dial` and `new WebSocket` share one that is
 * always there. Connections without a socket are closed after a while, and don't keep the process alive.
 *
 * @example
 * const dialer = new Dialer({ defaults: { tls: { ca } } })
 * const socket = await dialer.dial('wss://localhost:8443/chat', { protocols: ['chat'] })
 * await dialer.close()
 */
export class Dialer {
  readonly #dialer: WebSocketDialer<NodeDialOptions>
  readonly #defaults: NodeDialOptions | undefined
  declare readonly [Symbol.asyncDispose]: () => Promise<void>

  static {
    disposeByClose(Dialer.prototype)
  }

  constructor(options: NodeDialerOptions = {}) {
    const { defaults, ...rest } = options
    this.#defaults = defaults
    this.#dialer = new WebSocketDialer<NodeDialOptions>(nodeConnector, {
      onError: warn,
      ...rest,
      platform: rest.platform ?? nodePlatform,
    })
  }

  /** Opens a WebSocket: see `dial`. */
  dial(url: string | URL, options?: NodeDialOptions): Promise<WebSocket> {
    return this.#dialer.dial(url, { ...this.#defaults, ...options })
  }

  /** What a `WebSocket` is constructed with that is to be dialed from here. */
  opening(url: string | URL, options?: NodeDialOptions): WebSocketOpening {
    return this.#dialer.opening(url, { ...this.#defaults, ...options })
  }

  /** Closes the HTTP/2 connections, sockets on them after `drain` milliseconds, and forgets what was learnt. */
  close(options?: CloseOptions): Promise<void> {
    return this.#dialer.close(options)
  }
}

/** The one that `dial` and `new WebSocket` use. */
export const sharedDialer: Dialer = new Dialer()

/**
 * Opens a WebSocket and finds the way itself: on an HTTP/2 connection to this origin that is open already, on a new one,
 * or by the Upgrade of HTTP/1.1. `url` has the scheme ws, wss, http or https. docs/fallback.md says what leads where.
 *
 * Rejects with a HandshakeError whose `attempts` says what was tried and what came back.
 * @throws DOMException `SyntaxError`, as a rejection, for a URL or subprotocol that a WebSocket can't have.
 * @throws UsageError, as a rejection, for a header that a handshake can't have, or a limit out of range.
 *
 * @example
 * const socket = await dial('wss://localhost:8443/chat', { protocols: ['chat'], tls: { ca } })
 * socket.onmessage = ({ data }) => console.log(data)
 */
export function dial(url: string | URL, options?: NodeDialOptions): Promise<WebSocket> {
  return sharedDialer.dial(url, options)
}

/** What a listener threw must not pass in silence. */
function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}
