import { connect as connectSocket } from 'cloudflare:sockets'
import { HandshakeError } from '../../api/index.ts'
import { LONGEST_TIMER } from '../../platform/index.ts'
import { type ByteTransport, webStreamsTransport } from '../../transport/index.ts'

export interface SocketOptions {
  /** Gives up the attempt; once connected it means nothing any more. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until TCP and TLS must stand: 30,000 when absent. */
  readonly connectTimeout?: number | undefined
}

export const CONNECT_TIMEOUT = 30_000

/**
 * Opens a TCP connection to `target` with `cloudflare:sockets`, with TLS on it for `https:`, and resolves when it stands.
 * workerd offers no ALPN (RFC 7301), so over TLS nobody chooses a protocol: what is spoken is up to both programs, and
 * many servers take that for HTTP/1.1. For `openWebSocketHttp1`, or a session of one's own.
 *
 * Rejects with a HandshakeError (`unreachable`, `timeout`), or with the reason of the signal.
 *
 * @example
 * const transport = await socketTransport(new URL('https://example.org'))
 * const socket = await openWebSocketHttp1({ transport, platform: webPlatform, report }, 'wss://example.org', '/chat')
 */
export async function socketTransport(target: URL, options: SocketOptions = {}): Promise<ByteTransport> {
  const { signal, connectTimeout = CONNECT_TIMEOUT } = options
  signal?.throwIfAborted()
  const secure = target.protocol === 'https:' || target.protocol === 'wss:'
  const socket = connectSocket(
    // The URL's brackets around an IPv6 address aren't part of it.
    { hostname: target.hostname.replace(/^\[|\]$/g, ''), port: Number(target.port) || (secure ? 443 : 80) },
    { secureTransport: secure ? 'on' : 'off', allowHalfOpen: true },
  )
  try {
    await inTime(socket.opened, connectTimeout, signal)
  } catch (error) {
    socket.close().catch(() => undefined)
    if (error instanceof HandshakeError || signal?.aborted === true) throw error
    // workerd tells a failure of TLS from one of TCP only in its words.
    throw new HandshakeError('unreachable', error instanceof Error ? error.message : String(error), { cause: error })
  }
  return webStreamsTransport(socket)
}

/** Settles as `promise` does, unless time is up or the signal fires before. */
export function inTime<T>(promise: Promise<T>, milliseconds: number, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal?.reason)
    const late = (): void => reject(new HandshakeError('timeout', `no connection within ${milliseconds} ms`))
    const timer = setTimeout(late, Math.min(milliseconds, LONGEST_TIMER))
    signal?.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    })
  })
}
