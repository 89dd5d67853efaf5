import { UsageError } from '../../errors/index.ts'
import {
  type DeflateBackend,
  offerDeflate,
  type PerMessageDeflateOptions,
  WebSocketConnection,
} from '../../websocket/index.ts'

/** Pings, so that a peer that is gone without a word is found out. RFC 6455 §5.5.2. */
export interface KeepAliveOptions {
  /** Milliseconds from one Ping to the next. */
  readonly interval: number
  /**
   * Milliseconds after a Ping in which something must move: a Pong, any other byte of the peer, or output that it takes.
   * Otherwise the socket ends with 1006. As long as `interval` when absent.
   */
  readonly timeout?: number | undefined
}

/** What a WebSocket can be told on either side, however it came about. */
export interface SocketOptions {
  /** Bytes in one received message, 16 MiB when absent; a larger one closes the socket with 1009. */
  readonly maxMessageSize?: number | undefined
  /**
   * Compression of messages, RFC 7692, where the peer agrees and the runtime has it. Off when absent: it costs time, memory
   * for each socket, and betrays secrets that are compressed beside text of an attacker's choice (`send` can leave it out).
   */
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined
  readonly keepAlive?: KeepAliveOptions | undefined
  /**
   * Bytes that may wait for a slow peer, 16 MiB when absent. Who sends while more than that waits loses the socket: 1006,
   * and an error that says so. Heed what `send` returns, or `bufferedAmount`, and it never comes to that. WebSockets
   * Standard §3.1 has a socket closed when its buffer is full.
   */
  readonly sendLimit?: number | undefined
  /** Milliseconds for the peer to answer our Close, 10,000 when absent; RFC 6455 §7.1.1 leaves the time to us. */
  readonly closeTimeout?: number | undefined
  /** Milliseconds for the peer to end its side of the stream after the closing handshake, 2,000 when absent. */
  readonly endTimeout?: number | undefined
}

/** What a link needs to know of them. */
export interface LinkSettings {
  readonly keepAlive: Readonly<Record<'interval' | 'timeout', number>> | undefined
  readonly sendLimit: number
  readonly closeTimeout: number
  readonly endTimeout: number
}

const defaultLinkSettings: LinkSettings = {
  keepAlive: undefined,
  sendLimit: 16 * 1024 * 1024,
  closeTimeout: 10_000,
  endTimeout: 2000,
}

/** The options of many sockets, looked at once. */
export interface SocketSettings {
  readonly link: LinkSettings
  /** Absent where nobody has said anything of them. */
  readonly limits: { readonly maxMessageSize: number } | undefined
  /** What to agree on, or undefined for no compression. */
  readonly deflate: PerMessageDeflateOptions | undefined
}

/** @throws UsageError for a number out of range. */
export function socketSettings(options: SocketOptions): SocketSettings {
  const { maxMessageSize, perMessageDeflate, keepAlive } = options
  const limits = maxMessageSize === undefined ? undefined : { maxMessageSize }
  const deflate = perMessageDeflate === true ? {} : perMessageDeflate || undefined
  // Both for their checks alone.
  new WebSocketConnection({ role: 'server', limits })
  if (deflate !== undefined) offerDeflate(deflate, noBackend)
  return {
    link: {
      keepAlive: keepAlive && {
        interval: milliseconds('keepAlive.interval', keepAlive.interval),
        timeout: milliseconds('keepAlive.timeout', keepAlive.timeout ?? keepAlive.interval),
      },
      sendLimit: atLeast('sendLimit', 0, options.sendLimit ?? defaultLinkSettings.sendLimit),
      closeTimeout: milliseconds('closeTimeout', options.closeTimeout ?? defaultLinkSettings.closeTimeout),
      endTimeout: milliseconds('endTimeout', options.endTimeout ?? defaultLinkSettings.endTimeout),
    },
    limits,
    deflate,
  }
}

const noBackend: DeflateBackend = { takesHistory: true, compress: (data) => data, decompress: () => 'malformed' }

/** Timers of runtimes take 31 bits; more would fire at once. */
function milliseconds(name: string, value: number): number {
  if (value > 0x7f_ff_ff_ff) throw new UsageError(`${name} is more than 2^31 - 1 milliseconds`)
  return atLeast(name, 1, value)
}

function atLeast(name: string, least: number, value: number): number {
  if (typeof value !== 'number' || !(value >= least)) throw new UsageError(`${name} must be a number from ${least} on`)
  return value
}
