import { createServer as createHttp, type Server as HttpServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import { createServer as createTls, type TLSSocket, type TlsOptions } from 'node:tls'
import { WebSocketServer } from 'ws'
import { router, webSocket } from '../../../src/api/index.ts'
import { nodePlatform, nodeTransport, type WebSocket } from '../../../src/runtime/node/index.ts'
import { ServerSession, type ServerStream } from '../../../src/session/index.ts'

/** For browsers, which need one to begin with. */
const PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>dial</title>'

/** What a server does with the dials of one situation. Everything that is not said goes well. */
export interface Script {
  /** False: in clear, where the first octets decide; true when absent. */
  readonly tls?: boolean
  readonly tlsOptions?: TlsOptions
  /** Takes a connection on which HTTP/2 was agreed; true: there is nothing more to do for it. `count` begins at 1. */
  readonly http2?: (socket: Socket, count: number) => boolean
  /** ENABLE_CONNECT_PROTOCOL is absent. */
  readonly notSupported?: boolean
  /** Takes an extended CONNECT; true: it is answered, in whatever way. `count` begins at 1, over all connections. */
  readonly connect?: (stream: ServerStream, count: number, socket: Socket) => boolean
  /** Answers an Upgrade of HTTP/1.1 on the bare socket. */
  readonly upgrade?: (socket: Socket, request: IncomingMessage) => void
  /** What is different after `nextTime`. */
  readonly next?: Omit<Script, 'next'>
  /** Where to dial in place of this server. */
  readonly port?: number
}

/** A server for HTTP/2 and HTTP/1.1 on one port, whose WebSockets echo, and which notes what was tried on it. */
export class DialedServer {
  readonly #server: Server
  readonly #http: HttpServer = createHttp()
  readonly #webSockets: WebSocketServer = new WebSocketServer({ noServer: true })
  readonly #sockets: Set<Socket> = new Set()
  #script: Script
  /** One entry for each connection: its version and how many times it was asked. */
  #connections: { version: '1.1' | '2'; requests: number }[] = []
  #requests = 0

  static async start(certificate: { key: string; cert: string }, script: Script = {}): Promise<DialedServer> {
    const server = new DialedServer(certificate, script)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  private constructor({ key, cert }: { key: string; cert: string }, script: Script) {
    this.#script = script
    if (script.tls === false) this.#server = createTcp((socket) => this.#sniff(socket))
    else {
      const options = { key, cert, ALPNProtocols: ['h2', 'http/1.1'], ...script.tlsOptions }
      this.#server = createTls(options, (socket: TLSSocket) => {
        this.#accept(socket, socket.alpnProtocol === 'h2' ? '2' : '1.1')
      })
    }
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    })
    this.#http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (this.#script.upgrade !== undefined) this.#script.upgrade(socket, request)
      else
        this.#webSockets.handleUpgrade(request, socket, head, (peer) =>
          peer.on('message', (data) => peer.send(`${data}`)),
        )
    })
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    return `${this.#script.tls === false ? 'ws' : 'wss'}://localhost:${port}/chat`
  }

  /** The versions in the order in which they were tried. */
  get tried(): readonly string[] {
    return this.#connections.flatMap(({ version, requests }) => new Array<string>(Math.max(1, requests)).fill(version))
  }

  /** Forgets what was tried; connections that stay count anew when they are used. From now on `next` holds. */
  nextTime(): void {
    this.#connections = []
    this.#requests = 0
    this.#script = { ...this.#script, ...this.#script.next }
  }

  async echoes(socket: WebSocket): Promise<unknown> {
    const answer = new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(data)
    })
    socket.send('hello')
    return answer
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #sniff(socket: Socket): void {
    socket.once('data', (chunk: Buffer) => {
      socket.pause()
      socket.unshift(chunk)
      this.#accept(socket, chunk.toString('latin1').startsWith('PRI * HTTP/2') ? '2' : '1.1')
    })
  }

  #accept(socket: Socket, version: '1.1' | '2'): void {
    const connection = { version, requests: 0 }
    this.#connections.push(connection)
    if (version === '1.1') {
      connection.requests = 1
      this.#http.emit('connection', socket)
      socket.resume()
      return
    }
    socket.on('error', () => {})
    if (this.#script.http2?.(socket, this.#connections.length) === true) return
    const accept = router({
      fetch: () => new Response(PAGE, { headers: { 'content-type': 'text/html' } }),
      connect: { websocket: webSocket({ message: (peer, data) => void peer.send(data) }) },
      onError: () => {},
    })
    new ServerSession(nodeTransport(socket), {
      platform: nodePlatform,
      extendedConnect: this.#script.notSupported === true ? 'off' : 'advertise',
      onStream: (stream) => {
        if (stream.fields[0]?.value !== 'CONNECT') return accept(stream)
        // After `nextTime` a connection that has stayed is one that is tried.
        if (!this.#connections.includes(connection)) {
          connection.requests = 0
          this.#connections.push(connection)
        }
        connection.requests++
        return this.#script.connect?.(stream, ++this.#requests, socket) === true || accept(stream)
      },
    })
    socket.resume()
  }
}
