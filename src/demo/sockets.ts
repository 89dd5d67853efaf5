import {
  type ConnectHandler,
  type ConnectRequest,
  type HandledWebSocket,
  type WebSocket,
  webSocket,
} from '../api/index.ts'
import { drop } from './bodies.ts'
import { ChatRoom } from './chat.ts'
import type { ConnectionNumbers } from './connection-numbers.ts'

/** The WebSockets of the demo, and the way to send them home. */
export interface Sockets {
  /** Answers extended CONNECT with `:protocol` websocket (RFC 8441 §4), and the Upgrade of HTTP/1.1. */
  readonly handler: ConnectHandler
  /** Says goodbye to each open one, so that nothing holds up the end. */
  leave(): void
}

/** RFC 6455 §7.4.1: 1001, the server is going down. The WHATWG class lets a program send only 1000 and 3000-4999. */
const goingAway = 1001
const normalClosure = 1000
const goodbye = 'the demo is stopping'

/** The largest message an echo takes: 2^24 bytes, which is what test suites go up to. */
const echoOptions = { maxMessageSize: 16 * 1024 * 1024, perMessageDeflate: true }

/** One handler object for all sockets: nothing is made per message. */
function echo(open: Set<() => void>): ConnectHandler {
  const leaving = new WeakMap<HandledWebSocket, () => void>()
  return webSocket({
    ...echoOptions,
    open(socket) {
      const leave = () => socket.close(goingAway, goodbye)
      leaving.set(socket, leave)
      open.add(leave)
    },
    message(socket, data) {
      socket.send(data)
    },
    close(socket) {
      const leave = leaving.get(socket)
      if (leave !== undefined) open.delete(leave)
    },
  })
}

/** The same with the class that browsers have. */
function echoWhatwg(open: Set<() => void>): ConnectHandler {
  return webSocket((socket: WebSocket) => {
    const leave = () => socket.close(normalClosure, goodbye)
    open.add(leave)
    socket.binaryType = 'arraybuffer'
    socket.onmessage = (event) => socket.send(event.data as string | ArrayBuffer)
    socket.onclose = () => open.delete(leave)
  }, echoOptions)
}

function chat(open: Set<() => void>, numbers: ConnectionNumbers): ConnectHandler {
  const room = new ChatRoom(() => performance.now())
  const leaving = new WeakMap<HandledWebSocket, () => void>()
  return webSocket({
    maxMessageSize: room.limits.maxMessageBytes,
    open(socket, request) {
      const leave = () => socket.close(goingAway, goodbye)
      leaving.set(socket, leave)
      open.add(leave)
      const { stream, protocol } = request
      const place = { version: stream.httpVersion, stream: stream.id, connection: numbers.of(stream), protocol }
      room.enter(socket, place)
    },
    message(socket, data) {
      room.receive(socket, data)
    },
    close(socket) {
      room.leave(socket)
      const leave = leaving.get(socket)
      if (leave !== undefined) open.delete(leave)
    },
  })
}

export function makeSockets(numbers: ConnectionNumbers): Sockets {
  const open = new Set<() => void>()
  const routes = new Map<string, ConnectHandler>([
    ['/echo', echo(open)],
    ['/echo-whatwg', echoWhatwg(open)],
    ['/chat', chat(open, numbers)],
  ])
  return {
    handler(request: ConnectRequest) {
      const route = routes.get(request.url.pathname)
      if (route !== undefined) return route(request)
      drop(request.stream)
      request.stream.respond([{ name: ':status', value: '404' }], { endStream: true })
      return undefined
    },
    leave() {
      for (const leave of open) leave()
    },
  }
}
