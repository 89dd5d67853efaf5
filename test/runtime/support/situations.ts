import type { Socket } from 'node:net'
import { ErrorCode } from '../../../src/errors/index.ts'
import type { NodeDialOptions } from '../../../src/runtime/node/index.ts'
import type { ServerStream } from '../../../src/session/index.ts'
import type { DialedServer, Script } from './dialed-server.ts'

/** One row of docs/fallback.md, by the words of its first column. */
export interface Situation {
  readonly name: string
  readonly server?: Script
  readonly client?: NodeDialOptions
  /** A dial that opens and is closed again before the one that counts. */
  readonly before?: NodeDialOptions
  /** Options of the dial that counts. */
  readonly after?: (server: DialedServer) => NodeDialOptions
}

const status = (value: number, fields: { name: string; value: string }[] = []) => ({
  connect: (stream: ServerStream) => {
    stream.respond([{ name: ':status', value: String(value) }, ...fields], { endStream: value !== 200 })
    return true
  },
})

/** A SETTINGS frame with ENABLE_CONNECT_PROTOCOL. */
const SETTINGS = Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1])

/** A GOAWAY frame. RFC 9113 §6.8. */
export function goAway(code: number, lastStreamId = 0): Buffer {
  const frame = Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  frame.writeUInt32BE(lastStreamId, 9)
  frame.writeUInt32BE(code, 13)
  return frame
}

/** Says GOAWAY in place of an answer, behind the back of the session, which would be kinder. */
const goAwayInstead = (code: number, times: number): Script => ({
  connect: (_, count, socket) => {
    if (count > times) return false
    socket.end(goAway(code))
    return true
  },
})

const goAwayBefore = (times: number): Script => ({
  http2: (socket, count) => {
    if (count > times) return false
    socket.end(Buffer.concat([SETTINGS, goAway(ErrorCode.NO_ERROR)]))
    socket.resume()
    return true
  },
})

const answer = (head: string) => (socket: Socket) => void socket.end(`HTTP/1.1 ${head}\r\n\r\n`)

const codes: readonly [name: string, code: number][] = Object.entries(ErrorCode)
const weak = { ciphers: 'ECDHE-ECDSA-AES128-SHA256', maxVersion: 'TLSv1.2' } as const
const notSupported = { notSupported: true } as const

export const situations: readonly Situation[] = [
  { name: 'nobody listens', server: { port: 1 } },
  { name: 'the certificate is not trusted', client: { tls: {} } },
  {
    name: 'TLS is too weak for HTTP/2',
    server: { tlsOptions: weak },
    client: { tls: { ...weak, rejectUnauthorized: false } },
  },
  { name: 'ALPN chooses http/1.1', server: { tlsOptions: { ALPNProtocols: ['http/1.1'] } } },
  { name: 'the server has no ALPN', server: { tlsOptions: { ALPNProtocols: undefined } as object } },
  { name: 'ALPN has neither version', server: { tlsOptions: { ALPNProtocols: ['spdy/3'] } } },
  {
    name: 'no SETTINGS within the deadline',
    server: { http2: (socket) => Boolean(socket.resume()) },
    client: { settingsTimeout: 100 },
  },
  { name: 'the connection ends before SETTINGS', server: { http2: (socket) => Boolean(socket.end()) } },
  {
    name: 'what comes is not HTTP/2',
    server: { http2: (socket) => Boolean(socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')) },
  },
  { name: 'SETTINGS without ENABLE_CONNECT_PROTOCOL', server: notSupported },
  { name: 'ws: in clear', server: { tls: false } },
  {
    name: 'ws: in clear, prior knowledge, HTTP/2 there',
    server: { tls: false },
    client: { http2: 'prior-knowledge' },
  },
  {
    name: 'ws: in clear, prior knowledge, HTTP/1.1 there',
    server: { tls: false, http2: (socket) => Boolean(socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')) },
    client: { http2: 'prior-knowledge' },
  },

  { name: 'status 200' },
  {
    name: 'status 200 with a subprotocol not offered',
    server: status(200, [{ name: 'sec-websocket-protocol', value: 'x' }]),
  },
  {
    name: 'status 200 with an extension not offered',
    server: status(200, [{ name: 'sec-websocket-extensions', value: 'x' }]),
  },
  ...[301, 400, 401, 403, 404, 405, 407, 410, 421, 426, 429, 500, 501, 502, 503, 505].map((value) => ({
    name: `status ${value}`,
    server: status(value),
  })),
  ...[...codes, ['0xff', 0xff] as const].map(([name, code]) => ({
    name: `RST_STREAM ${name}`,
    server: {
      connect: (stream: ServerStream) => {
        stream.reset(code)
        return true
      },
    },
  })),
  {
    name: 'refused once with REFUSED_STREAM',
    server: {
      connect: (stream, count) => {
        if (count === 1) stream.reset(ErrorCode.REFUSED_STREAM)
        return count === 1
      },
    },
  },
  { name: 'no answer within the deadline', server: { connect: () => true }, client: { timeout: 200 } },
  {
    name: 'aborted by its signal',
    server: { connect: () => true },
    after: () => ({ signal: AbortSignal.timeout(100) }),
  },
  {
    name: 'the connection is lost before the answer',
    server: { connect: (_, _count, socket) => Boolean(socket.destroy()) },
  },
  {
    name: 'an idle connection turns out dead',
    server: { next: { connect: (_, count, socket) => count === 1 && Boolean(socket.destroy()) } },
    before: {},
  },

  { name: 'GOAWAY NO_ERROR before the request, once', server: goAwayBefore(1) },
  { name: 'GOAWAY NO_ERROR before the request, always', server: goAwayBefore(9) },
  { name: 'GOAWAY NO_ERROR in place of the answer, once', server: goAwayInstead(ErrorCode.NO_ERROR, 1) },
  { name: 'GOAWAY NO_ERROR in place of the answer, always', server: goAwayInstead(ErrorCode.NO_ERROR, 9) },
  {
    name: 'GOAWAY NO_ERROR, then the answer',
    server: {
      connect: (stream, _, socket) => {
        socket.write(goAway(ErrorCode.NO_ERROR, stream.id))
        return false
      },
    },
  },
  ...(
    ['PROTOCOL_ERROR', 'INTERNAL_ERROR', 'ENHANCE_YOUR_CALM', 'INADEQUATE_SECURITY', 'HTTP_1_1_REQUIRED'] as const
  ).map((name) => ({ name: `GOAWAY ${name} in place of the answer`, server: goAwayInstead(ErrorCode[name], 9) })),

  { name: 'HTTP/1.1: status 404', server: { ...notSupported, upgrade: answer('404 Not Found') } },
  { name: 'HTTP/1.1: status 200', server: { ...notSupported, upgrade: answer('200 OK') } },
  {
    name: 'HTTP/1.1: a wrong Sec-WebSocket-Accept',
    server: {
      ...notSupported,
      upgrade: answer('101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x'),
    },
  },
  { name: 'HTTP/1.1: not offered by ALPN', server: { ...notSupported, tlsOptions: { ALPNProtocols: ['h2'] } } },
  {
    name: 'HTTP/1.1: the connection is lost before the answer',
    server: { ...notSupported, upgrade: (socket) => void socket.destroy() },
  },
  { name: 'HTTP/1.1: forbidden by the caller', server: notSupported, client: { http2: 'only' } },

  { name: 'HTTP/1.1 was the way out', server: notSupported, before: {} },
  {
    name: 'HTTP/1.1 was the way out, and is gone',
    server: { ...notSupported, next: { notSupported: false, upgrade: (socket) => void socket.destroy() } },
    before: { dedicated: true },
  },
  { name: 'HTTP/2 has worked in clear', server: { tls: false }, before: { http2: 'prior-knowledge', dedicated: true } },
]
