import {
  type ConnectHandler,
  type ConnectRequest,
  dial,
  type HandledWebSocket,
  type NodeDialOptions,
  type WebSocketStream as Streams,
  type WebSocket,
  WebSocketStream,
  webSocket,
  webSocketStream,
} from '../../../src/runtime/node/index.ts'
import type { Message, Talk } from './talk.ts'

/** Makes the talk that belongs to a socket, given the way to send. */
export type Begin = (send: (message: Message) => boolean) => Talk

const OPEN = 1

/** Joins a talk to the WHATWG class. */
function joinClass(socket: WebSocket, begin: Begin): Promise<void> {
  socket.binaryType = 'arraybuffer'
  const talk = begin((message) => {
    if (socket.readyState !== OPEN) return false
    socket.send(message)
    return true
  })
  socket.onopen = () => talk.fill()
  socket.onmessage = ({ data }) => talk.receive(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer))
  return new Promise((resolve) => {
    socket.onclose = () => {
      talk.over(socket.unsentMessages)
      resolve()
    }
  })
}

/** Joins a talk to the stream shape: one message is read after the other, and each write waits for the one before. */
async function joinStreams(socket: Streams, begin: Begin): Promise<void> {
  const writer = (await socket.opened).writable.getWriter()
  // Lost sockets are told of by `closed`.
  writer.closed.catch(() => {})
  let last: Promise<void> = Promise.resolve()
  let failed = false
  let written = 0
  const write = async (message: Message): Promise<void> => {
    if (failed) return
    // The one that fails may have been taken before the socket was lost: it counts as written.
    written++
    await writer.write(message as string | Uint8Array)
  }
  const talk = begin((message) => {
    if (failed) return false
    last = last
      .then(() => write(message))
      .catch(() => {
        failed = true
      })
    return true
  })
  talk.fill()
  try {
    for await (const message of socket) talk.receive(message)
  } catch {}
  await socket.closed.catch(() => {})
  await last
  talk.over(socket.unsentMessages, written)
}

/** The server's side in each of its shapes, by the first step of the path. `begin` is told which request it is. */
export function serverShapes(
  begin: (request: ConnectRequest, send: (message: Message) => boolean) => Talk,
): ConnectHandler {
  const options = { perMessageDeflate: true }
  const shapes: Record<string, ConnectHandler> = {
    class: webSocket((socket, request) => void joinClass(socket, (send) => begin(request, send)), options),
    streams: webSocketStream((socket, request) => joinStreams(socket, (send) => begin(request, send)), options),
    object: webSocket({
      ...options,
      open: (socket, request) => {
        const talk = begin(request, (message) => {
          if (socket.readyState !== OPEN) return false
          socket.send(message as string | Uint8Array)
          return true
        })
        socket.data = talk
        talk.fill()
      },
      // What was received is looked at, and not kept.
      message: (socket: HandledWebSocket, data) => (socket.data as Talk).receive(data),
      close: (socket, _code, _reason, { unsentMessages }) => (socket.data as Talk).over(unsentMessages),
    }),
  }
  return (request: ConnectRequest) => shapes[request.url.pathname.split('/')[1] ?? '']?.(request)
}

export const serverShapeNames = ['class', 'streams', 'object'] as const
export const clientShapeNames = ['class', 'streams'] as const

/** Dials and talks until the socket is lost. False: it never opened. */
export async function talkAsClient(
  shape: (typeof clientShapeNames)[number],
  url: string,
  options: NodeDialOptions,
  begin: Begin,
): Promise<boolean> {
  try {
    if (shape === 'class') {
      await joinClass(await dial(url, options), begin)
    } else {
      const socket = new WebSocketStream(url, options)
      // Both promises fail with a handshake; one is enough to hear of it.
      socket.closed.catch(() => {})
      await socket.opened
      await joinStreams(socket, begin)
    }
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'HandshakeError') return false
    throw error
  }
}
