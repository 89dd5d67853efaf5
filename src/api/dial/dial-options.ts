import type { HashingPlatform } from '../../platform/index.ts'
import type { SessionOptions } from '../../session/index.ts'
import type { OpenWebSocketOptions } from '../socket/web-socket-offer.ts'

export interface DialOptions extends OpenWebSocketOptions {
  /**
   * - `auto`, when absent: over TLS both versions are offered, and HTTP/1.1 is the way out when HTTP/2 leads nowhere. In
   *   clear HTTP/1.1, since nobody can ask there; but HTTP/2 where it has worked before.
   * - `prior-knowledge`: the same, but HTTP/2 first in clear too. RFC 9113 §3.3.
   * - `only`: HTTP/2 and no way out; in clear by prior knowledge.
   * - `off`: HTTP/1.1.
   */
  readonly http2?: 'auto' | 'prior-knowledge' | 'only' | 'off' | undefined
  /** True: a connection of its own, that nobody else uses and that ends with the socket. */
  readonly dedicated?: boolean | undefined
  /** Milliseconds for all attempts together: 30,000 when absent. */
  readonly timeout?: number | undefined
  /** Milliseconds that an HTTP/2 server gets for its first SETTINGS, before HTTP/1.1 is tried: 5,000 when absent. */
  readonly settingsTimeout?: number | undefined
}

/** What holds for all dials of a dialer. The rest goes to each HTTP/2 session as it is. */
export interface DialerOptions extends Omit<SessionOptions, 'initialData'> {
  readonly platform: HashingPlatform
  /** Milliseconds that an HTTP/2 connection without sockets stays for the next one: 30,000 when absent. */
  readonly idleTimeout?: number | undefined
  /** Milliseconds for which it is remembered how an origin could be reached: 300,000 when absent. */
  readonly memoryAge?: number | undefined
  /** Origins remembered at once: 1,000 when absent. */
  readonly memorySize?: number | undefined
}
