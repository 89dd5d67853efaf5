import { createRequire } from 'node:module'

/** The parts of `ws` that frame and unframe, which its type declarations leave out. */
interface WsReceiver {
  on(event: string, listener: (...args: never[]) => void): void
  _write(chunk: Buffer, encoding: string, done: (error?: Error) => void): void
}

interface WsModule {
  readonly Receiver: new (options: { isServer: boolean; maxPayload?: number }) => WsReceiver
  readonly Sender: {
    frame(
      data: Buffer,
      options: {
        fin: boolean
        opcode: number
        mask: boolean
        rsv1: boolean
        readOnly: boolean
        generateMask?: (mask: Uint8Array) => void
        maskBuffer?: Buffer
      },
    ): Buffer[]
  }
}

export const ws: WsModule = createRequire(import.meta.url)('ws')

/** What the Receiver of `ws` makes of `wire`, in the words of `show`; the last line is the fault, if it found one. */
export function wsEvents(wire: Uint8Array, role: 'client' | 'server', maxPayload: number): string[] {
  const events: string[] = []
  const receiver = new ws.Receiver({ isServer: role === 'server', maxPayload })
  const words = (bytes: Uint8Array): string => JSON.stringify(Buffer.from(bytes).toString('latin1'))
  receiver.on('message', (data: Buffer, binary: boolean) => {
    events.push(`${binary ? 'binary' : 'text'} ${words(data)}`)
  })
  receiver.on('ping', (data: Buffer) => events.push(`ping ${words(data)}`))
  receiver.on('pong', (data: Buffer) => events.push(`pong ${words(data)}`))
  receiver.on('conclude', (code: number, reason: Buffer) => events.push(`close ${code} ${words(reason)}`))
  receiver._write(Buffer.from(wire), 'buffer', (error) => {
    if (error !== undefined && error !== null) events.push(`fault ${statusCode(error)}`)
  })
  return events
}

function statusCode(error: Error): number {
  for (const symbol of Object.getOwnPropertySymbols(error)) {
    if (symbol.description === 'status-code') return Reflect.get(error, symbol)
  }
  throw error
}
