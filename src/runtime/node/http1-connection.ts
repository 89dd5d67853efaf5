import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Exchange } from '../../api/exchange.ts'
import { latin1Encode } from '../../bytes/index.ts'
import type { FieldInput } from '../../hpack/index.ts'
import { Http1Exchange, type Http1ExchangeOptions } from './http1-exchange.ts'
import { Http1Fault, requestFields } from './http1-request.ts'
import { writeHead } from './http1-response.ts'
import { Http1Upgrade } from './http1-upgrade.ts'

export interface Http1ConnectionOptions extends Http1ExchangeOptions {
  readonly onStream: (exchange: Exchange) => void
  /** Field lines in a request, cookies aside. */
  readonly maxFieldCount: number
  /** Requests that a client may have unanswered at once. */
  readonly maxRequests: number
}

/**
 * One connection of HTTP/1.1. Its requests are answered one by one: the next handler starts when the last response is
 * out, which RFC 9112 §9.3.2 demands as soon as a request may change something, and which bounds what a client that
 * pipelines can set to work.
 */
export class Http1Connection {
  readonly #socket: Socket
  readonly #options: Http1ConnectionOptions
  #current: Http1Exchange | Http1Upgrade | undefined
  /** Pipelined requests of the last read, oldest first; while there are some, no more is read. */
  readonly #waiting: (readonly [IncomingMessage, ServerResponse])[] = []
  #closing = false

  constructor(socket: Socket, options: Http1ConnectionOptions) {
    this.#socket = socket
    this.#options = options
  }

  /** A request is at work, or the connection is to end when it is not. */
  get busy(): boolean {
    return this.#current !== undefined || this.#closing
  }

  /** A request of the parser's, whose body may still be under way. */
  request(request: IncomingMessage, response: ServerResponse): void {
    if (this.#current === undefined) {
      this.#start(request, response)
      return
    }
    // All of the chunk is parsed whatever it brings, at some kilobytes for each request. RFC 9112 §9.3.2 has a client that
    // pipelines be ready for a connection that closes.
    if (this.#waiting.length + 1 >= this.#options.maxRequests) {
      this.#socket.destroy()
      return
    }
    this.#waiting.push([request, response])
    this.#socket.pause()
  }

  /** A request that takes the connection over; `head` is what was read behind it. `protocol`: the token of an Upgrade. */
  upgrade(request: IncomingMessage, head: Uint8Array, protocol: string | undefined): void {
    const fields = requestFields(request, this.#options.maxFieldCount, protocol)
    if (fields instanceof Http1Fault) {
      this.refuse(fields)
      return
    }
    const exchange = new Http1Upgrade(this.#socket, head, fields, this.#options)
    this.#current = exchange
    exchange.begin(this.#options.onStream)
  }

  /** Answers a request for the connection that is none, and ends the connection. */
  refuse(fault: Http1Fault): void {
    const socket = this.#socket
    socket.on('error', () => {})
    socket.end(latin1Encode(writeHead(fault.status, refusal(fault.fields))))
    socket.destroySoon()
  }

  /** Ends the connection once nothing is under way on it. */
  close(): void {
    this.#closing = true
    if (this.#current === undefined) this.#socket.destroySoon()
    else this.#current.closeAfter()
  }

  #start(request: IncomingMessage, response: ServerResponse): void {
    this.#socket.setTimeout(0)
    const fields = requestFields(request, this.#options.maxFieldCount)
    if (fields instanceof Http1Fault) {
      response.writeHead(fields.status, refusal(fields.fields))
      response.end()
      return
    }
    const exchange = new Http1Exchange(request, response, fields, this.#options)
    this.#current = exchange
    response.on('finish', () => this.#finished())
    if (this.#closing) exchange.closeAfter()
    exchange.begin(this.#options.onStream)
  }

  /** A response is out: Node has put the next one in its place already. */
  #finished(): void {
    this.#current = undefined
    if (this.#closing) {
      this.#socket.destroySoon()
      return
    }
    const next = this.#waiting.shift()
    if (next !== undefined) this.#start(...next)
    if (next !== undefined && this.#waiting.length === 0) this.#socket.resume()
  }
}

/** The fields of an answer after which the connection is no more: RFC 9112 §9.6. */
function refusal(fields: readonly FieldInput[]): string[] {
  const lines = ['date', new Date().toUTCString(), 'connection', 'close', 'content-length', '0']
  for (const { name, value } of fields) lines.push(name, value)
  return lines
}
