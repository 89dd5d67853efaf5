import type { ByteTransport } from '../../transport/index.ts'

/** A version of HTTP that a connection can have; ALPN calls them `h2` and `http/1.1`. RFC 9113 §3.1. */
export type HttpVersion = '1.1' | '2'

/** Where a dial goes. */
export interface DialTarget {
  /** With the scheme `http` or `https`, and whatever path. */
  readonly url: URL
  readonly secure: boolean
}

/** A connection that stands, and what was agreed to be spoken on it. */
export interface Connected {
  readonly version: HttpVersion
  /** Not started yet. */
  readonly transport: ByteTransport
  /** False while nothing is under way: then the connection must not keep the process alive. */
  setBusy?(busy: boolean): void
}

/** The part of dialing that only a runtime can do. `O` are its options: TLS, local addresses. */
export interface Connector<O> {
  /**
   * Opens a connection on which one of `versions` is spoken, chosen by ALPN over TLS; in clear there is but one.
   * Rejects with a HandshakeError: `unreachable`, `tls`, `alpn`. An abort of `signal` gives up and rejects, no matter
   * with what.
   */
  connect(target: DialTarget, versions: readonly HttpVersion[], options: O, signal: AbortSignal): Promise<Connected>
  /** Names what in the options decides who is at the other end, so that only dials that agree in it share a connection. */
  identity(options: O): string
}
