import type { ConnectionError } from '../errors/index.ts'
import { disposeByClose } from '../session/async-dispose.ts'
import type { ClientSession, ClientStream, CloseOptions, PeerSettings, SignalOptions } from '../session/index.ts'
import { fetchOver } from './fetch/fetch-over.ts'
import type { FetchInit } from './fetch/outgoing-request.ts'
import type { HandledWebSocket } from './socket/handled-web-socket.ts'
import { openHandledWebSocket } from './socket/open-handled-web-socket.ts'
import { openWebSocket } from './socket/open-web-socket.ts'
import { openWebSocketStream } from './socket/open-web-socket-stream.ts'
import type { WebSocket } from './socket/web-socket.ts'
import type { ClientWebSocketHandler } from './socket/web-socket-handler.ts'
import type { OpenWebSocketOptions } from './socket/web-socket-offer.ts'
import type { WebSocketStream } from './socket/web-socket-stream.ts'
import { openTunnel, type TunnelOptions } from './tunnel/open-tunnel.ts'

/** One HTTP/2 connection to one origin, as each runtime's `connect` opens it: fetch, WebSockets and tunnels side by side. */
export class OriginSession {
  /** The layer below: streams, field by field. */
  readonly session: ClientSession
  /** For example `https://localhost:8443`. */
  readonly origin: string
  declare readonly [Symbol.asyncDispose]: () => Promise<void>

  constructor(session: ClientSession, origin: string) {
    // Not in a static block: bundles keep a class that has one, with all that it uses, even where nobody uses the class.
    disposeByClose(OriginSession.prototype)
    this.session = session
    this.origin = origin
  }

  /** Resolves when the connection is closed, however it came to that; never rejects. */
  get closed(): Promise<void> {
    return this.session.closed
  }

  /** What ended the connection, if it didn't end regularly. */
  get error(): ConnectionError | Error | undefined {
    return this.session.error
  }

  get state(): 'open' | 'draining' | 'closed' {
    return this.session.state
  }

  get peerSettings(): PeerSettings {
    return this.session.peerSettings
  }

  /**
   * The Fetch Standard's `fetch` over this connection; a relative URL is taken against the origin.
   *
   * @example
   * const response = await session.fetch('/')
   */
  fetch(input: string | URL | Request, init?: FetchInit): Promise<Response> {
    return fetchOver(this.session, this.origin, input, init)
  }

  /**
   * Opens a WebSocket on a stream of this connection (RFC 8441), resolved when it stands. Rejects with a HandshakeError
   * whose `reason` says what stood in the way.
   */
  webSocket(path: string, options?: OpenWebSocketOptions): Promise<WebSocket> {
    return openWebSocket(this.session, this.origin, path, options)
  }

  /**
   * The same with a handler object, as a server has one: less for each message than the events of `webSocket` cost.
   *
   * @example
   * const socket = await session.handleWebSocket('/chat', { message: (_, data) => console.log(data) })
   */
  handleWebSocket(path: string, handler: ClientWebSocketHandler): Promise<HandledWebSocket> {
    return openHandledWebSocket(this.session, this.origin, path, handler)
  }

  /** The same as a pair of streams with backpressure both ways. */
  webSocketStream(path: string, options?: OpenWebSocketOptions): Promise<WebSocketStream> {
    return openWebSocketStream(this.session, this.origin, path, options)
  }

  /**
   * Opens a tunnel, resolved when the server accepted it: for any other `:protocol` (RFC 8441 §4), or, without one, through
   * the server to the host and port in `authority` (RFC 9113 §8.5). `tunnelStreams` makes Web Streams of it.
   */
  connect(options: TunnelOptions): Promise<ClientStream> {
    if (options.protocol === undefined) return openTunnel(this.session, options)
    return openTunnel(this.session, { authority: new URL(this.origin).host, scheme: this.#scheme, ...options })
  }

  /** Measures the round trip in milliseconds. */
  ping(options?: SignalOptions): Promise<number> {
    return this.session.ping(options)
  }

  /** Ends the connection gracefully; what is in flight gets `drain` milliseconds. */
  close(options?: CloseOptions): Promise<void> {
    return this.session.close(options)
  }

  get #scheme(): 'http' | 'https' {
    return this.origin.startsWith('https:') ? 'https' : 'http'
  }
}
