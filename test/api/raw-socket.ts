import type { Field, FieldInput } from '../../src/hpack/index.ts'
import type { ClientSession, ServerStream, Stream } from '../../src/session/index.ts'
import { WebSocketConnection, type WebSocketEvent, webSocketRequestFields } from '../../src/websocket/index.ts'
import { realPlatform } from './pair.ts'

/** One end of a WebSocket driven by hand: frames by the core, or any bytes at all, on an HTTP/2 stream. */
export class RawSocket {
  readonly stream: Stream
  readonly core: WebSocketConnection
  readonly events: WebSocketEvent[] = []
  /** What ended the stream: END_STREAM of the peer, or a reset with its code. */
  ended = false
  resetCode: number | undefined

  constructor(stream: Stream, role: 'client' | 'server') {
    this.stream = stream
    this.core = new WebSocketConnection({ role, random: realPlatform.fillRandom })
    stream.onReset = ({ code }) => {
      this.resetCode = code
    }
    stream.onData = (data, endStream) => {
      this.core.receive(data.slice())
      for (let event = this.core.nextEvent(); event !== undefined; event = this.core.nextEvent())
        this.events.push(event)
      if (endStream) this.ended = true
    }
  }

  /** Writes what the core has to say. */
  flush(): void {
    for (const chunk of this.core.takeOutput()) this.stream.write(chunk)
  }

  of(type: WebSocketEvent['type']): WebSocketEvent[] {
    return this.events.filter((event) => event.type === type)
  }
}

export const handshakeFields = (extra: FieldInput[] = [], protocols: string[] = []): FieldInput[] =>
  webSocketRequestFields({ authority: 'example.test', scheme: 'https', path: '/chat?a=b', protocols, extra })

/** Opens a WebSocket by hand and waits for the answer. */
export async function rawSocket(
  client: ClientSession,
  fields: FieldInput[] = handshakeFields(),
): Promise<RawSocket & { answer: readonly Field[] }> {
  await client.ready()
  const stream = await client.request(fields)
  const answer = await stream.response()
  return Object.assign(new RawSocket(stream, 'client'), { answer })
}

/** The server's end by hand: accepts, and drives the rest. */
export function acceptRaw(stream: ServerStream, extra: FieldInput[] = []): RawSocket {
  stream.respond([{ name: ':status', value: '200' }, ...extra])
  return new RawSocket(stream, 'server')
}
