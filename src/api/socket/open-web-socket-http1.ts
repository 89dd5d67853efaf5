import type { HashingPlatform, Platform } from '../../platform/index.ts'
import type { ByteTransport } from '../../transport/index.ts'
import {
  acceptKeyInput,
  base64Encode,
  HandshakeFault,
  readWebSocketUpgradeResponse,
  type UpgradeResponse,
  UpgradeResponseReader,
  webSocketUpgradeRequest,
} from '../../websocket/index.ts'
import { HandshakeError } from '../handshake-error.ts'
import { connectionFailed, HANDSHAKE_TIMEOUT, type HandshakeOptions } from '../tunnel/extended-connect.ts'
import { TransportTunnel } from '../tunnel/transport-tunnel.ts'
import { WebSocket } from './web-socket.ts'
import { acceptOffer, type OpenWebSocketOptions, type WebSocketOffer, webSocketOffer } from './web-socket-offer.ts'
import type { WebSocketInit } from './web-socket-opening.ts'

/** The connection that is to become a WebSocket, and what goes with it. */
export interface UpgradeConnection {
  /** Nothing was read from it or written to it yet. It is taken over, and aborted if no socket comes of it. */
  readonly transport: ByteTransport
  readonly platform: HashingPlatform
  /** Hears what a listener of the socket threw. Must not throw. */
  readonly report: (error: unknown) => void
}

/**
 * Opens a WebSocket over HTTP/1.1, on a connection of its own, and resolves with it open. RFC 6455 §4.1.
 * `path` may be relative to `origin`, which may have the scheme http, https, ws or wss.
 *
 * Rejects with a HandshakeError: `status` for any status but 101, `protocol` for a 101 that doesn't answer our key or
 * our offers, and for what is not HTTP/1.1 at all; `connection`, `timeout`, `aborted`.
 * @throws UsageError, as a rejection, for a path, subprotocol or header that a handshake can't have.
 *
 * @example
 * const socket = await openWebSocketHttp1({ transport, platform, report }, 'ws://localhost:8080', '/chat')
 */
export async function openWebSocketHttp1(
  connection: UpgradeConnection,
  origin: string,
  path: string,
  options: OpenWebSocketOptions = {},
): Promise<WebSocket> {
  let offer: WebSocketOffer
  try {
    offer = webSocketOffer(connection.platform, origin, path, options)
  } catch (error) {
    connection.transport.abort()
    throw error
  }
  return webSocketOverHttp1(connection, offer, options, (init) => new WebSocket(init))
}

/** The same handshake for whatever `accept` makes of its outcome, before a byte of the tunnel is delivered. */
export async function webSocketOverHttp1<T>(
  connection: UpgradeConnection,
  offer: WebSocketOffer,
  options: HandshakeOptions,
  accept: (init: WebSocketInit) => T,
): Promise<T> {
  const { transport, platform, report } = connection
  const tunnel = new TransportTunnel(transport, report)
  try {
    // RFC 6455 §4.1: 16 octets that nobody can foresee, new ones each time.
    const random = new Uint8Array(16)
    platform.fillRandom(random)
    const key = base64Encode(random)
    const request = webSocketUpgradeRequest({ ...offer.request, key })
    const keyAnswer = base64Encode(platform.sha1(acceptKeyInput(key)))
    const answered = responseHead(tunnel, platform, options, (head) =>
      read(offer, keyAnswer, head, tunnel, report, accept),
    )
    if (options.signal?.aborted !== true) tunnel.write(request)
    return await answered
  } catch (error) {
    tunnel.reset()
    throw error
  }
}

/** @throws HandshakeError for a response that opens no WebSocket. */
function read<T>(
  offer: WebSocketOffer,
  keyAnswer: string,
  head: UpgradeResponse,
  tunnel: TransportTunnel,
  report: (error: unknown) => void,
  accept: (init: WebSocketInit) => T,
): T {
  const { status, fields, rest } = head
  if (status !== 101) throw new HandshakeError('status', `the server answered with status ${status}`, { status })
  const expected = {
    accept: keyAnswer,
    protocols: offer.request.protocols,
    offer: offer.deflate,
  }
  const init = acceptOffer(offer, readWebSocketUpgradeResponse(head, expected), status, fields, tunnel, report)
  // What came behind the head are the first frames already.
  tunnel.unread(rest)
  return accept(init)
}

/**
 * Waits for the head of the final response, and calls `found` with it in the same turn, so that nothing that comes
 * behind it is delivered to nobody.
 */
function responseHead<T>(
  tunnel: TransportTunnel,
  platform: Platform,
  options: HandshakeOptions,
  found: (head: UpgradeResponse) => T,
): Promise<T> {
  const { signal, timeout = HANDSHAKE_TIMEOUT } = options
  const reader = new UpgradeResponseReader()
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      platform.clearTimer(timer)
      signal?.removeEventListener('abort', abort)
      tunnel.onData = undefined
      tunnel.onReset = undefined
    }
    const fail = (error: unknown): void => {
      settle()
      reject(error)
    }
    const abort = (): void =>
      fail(new HandshakeError('aborted', 'the handshake was aborted', { cause: signal?.reason }))
    const timer = platform.setTimer(() => {
      fail(new HandshakeError('timeout', `the server did not answer within ${timeout} ms`))
    }, timeout)
    if (signal?.aborted === true) {
      abort()
      return
    }
    signal?.addEventListener('abort', abort, { once: true })
    tunnel.onReset = (error) => fail(connectionFailed(error))
    tunnel.onData = (data, endStream) => {
      const head = reader.push(data)
      if (head instanceof HandshakeFault) {
        fail(new HandshakeError('protocol', `${head.reason} (${head.section})`))
      } else if (head !== undefined) {
        settle()
        try {
          resolve(found(head))
        } catch (error) {
          reject(error)
        }
      } else if (endStream) {
        fail(new HandshakeError('connection', 'the server ended the connection before it had answered'))
      }
    }
  })
}
