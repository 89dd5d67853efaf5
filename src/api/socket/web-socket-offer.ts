import { UsageError } from '../../errors/index.ts'
import type { FieldInput } from '../../hpack/index.ts'
import type { Platform } from '../../platform/index.ts'
import {
  type DeflateOffer,
  HandshakeFault,
  type HandshakeField,
  offerDeflate,
  WebSocketConnection,
  type WebSocketOptions,
  type WebSocketRequestOptions,
  type WebSocketResponse,
  webSocketRequestFields,
} from '../../websocket/index.ts'
import type { Tunnel } from '../exchange.ts'
import { HandshakeError } from '../handshake-error.ts'
import { appendHeaders } from '../header-fields.ts'
import { checkTime, type HandshakeOptions } from '../tunnel/extended-connect.ts'
import { type SocketOptions, type SocketSettings, socketSettings } from './socket-options.ts'
import type { WebSocketInit } from './web-socket-opening.ts'
import { webSocketUrl } from './web-socket-url.ts'

export interface OpenWebSocketOptions extends HandshakeOptions, SocketOptions {
  /** Subprotocols, the preferred first. The server must choose one of them, as in the WHATWG standard. */
  readonly protocols?: string | readonly string[] | undefined
  /** More fields of the request: `origin`, `cookie`, `authorization`. None that begins with `sec-websocket-`. */
  readonly headers?: ConstructorParameters<typeof Headers>[0]
}

/** What the opening handshake asks for, in HTTP/2 and HTTP/1.1 alike. RFC 6455 §4.1, RFC 8441 §5. */
export interface WebSocketOffer {
  readonly request: WebSocketRequestOptions & { readonly protocols: readonly string[] }
  /** The same as a field section of HTTP/2. */
  readonly fields: readonly HandshakeField[]
  readonly deflate: DeflateOffer | undefined
  readonly settings: SocketSettings
  /** What the core of the socket is made with. */
  readonly coreOptions: WebSocketOptions
  readonly platform: Platform
  /** The URL of the socket, `ws` or `wss`. */
  readonly url: string
}

/**
 * The offer for `path`, which may be relative to `origin`; both may have the scheme http, https, ws or wss. It may be
 * made any number of times, and everything that a caller can get wrong in it is found here, before anything is sent.
 * @throws UsageError for a path to elsewhere, a subprotocol or header that a handshake can't have, a limit out of range.
 */
export function webSocketOffer(
  platform: Platform,
  origin: string,
  path: string,
  options: OpenWebSocketOptions,
): WebSocketOffer {
  const base = new URL(origin)
  const url = new URL(path, base)
  // WebSockets Standard §3.1: ws and http, wss and https are the same.
  for (const one of [base, url]) if (one.protocol.startsWith('ws')) one.protocol = one.protocol.replace('ws', 'http')
  if (url.origin !== base.origin) throw new UsageError(`this connection reaches ${base.origin}, not ${url.origin}`)

  const { protocols = [] } = options
  checkTime('timeout', options.timeout)
  const settings = socketSettings(options)
  const extra: FieldInput[] = []
  appendHeaders(extra, new Headers(options.headers))
  const backend = platform.deflate
  const deflate = settings.deflate && backend && offerDeflate(settings.deflate, backend)
  const request = {
    authority: url.host,
    scheme: url.protocol === 'https:' ? ('https' as const) : ('http' as const),
    path: url.pathname + url.search,
    protocols: typeof protocols === 'string' ? [protocols] : protocols,
    extra,
    ...(deflate === undefined ? {} : { extensions: deflate.value }),
  }
  const coreOptions: WebSocketOptions = {
    role: 'client',
    random: (bytes) => platform.fillRandom(bytes),
    limits: settings.limits,
  }
  const fields = webSocketRequestFields(request)
  return { request, fields, deflate, settings, coreOptions, platform, url: webSocketUrl(url) }
}

/**
 * What a socket is made from, once the server has answered `offer` with `answer`, and its bytes flow on `stream`.
 * @throws HandshakeError `protocol` when the answer doesn't fit the offer.
 */
export function acceptOffer(
  offer: WebSocketOffer,
  answer: WebSocketResponse | HandshakeFault,
  status: number,
  fields: readonly HandshakeField[],
  stream: Tunnel,
  report: (error: unknown) => void,
): WebSocketInit {
  if (answer instanceof HandshakeFault) {
    throw new HandshakeError('protocol', `${answer.reason} (${answer.section})`, { status })
  }
  // WebSockets Standard §2: who asked for subprotocols gets one of them or no connection.
  if (offer.request.protocols.length > 0 && answer.protocol === '') {
    throw new HandshakeError('protocol', 'the server chose none of the subprotocols', { status })
  }
  const { platform, settings, url } = offer
  const { protocol } = answer
  const core = new WebSocketConnection({ ...offer.coreOptions, ...agreedDeflate(offer, answer) })
  const extensions = fields.filter(({ name }) => name === 'sec-websocket-extensions').map(({ value }) => value)
  const { link } = settings
  return { stream, core, platform, url, protocol, extensions: extensions.join(', '), link, report }
}

function agreedDeflate(offer: WebSocketOffer, { deflate }: WebSocketResponse): Pick<WebSocketOptions, 'deflate'> {
  const { deflate: backend } = offer.platform
  if (deflate === undefined || backend === undefined) return {}
  return { deflate: { ...offer.settings.deflate, backend, parameters: deflate } }
}
