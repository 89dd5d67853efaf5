import { connect, type Socket } from 'node:net'
import type { ProxyHandler, ProxyRequest, Tunnel } from '../../api/index.ts'
import { ErrorCode } from '../../errors/index.ts'
import { LONGEST_TIMER } from '../../platform/index.ts'

export interface JoinTcpOptions {
  /**
   * What the tunnel is reset with when the TCP connection breaks: CONNECT_ERROR when absent, as RFC 9113 §8.5 has it;
   * CANCEL for `websocket`, RFC 8441 §5.
   */
  readonly resetCode?: number | undefined
  /**
   * Milliseconds in which no byte passes either way, after which both sides are broken off; for ever when absent. Also what
   * ends a tunnel that one side has ended and the other never does.
   */
  readonly idleTimeout?: number | undefined
}

/**
 * Joins a tunnel to a TCP socket that is connected, made with `allowHalfOpen`, until both are over. RFC 9113 §8.5.
 * END_STREAM is FIN and FIN is END_STREAM, and the other direction flows on; a reset of the tunnel is a RST of TCP, and any
 * error of the socket a reset of the tunnel. Who is slow on one side slows the other. Both are taken over.
 */
export function joinTcp(tunnel: Tunnel, socket: Socket, options: JoinTcpOptions = {}): void {
  const { resetCode = ErrorCode.CONNECT_ERROR, idleTimeout = 0 } = options
  let over = false
  const breakTunnel = (): void => {
    if (over) return
    over = true
    tunnel.reset(resetCode)
  }
  const breakSocket = (): void => {
    if (over) return
    over = true
    socket.resetAndDestroy()
  }
  socket.setNoDelay(true)
  socket.setTimeout(Math.min(idleTimeout, LONGEST_TIMER), () => {
    breakTunnel()
    socket.resetAndDestroy()
  })
  socket.on('error', breakTunnel)
  // After a FIN each way there is nothing left to break.
  socket.on('close', () => {
    if (!(socket.readableEnded && socket.writableFinished)) breakTunnel()
    over = true
  })
  socket.on('data', (chunk: Buffer) => {
    // A view of memory that Node doesn't use again: the tunnel may keep it until it is written.
    if (!over && !tunnel.write(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))) socket.pause()
  })
  socket.on('end', () => {
    if (!over) tunnel.end()
  })
  socket.on('drain', () => tunnel.resume())

  tunnel.onWritable = () => socket.resume()
  tunnel.onReset = breakSocket
  // A tunnel over HTTP/1.1 may just be gone.
  tunnel.onClose = () => {
    if (!(tunnel.inputEnded && tunnel.outputEnded)) breakSocket()
  }
  tunnel.onData = (data, endStream) => {
    if (over) return
    // What a tunnel shows is only lent for the call.
    if (data.length > 0 && !socket.write(data.slice()) && !endStream) tunnel.pause()
    if (endStream) socket.end()
  }
  // What happened before anybody listened.
  if (tunnel.signal.aborted) breakSocket()
  else if (socket.destroyed) breakTunnel()
}

export interface TcpProxyOptions extends Pick<JoinTcpOptions, 'idleTimeout'> {
  /**
   * Who may connect to what. There is no default: who lets everybody through to everywhere is an open proxy, and opens his
   * own network with it. False answers 403.
   */
  readonly allow: (request: ProxyRequest) => boolean | PromiseLike<boolean>
  /** Milliseconds for the TCP connection to stand, 10,000 when absent; then 504. */
  readonly connectTimeout?: number | undefined
}

/**
 * A `proxy` handler that opens the TCP connection a client asks for, and joins the tunnel to it. RFC 9113 §8.5.
 * Refusals: 403 by `allow`, 502 when there is no way through (the name, the port, the network), 504 when it takes too long.
 *
 * @example
 * serve({ proxy: tcpProxy({ allow: ({ host, port }) => host === 'db.internal' && port === 5432 }) })
 */
export function tcpProxy(options: TcpProxyOptions): ProxyHandler {
  const { allow, connectTimeout = 10_000 } = options
  return async (request) => {
    const { host, port, stream } = request
    const done = stream.hold()
    try {
      if (!(await allow(request))) {
        refuse(request, 403)
        return
      }
      const outcome = await connected(request, host, port, connectTimeout)
      if (typeof outcome === 'number') refuse(request, outcome)
      // The client may have gone in the same turn; nobody would tell the socket then.
      else if (stream.outputEnded) outcome.resetAndDestroy()
      else {
        stream.respond([{ name: ':status', value: '200' }])
        joinTcp(stream, outcome, { idleTimeout: options.idleTimeout })
      }
    } finally {
      done()
    }
  }
}

function refuse({ stream }: ProxyRequest, status: number): void {
  if (!stream.outputEnded) stream.respond([{ name: ':status', value: String(status) }], { endStream: true })
}

/** The socket, paused, or the status that says why there is none. */
function connected(request: ProxyRequest, host: string, port: number, timeout: number): Promise<Socket | number> {
  return new Promise((resolve) => {
    const { signal } = request
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
    const settle = (outcome: Socket | number): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abandon)
      socket.off('connect', ready)
      if (typeof outcome === 'number') socket.destroy()
      else socket.off('error', failed)
      resolve(outcome)
    }
    const ready = (): void => settle(socket)
    const failed = (): void => settle(502)
    // RFC 9113 §8.5: who has gone gets no connection; the status is for nobody.
    const abandon = (): void => settle(502)
    const timer = setTimeout(() => settle(504), Math.min(timeout, LONGEST_TIMER))
    socket.on('connect', ready).on('error', failed)
    if (signal.aborted) abandon()
    else signal.addEventListener('abort', abandon)
  })
}
