import * as module from 'ws'
import type { DeflateParameters } from '../../src/websocket/index.ts'
import { join } from './frames.ts'

/** The parts of `ws` that compress, which its type declarations leave out. */
interface PerMessageDeflate {
  offer(): object
  accept(offers: readonly object[]): object
  cleanup(): void
}
interface Sender {
  send(data: Uint8Array, options: object, done: (error?: Error) => void): void
}
interface Receiver {
  on(event: string, listener: (...args: never[]) => void): void
  write(chunk: Uint8Array): void
}
interface WsDeflate {
  readonly PerMessageDeflate: new (options: object) => PerMessageDeflate
  readonly Sender: new (socket: object, extensions: object) => Sender
  readonly Receiver: new (options: object) => Receiver
}
const ws = module as unknown as WsDeflate

/** A `ws` end that has agreed on `parameters`. */
function extensions(
  role: 'client' | 'server',
  parameters: DeflateParameters,
): { 'permessage-deflate': PerMessageDeflate } {
  const agreed = {
    ...(parameters.serverNoContextTakeover ? { server_no_context_takeover: [true] } : {}),
    ...(parameters.clientNoContextTakeover ? { client_no_context_takeover: [true] } : {}),
    server_max_window_bits: [String(parameters.serverMaxWindowBits)],
    client_max_window_bits: [String(parameters.clientMaxWindowBits)],
  }
  const deflate = new ws.PerMessageDeflate({ isServer: role === 'server', threshold: 0 })
  deflate.accept([agreed])
  return { 'permessage-deflate': deflate }
}

/** The frames that `ws` makes of messages, each in as many fragments as it has pieces. */
export async function wsSends(
  role: 'client' | 'server',
  parameters: DeflateParameters,
  messages: readonly (readonly Uint8Array[])[],
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const socket = {
    cork: () => {},
    uncork: () => {},
    write: (chunk: Uint8Array, done?: () => void) => {
      chunks.push(chunk.slice())
      done?.()
    },
  }
  const agreed = extensions(role, parameters)
  const sender = new ws.Sender(socket, agreed)
  for (const pieces of messages) {
    for (const [i, piece] of pieces.entries()) {
      const fin = i === pieces.length - 1
      const options = { binary: true, compress: true, fin, mask: role === 'client' }
      await new Promise<void>((resolve, reject) => {
        sender.send(piece, options, (error) => (error === undefined || error === null ? resolve() : reject(error)))
      })
    }
  }
  agreed['permessage-deflate'].cleanup()
  return join(...chunks)
}

/** The messages that `ws` reads. */
export async function wsReads(
  role: 'client' | 'server',
  parameters: DeflateParameters,
  wire: Uint8Array,
  count: number,
): Promise<Uint8Array[]> {
  const agreed = extensions(role, parameters)
  const receiver = new ws.Receiver({ isServer: role === 'server', extensions: agreed, allowSynchronousEvents: true })
  const messages: Uint8Array[] = []
  await new Promise<void>((resolve, reject) => {
    if (count === 0) resolve()
    receiver.on('error', reject as (error: never) => void)
    receiver.on('message', (data: never) => {
      if (messages.push(data) === count) resolve()
    })
    receiver.write(wire)
  })
  agreed['permessage-deflate'].cleanup()
  return messages
}
