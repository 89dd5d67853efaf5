import { UsageError } from '../errors/index.ts'
import type { FieldInput } from '../hpack/index.ts'
import type { ClientSession } from '../session/index.ts'
import {
  HandshakeFault,
  readWebSocketResponse,
  WebSocketConnection,
  webSocketRequestFields,
} from '../websocket/index.ts'
import { extendedConnect, type HandshakeOptions } from './extended-connect.ts'
import { HandshakeError } from './handshake-error.ts'
import { appendHeaders } from './header-fields.ts'
import { WebSocket } from './web-socket.ts'
import { webSocketUrl } from './web-socket-url.ts'

export interface OpenWebSocketOptions extends HandshakeOptions {
  /** Subprotocols, the preferred first. The server must choose one of them, as in the WHATWG standard. */
  readonly protocols?: string | readonly string[] | undefined
  /** More fields of the request: `origin`, `cookie`, `authorization`. None that begins with `sec-websocket-`. */
  readonly headers?: ConstructorParameters<typeof Headers>[0]
  /** Bytes in one received message, 16 MiB when absent; a larger one closes the socket with 1009. */
  readonly maxMessageSize?: number | undefined
}

/**
 * Opens a WebSocket on a stream of `session`, once the server's SETTINGS allow it, and resolves with it open.
 * RFC 8441 §5. `path` may be relative to `origin`, which may have the scheme http, https, ws or wss.
 *
 * Rejects with a HandshakeError; see its `reason`.
 * @throws UsageError, as a rejection, for a path, subprotocol or header that a handshake can't have.
 *
 * @example
 * const socket = await openWebSocket(session, 'https://localhost:8443', '/chat', { protocols: ['chat'] })
 */
export async function openWebSocket(
  session: ClientSession,
  origin: string,
  path: string,
  options: OpenWebSocketOptions = {},
): Promise<WebSocket> {
  const base = new URL(origin)
  const url = new URL(path, base)
  // WebSockets Standard §3.1: ws and http, wss and https are the same.
  for (const one of [base, url]) if (one.protocol.startsWith('ws')) one.protocol = one.protocol.replace('ws', 'http')
  if (url.origin !== base.origin) throw new UsageError(`this connection reaches ${base.origin}, not ${url.origin}`)

  const { protocols = [], maxMessageSize } = options
  const offered = typeof protocols === 'string' ? [protocols] : protocols
  const extra: FieldInput[] = []
  appendHeaders(extra, new Headers(options.headers))
  const fields = webSocketRequestFields({
    authority: url.host,
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    path: url.pathname + url.search,
    protocols: offered,
    extra,
  })
  const { platform } = session
  const limits = maxMessageSize === undefined ? {} : { maxMessageSize }
  const core = new WebSocketConnection({ role: 'client', random: (bytes) => platform.fillRandom(bytes), limits })

  return extendedConnect(session, fields, options, (stream, answer) => {
    const response = readWebSocketResponse(answer, offered)
    if (response instanceof HandshakeFault) {
      throw new HandshakeError('protocol', `${response.reason} (${response.section})`, { status: response.status })
    }
    // WebSockets Standard §2: who asked for subprotocols gets one of them or no connection.
    if (offered.length > 0 && response.protocol === '') {
      throw new HandshakeError('protocol', 'the server chose none of the subprotocols', { status: 200 })
    }
    const { protocol } = response
    const report = (error: unknown): void => session.reportError(error)
    return new WebSocket({ stream, core, platform, url: webSocketUrl(url), protocol, report })
  })
}
