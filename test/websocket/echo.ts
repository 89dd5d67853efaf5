import type { WebSocketConnection, WebSocketEvent } from '../../src/websocket/index.ts'
import { connection, drain, type FrameSpec, frame, join, show } from './frames.ts'
import { KEY } from './wire-case.ts'

/** Answers a message with itself. */
export function echoEvents(socket: WebSocketConnection): void {
  for (let event = socket.nextEvent(); event !== undefined; event = socket.nextEvent()) {
    if (event.type !== 'MessageReceived' || socket.state !== 'open') continue
    if (event.text) socket.sendText(event.data)
    else socket.sendBinary(event.data)
  }
}

/** What an echo server writes when `wire` comes in chunks of `size`, as a client reads it. */
export function echoOf(
  wire: Uint8Array,
  size: number,
  server: WebSocketConnection = connection('server'),
): WebSocketEvent[] {
  const client = connection('client')
  const events: WebSocketEvent[] = []
  for (let at = 0; at < wire.length; at += size) {
    server.receive(wire.slice(at, at + size))
    echoEvents(server)
    for (const chunk of server.takeOutput()) client.receive(chunk.slice())
    events.push(...drain(client))
  }
  return events
}

/** The same in words for frames of a client, without the end that follows a Close; equal at all chunk sizes given. */
export function echoed(frames: readonly FrameSpec[], sizes: readonly number[]): string[][] {
  const wire = join(...frames.map((spec) => frame({ key: KEY, ...spec })))
  return sizes.map((size) =>
    echoOf(wire, Math.min(size, wire.length))
      .filter(({ type }) => type !== 'Closed')
      .map(show),
  )
}
