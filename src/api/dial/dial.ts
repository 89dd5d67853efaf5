import { intake } from '../../session/stream.ts'
import { HandshakeError } from '../handshake-error.ts'
import { webSocketOverHttp2 } from '../socket/open-web-socket.ts'
import { webSocketOverHttp1 } from '../socket/open-web-socket-http1.ts'
import type { WebSocketOffer } from '../socket/web-socket-offer.ts'
import type { WebSocketInit } from '../socket/web-socket-opening.ts'
import type { Connected, DialTarget, HttpVersion } from './connector.ts'
import { DialLog } from './dial-log.ts'
import type { DialOptions } from './dial-options.ts'
import { nextStep } from './dial-policy.ts'
import { firstSettings } from './first-settings.ts'
import { Patience } from './patience.ts'
import type { Lease } from './pooled-session.ts'
import type { DialShared } from './web-socket-dialer.ts'

const TIMEOUT = 30_000
const SETTINGS_TIMEOUT = 5000
/** Milliseconds to wait before a refused request is sent again on the same connection. */
const BACKOFF: readonly number[] = [50, 250]

/** Where to go on; `connected` is a connection on which ALPN has chosen HTTP/1.1 already. */
interface Next {
  readonly version: HttpVersion
  readonly connected?: Connected | undefined
}

/** One dial on its way: attempt after attempt, until one makes a socket or says that there is nothing more to try. */
export class Dial<O extends DialOptions, T> {
  readonly #shared: DialShared<O>
  readonly #target: DialTarget
  readonly #options: O
  readonly #offer: WebSocketOffer
  readonly #accept: (init: WebSocketInit) => T
  /** Who is at the other end: connections are shared, and ways remembered, under this. */
  readonly #key: string
  readonly #log: DialLog
  readonly #patience: Patience
  /** When the attempt began that is under way. */
  #began = 0
  #retries = 0
  /** The next HTTP/2 attempt is for a new connection. */
  #fresh = false
  #http2Failed = false
  #http1Failed = false

  /** `url` has the scheme ws or wss. `handshake` gives the dial up, as the signal of the options does. */
  constructor(
    shared: DialShared<O>,
    url: URL,
    offer: WebSocketOffer,
    options: O,
    accept: (init: WebSocketInit) => T,
    handshake?: AbortSignal,
  ) {
    this.#shared = shared
    this.#offer = offer
    const target = new URL(url)
    target.protocol = url.protocol === 'wss:' ? 'https:' : 'http:'
    this.#target = { url: target, secure: url.protocol === 'wss:' }
    this.#options = options
    this.#accept = accept
    this.#key = `${target.origin} ${shared.connector.identity(options)}`
    this.#log = new DialLog(url.origin)
    const signals = [options.signal, handshake].filter((signal) => signal !== undefined)
    this.#patience = new Patience(shared.options.platform, options.timeout ?? TIMEOUT, signals)
  }

  /** Called once, at once. */
  async run(): Promise<T> {
    const { platform } = this.#shared.options
    try {
      for (let next: Next = { version: this.#firstVersion() }; ; ) {
        // ALPN belongs to the attempt whose connection it has chosen.
        if (next.connected === undefined) this.#began = platform.now()
        const result = next.version === '2' ? await this.#overHttp2() : await this.#overHttp1(next.connected)
        if ('socket' in result) return result.socket
        next = result
      }
    } finally {
      this.#patience.end()
    }
  }

  #firstVersion(): HttpVersion {
    const { http2 } = this.#options
    if (http2 === 'only') return '2'
    if (http2 === 'off') return '1.1'
    return this.#shared.memory.recall(this.#key) ?? (this.#prefersHttp2 ? '2' : '1.1')
  }

  /** As long as nothing else is known. In clear HTTP/2 takes knowledge. RFC 9113 §3.3 */
  get #prefersHttp2(): boolean {
    const { http2 = 'auto' } = this.#options
    return http2 === 'auto' ? this.#target.secure : http2 !== 'off'
  }

  async #overHttp2(): Promise<{ readonly socket: T } | Next> {
    let lease: Lease | undefined
    let opened = false
    try {
      while (lease === undefined) {
        const found = await this.#findSession()
        if (found === undefined || !('session' in found)) return { version: '1.1', connected: found }
        lease = found
        await this.#settings(lease)
        if (!lease.overbooked) break
        lease.release()
        lease = undefined
      }
      const socket = await this.#openOn(lease)
      opened = true
      this.#shared.memory.remember(this.#key, '2')
      return { socket }
    } catch (error) {
      return await this.#afterHttp2(this.#failure(error), lease)
    } finally {
      // After a pause before the next attempt, too: until then it is what keeps the process alive.
      if (!opened) lease?.release()
    }
  }

  /** An HTTP/2 session, there already or new; or HTTP/1.1, if ALPN has chosen that, for us or for one who dials too. */
  async #findSession(): Promise<Lease | Connected | undefined> {
    const { pool } = this.#shared
    const dedicated = this.#options.dedicated === true
    const known = this.#fresh || dedicated ? undefined : pool.find(this.#key)
    if (known !== undefined) return known
    this.#fresh = false
    const { http2 = 'auto' } = this.#options
    // In clear there is nothing to choose by. RFC 9113 §3.3
    const choice = this.#target.secure && http2 !== 'only' && !this.#http1Failed
    const versions: readonly HttpVersion[] = choice ? ['2', '1.1'] : ['2']
    const connect = (signal: AbortSignal): Promise<Connected> => this.#connect(versions, signal)
    const { signal } = this.#patience
    const found = dedicated ? await connect(signal) : await pool.open(this.#key, versions.join(), connect, signal)
    if (found === undefined || 'session' in found) return found
    if (found.version === '2') return pool.dedicated(found)
    return found
  }

  #connect(versions: readonly HttpVersion[], signal: AbortSignal): Promise<Connected> {
    return this.#shared.connector.connect(this.#target, versions, this.#options, signal)
  }

  #settings({ session }: Lease): Promise<void> {
    return firstSettings(session, this.#options.settingsTimeout ?? SETTINGS_TIMEOUT, this.#patience.signal)
  }

  #openOn(lease: Lease): Promise<T> {
    return webSocketOverHttp2(lease.session, this.#offer, this.#patience.handshake, (init, stream) => {
      intake.watch(stream, { closed: lease.release })
      return this.#accept(init)
    })
  }

  async #afterHttp2(error: HandshakeError, lease: Lease | undefined): Promise<Next> {
    const goAway = lease?.goAway
    this.#failed('2', error, goAway)
    this.#http2Failed = true
    if (this.#shared.memory.recall(this.#key) === '2') this.#shared.memory.forget(this.#key)
    const step = nextStep(error, { goAway, connected: lease !== undefined })
    const { signal } = this.#patience
    if (!signal.aborted && step.kind === 'retry' && this.#retries < step.retries) {
      this.#fresh = step.fresh
      if (lease?.session.state === 'open' && !step.fresh) await this.#patience.pause(BACKOFF[this.#retries]!)
      this.#retries++
      return { version: '2' }
    }
    const then = step.kind === 'retry' ? step.otherwise : step.kind
    if (signal.aborted || then === 'fail' || this.#options.http2 === 'only' || this.#http1Failed)
      throw this.#log.error()
    return { version: '1.1' }
  }

  async #overHttp1(chosen: Connected | undefined): Promise<{ readonly socket: T } | Next> {
    const { memory } = this.#shared
    try {
      const socket = await this.#upgrade(chosen)
      // What ALPN tells each time needs no memory.
      if (this.#http2Failed) memory.remember(this.#key, '1.1')
      return { socket }
    } catch (error) {
      const failure = this.#failure(error)
      this.#failed('1.1', failure, undefined)
      this.#http1Failed = true
      const remembered = memory.recall(this.#key) === '1.1'
      if (remembered) memory.forget(this.#key)
      // What was remembered may be over: a server that has left HTTP/1.1 behind, for example.
      const broken = failure.reason !== 'status' && failure.reason !== 'unreachable' && !this.#patience.signal.aborted
      if (remembered && broken && !this.#http2Failed && this.#prefersHttp2) return { version: '2' }
      throw this.#log.error()
    }
  }

  /**
   * RFC 6455 §4.1: only one handshake with the same host and port at a time, so that nobody is flooded by a program that
   * opens socket after socket. Over HTTP/2 they share a connection, and there is no need.
   */
  async #upgrade(chosen: Connected | undefined): Promise<T> {
    const { turns, options } = this.#shared
    const { signal } = this.#patience
    const { hostname, port, protocol } = this.#target.url
    let done: (() => void) | undefined
    try {
      done = await turns.take(`${hostname} ${port || protocol}`, signal)
      const { transport } = chosen ?? (await this.#connect(['1.1'], signal))
      const report = (error: unknown): void => options.onError?.(error)
      const connection = { transport, platform: options.platform, report }
      return await webSocketOverHttp1(connection, this.#offer, this.#patience.handshake, this.#accept)
    } catch (error) {
      chosen?.transport.abort()
      throw error
    } finally {
      done?.()
    }
  }

  #failed(version: HttpVersion, error: HandshakeError, goAway: number | undefined): void {
    this.#log.failed(version, error, goAway, this.#shared.options.platform.now() - this.#began)
  }

  /** What went wrong, in one form. */
  #failure(error: unknown): HandshakeError {
    const { signal } = this.#patience
    if (signal.aborted) return signal.reason as HandshakeError
    if (error instanceof HandshakeError) return error
    const message = error instanceof Error ? error.message : String(error)
    return new HandshakeError('connection', message, { cause: error })
  }
}
