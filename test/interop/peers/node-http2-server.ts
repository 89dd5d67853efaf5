import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { WsFraming } from './ws-framing.ts'

/** A `node:http2` server with the routes of the demo, `ws` doing the frames. Listens on localhost only. */
export interface ReferenceServer {
  readonly url: string
  close(): Promise<void>
}

export interface ReferenceOptions {
  /** 0, the default: any free port. */
  readonly port?: number
  /** Without it: cleartext, by prior knowledge. */
  readonly tls?: { readonly cert: string; readonly key: string }
  readonly maxStreams?: number
  /** False leaves SETTINGS_ENABLE_CONNECT_PROTOCOL out, so that a client must not open tunnels. RFC 8441 §3. */
  readonly enableConnectProtocol?: boolean
}

const hello = Buffer.from('hello world')
const page =
  '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>reference</title>'

export async function startReferenceServer(options: ReferenceOptions = {}): Promise<ReferenceServer> {
  const { port = 0, tls, maxStreams = 100, enableConnectProtocol = true } = options
  const settings = { enableConnectProtocol, maxConcurrentStreams: maxStreams }
  // In megabytes. What waits to be sent counts too, and the default of 10 would refuse the streams of a heavy test.
  const common = { settings, maxSessionMemory: 200 }
  const server = tls ? createSecureServer({ ...tls, ...common }) : createServer(common)
  const sessions = trackSessions(server)
  // The stream API, not 'request': a listener for that would end every CONNECT stream, and it is slower.
  server.on('stream', (stream, headers) => {
    // A peer may reset any stream at any time; that is no fault of this server's.
    stream.on('error', () => {})
    if (headers[':method'] === 'CONNECT') acceptTunnel(stream, headers, connectionNumber(sessions, stream))
    else respond(stream, headers)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const bound = server.address() as AddressInfo
  return {
    url: `${tls ? 'https' : 'http'}://localhost:${bound.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const session of sessions) session.destroy()
      }),
  }
}

/** Set semantics with a stable order: connections are numbered by it. */
function trackSessions(server: Http2Server): Set<ServerHttp2Session> {
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session)
    session.on('error', () => {})
    session.on('close', () => sessions.delete(session))
  })
  return sessions
}

function connectionNumber(sessions: Set<ServerHttp2Session>, stream: ServerHttp2Stream): number {
  return stream.session ? [...sessions].indexOf(stream.session as ServerHttp2Session) + 1 : 0
}

function respond(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const path = headers[':path'] ?? ''
  if (path === '/hello' || path === '/hello-fetch' || path.startsWith('/hello/')) {
    // Nothing but what the demo's answer has, so that both send the same bytes in the benchmark.
    stream.respond({ ':status': 200, 'content-type': 'text/plain', 'content-length': hello.length }, {
      sendDate: false,
    } as object)
    stream.end(hello)
  } else if (path === '/echo' && headers[':method'] === 'POST') {
    stream.respond({ ':status': 200, 'content-type': 'application/octet-stream' })
    stream.pipe(stream)
  } else if (/^\/bytes\/\d+$/.test(path)) {
    stream.respond({ ':status': 200, 'content-type': 'application/octet-stream' })
    stream.end(Buffer.alloc(Number(path.slice('/bytes/'.length))))
  } else if (path === '/') {
    stream.respond({ ':status': 200, 'content-type': 'text/html; charset=utf-8' })
    stream.end(page)
  } else {
    stream.respond({ ':status': 404 }, { endStream: true })
  }
}

/** 200 opens the tunnel; from then on DATA carries WebSocket frames. RFC 8441 §5. */
function acceptTunnel(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, connection: number): void {
  const path = headers[':path'] ?? ''
  const refusal =
    headers[':protocol'] !== 'websocket' ? 501 : ['/echo', '/echo-whatwg', '/chat'].includes(path) ? undefined : 404
  if (refusal !== undefined) {
    stream.respond({ ':status': refusal }, { endStream: true })
    return
  }
  stream.respond({ ':status': 200 })
  // The peer's END_STREAM without a Close before it: nothing more to say here either.
  stream.on('end', () => stream.end())
  const socket = new WsFraming(stream, 'server')
  if (path === '/chat') {
    socket.send(JSON.stringify({ type: 'welcome', stream: stream.id, connection, protocol: headers[':protocol'] }))
  } else {
    socket.onMessage = (data, isBinary) => socket.send(isBinary ? data : data.toString())
  }
}
