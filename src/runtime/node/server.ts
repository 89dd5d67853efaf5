import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import { disposeByClose } from '../../session/async-dispose.ts'
import type { CloseOptions, ServerSession } from '../../session/index.ts'
import type { Http1Server } from './http1-server.ts'

/** Milliseconds that what is in flight gets at the end, when nobody says otherwise; as for a session. */
const DRAIN = 10_000

/** A listening server, as `serve` makes it. */
export class Server {
  /** The HTTP/2 connections that are open now. */
  readonly sessions: Set<ServerSession> = new Set()
  readonly #listener: NetServer
  readonly #scheme: 'http' | 'https'
  readonly #http1: Http1Server | undefined
  /** Every accepted socket, also while its TLS handshake is under way. */
  readonly #sockets: Set<Socket> = new Set()
  #address: { address: string; port: number } = { address: '', port: 0 }
  #closing: Promise<void> | undefined
  declare readonly [Symbol.asyncDispose]: () => Promise<void>

  static {
    disposeByClose(Server.prototype)
  }

  constructor(listener: NetServer, scheme: 'http' | 'https', http1: Http1Server | undefined) {
    this.#listener = listener
    this.#http1 = http1
    this.#scheme = scheme
    listener.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  /** Where it listens; the port is the real one, also when 0 was asked for. */
  get address(): { readonly address: string; readonly port: number } {
    return this.#address
  }

  /** For example `https://localhost:8443/`: an address that a client on the same machine can use. */
  get url(): string {
    const { address, port } = this.#address
    const any = address === '::' || address === '0.0.0.0' || address === '127.0.0.1' || address === '::1'
    const host = any ? 'localhost' : address.includes(':') ? `[${address}]` : address
    return `${this.#scheme}://${host}:${port}/`
  }

  /**
   * Stops listening and ends every connection gracefully: streams, requests of HTTP/1.1 and sockets in flight get `drain`
   * milliseconds. Resolves when all connections are closed; a second call waits for the same.
   */
  close(options?: CloseOptions): Promise<void> {
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  async #close(options: CloseOptions | undefined): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()))
    await Promise.all([
      this.#http1?.close(Math.max(0, options?.drain ?? DRAIN)),
      ...[...this.sessions].map((session) => session.close(options)),
    ])
    // what is left has not come to HTTP yet: a handshake under way, or a client that has said nothing
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** Counts a session in until it is closed. For `serve`. */
  add(session: ServerSession): void {
    if (this.#closing !== undefined) session.abort()
    this.sessions.add(session)
    session.closed.then(() => this.sessions.delete(session))
  }

  /** Resolves when the socket listens; rejects with the system's error, EADDRINUSE for one. For `serve`. */
  listen(port: number, host: string | undefined): Promise<void> {
    const listener = this.#listener
    return new Promise((resolve, reject) => {
      listener.once('error', reject)
      listener.listen(host === undefined ? { port } : { port, host }, () => {
        listener.off('error', reject)
        // EMFILE and the like while accepting: the next connection may fare better
        listener.on('error', () => {})
        const { address, port: actual } = listener.address() as AddressInfo
        this.#address = { address, port: actual }
        resolve()
      })
    })
  }
}
