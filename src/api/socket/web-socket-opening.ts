import { ErrorCode } from '../../errors/index.ts'
import type { Platform } from '../../platform/index.ts'
import type { WebSocketConnection } from '../../websocket/index.ts'
import type { Tunnel } from '../exchange.ts'
import type { LinkSettings } from './socket-options.ts'

/** What a handshake has led to, on either side. */
export interface AcceptedSocket {
  readonly core: WebSocketConnection
  /** From `socketSettings`. */
  readonly link: LinkSettings
  /** The subprotocol in use; empty without one. */
  readonly protocol: string
  /** As `sec-websocket-extensions` has them; empty without any. */
  readonly extensions: string
}

/** What an open socket is made from, once its handshake is done. */
export interface WebSocketInit extends AcceptedSocket {
  readonly stream: Tunnel
  readonly platform: Platform
  /** With the scheme `ws` or `wss`. */
  readonly url: string
  /** Hears what a listener threw; must not throw. */
  readonly report: (error: unknown) => void
}

/** What a socket is made from whose handshake is still to come. */
export interface WebSocketOpening extends Pick<WebSocketInit, 'platform' | 'url' | 'report'> {
  /**
   * Runs the handshake. It calls `accept` as soon as that is done, before a byte of the tunnel is delivered, and resolves;
   * or it rejects, and the socket ends with that error. `signal` gives the handshake up.
   */
  open(accept: (init: WebSocketInit) => void, signal: AbortSignal): Promise<unknown>
}

/** A handshake on its way, for a socket that is there already. It ends once: `accepted`, or `failed`. */
export class PendingHandshake {
  readonly #controller = new AbortController()
  readonly #failed: (error: Error) => void
  #settled = false

  /** Begins in a microtask, so that the socket is constructed by then, whatever the opener does at once. */
  constructor(opening: WebSocketOpening, accepted: (init: WebSocketInit) => void, failed: (error: Error) => void) {
    this.#failed = failed
    const accept = (init: WebSocketInit): void => {
      // Given up in the meantime, whether or not the opener has heard: nobody wants this stream. RFC 8441 §5.
      if (this.#settled) init.stream.reset(ErrorCode.CANCEL)
      else {
        this.#settled = true
        accepted(init)
      }
    }
    Promise.resolve()
      .then(() => opening.open(accept, this.#controller.signal))
      .catch((error: unknown) => this.giveUp(error))
  }

  /** WebSockets Standard §3.1, "fail the WebSocket connection": the handshake ends without a socket. */
  giveUp(error: unknown): void {
    if (this.#settled) return
    this.#settled = true
    this.#controller.abort(error)
    this.#failed(error instanceof Error ? error : new Error(String(error)))
  }
}
