import { type OpenWebSocketOptions, openWebSocket, type WebSocket } from '../../src/api/index.ts'
import { rawPair } from './closed-pair.ts'
import { gate, origin, type Pair, type PairOptions } from './pair.ts'
import { acceptRaw, type RawSocket } from './raw-socket.ts'

interface Opened {
  socket: WebSocket
  /** The server's end, by hand. */
  peer: RawSocket
  both: Omit<Pair, 'errors'>
  errors: unknown[]
}

/** A WHATWG client against a server driven by hand. */
export async function connect(options: OpenWebSocketOptions = {}, pairOptions?: PairOptions): Promise<Opened> {
  const errors: unknown[] = []
  const accepted = gate<RawSocket>()
  const both = rawPair((stream) => accepted.open(acceptRaw(stream)), errors, pairOptions)
  const socket = await openWebSocket(both.client, origin, '/chat?a=b#c', options)
  return { socket, peer: await accepted.promise, both, errors }
}

type Told = [type: string, ...details: unknown[]]

/** Writes down every event of `socket`, with the readyState at that time. */
export function record(socket: WebSocket): Told[] {
  const told: Told[] = []
  socket.addEventListener('open', () => told.push(['open', socket.readyState]))
  socket.addEventListener('message', (event) => told.push(['message', (event as MessageEvent).data]))
  socket.addEventListener('error', () => told.push(['error', socket.readyState]))
  socket.addEventListener('close', (event) => {
    const { code, reason, wasClean } = event as CloseEvent
    told.push(['close', code, reason, wasClean, socket.readyState])
  })
  return told
}
