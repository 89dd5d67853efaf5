import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Limits } from '../../connection/index.ts'
import { LONGEST_TIMER } from '../../platform/index.ts'
import { HandshakeFault, readWebSocketUpgrade } from '../../websocket/index.ts'
import { builtin } from './builtin.ts'
import { Http1Connection, type Http1ConnectionOptions } from './http1-connection.ts'
import { Http1Fault, hasBody } from './http1-request.ts'

/** Milliseconds for a whole request, its body included. Node's own default; HTTP/2 has its windows for this. */
const REQUEST_TIMEOUT = 300_000

export interface Http1ServerOptions
  extends Omit<Http1ConnectionOptions, 'maxFieldCount' | 'writeStallTimeout' | 'maxRequests'> {
  readonly limits: Limits
  /** Tokens of Upgrade, in lower case, that become an extended CONNECT; all others are ordinary requests. */
  readonly protocols: ReadonlySet<string>
}

/**
 * HTTP/1.1 for connections that somebody else accepts: Node's parser below, the exchanges that HTTP/2 has above.
 * The limits are those of HTTP/2, as far as they have a meaning here.
 */
export class Http1Server {
  /** Made with the first connection: most servers of HTTP/2 never have one. Measured: 3 ms of a start. */
  #server: HttpServer | undefined
  readonly #limits: Limits
  readonly #protocols: ReadonlySet<string>
  readonly #options: Http1ConnectionOptions
  readonly #connections = new Map<Socket, Http1Connection>()
  #closing = false

  constructor(options: Http1ServerOptions) {
    const { limits } = options
    this.#protocols = options.protocols
    const { maxFieldCount, writeStallTimeout, maxConcurrentStreams: maxRequests } = limits
    this.#options = { ...options, maxFieldCount, writeStallTimeout, maxRequests }
    this.#limits = limits
  }

  /** Takes a connection over. */
  accept(socket: Socket): void {
    if (this.#closing) {
      socket.destroy()
      return
    }
    if (!this.#connections.has(socket)) {
      this.#connections.set(socket, new Http1Connection(socket, this.#options))
      socket.on('close', () => this.#connections.delete(socket))
    }
    this.#server ??= this.#open()
    this.#server.emit('connection', socket)
  }

  /**
   * Ends the connections that are idle now, and the others when their response is out; what is left after `drain`
   * milliseconds is cut off. Resolves when all are closed.
   */
  async close(drain: number): Promise<void> {
    this.#closing = true
    const closed = [...this.#connections.keys()].map((socket) => new Promise((resolve) => socket.on('close', resolve)))
    for (const connection of this.#connections.values()) connection.close()
    const timer = setTimeout(
      () => {
        for (const socket of this.#connections.keys()) socket.destroy()
      },
      Math.min(drain, LONGEST_TIMER),
    )
    await Promise.all(closed)
    clearTimeout(timer)
    this.#server?.close(() => {}) // ends its watch over times
  }

  #open(): HttpServer {
    const limits = this.#limits
    const headersTimeout = Math.min(limits.prefaceTimeout, REQUEST_TIMEOUT)
    const server = builtin('node:http').createServer({
      insecureHTTPParser: false,
      requireHostHeader: true,
      maxHeaderSize: Math.min(limits.maxFieldSectionSize, 2 ** 31 - 1),
      headersTimeout,
      requestTimeout: REQUEST_TIMEOUT,
      keepAliveTimeout: Math.min(limits.idleTimeout, LONGEST_TIMER),
      connectionsCheckingInterval: Math.max(10, Math.min(headersTimeout / 4, 5000)),
    })
    server.maxHeadersCount = 0 // counted with the other rules, where too many are a fault and are not just left out
    server.on('request', (request, response) => this.#request(request, response))
    // Or Node would answer 100 at once, before anybody has decided to read: RFC 9110 §10.1.1.
    server.on('checkContinue', (request, response) => this.#request(request, response))
    // Without a listener, Node takes a request that offers an Upgrade for an ordinary one: RFC 9110 §7.8.
    if (this.#protocols.size > 0) server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    server.on('connect', (request, socket, head) => this.#leftBy(socket)?.upgrade(request, head, undefined))
    // It never listens itself, but this is when Node begins to watch over the times of its connections.
    server.emit('listening')
    return server
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    this.#connections.get(request.socket)?.request(request, response)
  }

  /**
   * The connection of a socket that Node's parser has let go of, with the responses under way on it. They can't be
   * finished then, so the connection is cut: nobody pipelines an Upgrade behind requests that wait.
   */
  #leftBy(stream: Duplex): Http1Connection | undefined {
    const connection = this.#connections.get(stream as Socket)
    if (connection?.busy === false) return connection
    stream.destroy()
    return undefined
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const connection = this.#leftBy(stream)
    if (connection === undefined) return
    const protocol = request.httpVersionMinor === 0 ? undefined : this.#protocolOf(request)
    if (protocol === undefined) this.#readAgain(request, stream as Socket, head)
    else {
      const fault = upgradeFault(request, protocol)
      if (fault === undefined) connection.upgrade(request, head, protocol)
      else connection.refuse(fault)
    }
  }

  /** The first token offered that somebody here speaks; a version behind it makes it another protocol. */
  #protocolOf(request: IncomingMessage): string | undefined {
    const offered = (request.headers.upgrade ?? '').split(',').map((token) => token.trim())
    return offered.find((token) => this.#protocols.has(token.toLowerCase()))
  }

  /**
   * RFC 9110 §7.8: an Upgrade that a server doesn't want is an ordinary request. Node has given the request up by now,
   * so it is put back before the octets behind it, without the offer, and read once more.
   */
  #readAgain(request: IncomingMessage, socket: Socket, head: Buffer): void {
    let text = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n`
    const { rawHeaders } = request
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at]!
      if (name.toLowerCase() !== 'upgrade') text += `${name}: ${rawHeaders[at + 1]}\r\n`
    }
    socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]))
    this.accept(socket)
    socket.resume()
  }
}

/** Why an Upgrade to `protocol` is none, RFC 6455 §4.2.1; what other handlers ask for beyond HTTP they check themselves. */
function upgradeFault(request: IncomingMessage, protocol: string): Http1Fault | undefined {
  const { method = '', httpVersion, rawHeaders } = request
  if (protocol.toLowerCase() === 'websocket') {
    const fields: { name: string; value: string }[] = []
    for (let at = 0; at < rawHeaders.length; at += 2) {
      fields.push({ name: rawHeaders[at]!.toLowerCase(), value: rawHeaders[at + 1]! })
    }
    const read = readWebSocketUpgrade(method, httpVersion, fields)
    return read instanceof HandshakeFault
      ? new Http1Fault(read.status, read.reason, read.section, read.fields)
      : undefined
  }
  // RFC 9298 §3.2 asks for GET, and every other protocol that can be upgraded to has followed it.
  if (method !== 'GET') {
    const allow = [{ name: 'allow', value: 'GET' }]
    return new Http1Fault(405, 'an Upgrade of a method other than GET', 'RFC 9298 §3.2', allow)
  }
  // Where the body ends and the tunnel begins would be anybody's guess.
  return hasBody(request) ? new Http1Fault(400, 'an Upgrade with a body', 'RFC 9110 §7.8') : undefined
}
