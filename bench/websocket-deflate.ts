/** permessage-deflate against that of `ws`, on the same messages, with context takeover on both sides. */
import { randomFillSync } from 'node:crypto'
import { concat } from '../src/bytes/index.ts'
import { nodePlatform } from '../src/runtime/node/platform.ts'
import { type NegotiatedDeflate, WebSocketConnection } from '../src/websocket/index.ts'
import type { Entry } from './measure.ts'

interface Agreed {
  accept(offers: readonly object[]): object
  cleanup(): void
}
/** What the type declarations of `ws` leave out. */
interface Ws {
  PerMessageDeflate: new (options: object) => Agreed
  Receiver: new (
    options: object,
  ) => { on(event: string, listener: (data: Uint8Array) => void): void; write(chunk: Uint8Array): void }
  Sender: new (
    socket: object,
    extensions: object,
  ) => { send(data: Uint8Array, options: object, done: () => void): void }
}

const deflate: NegotiatedDeflate = {
  backend: nodePlatform.deflate!,
  parameters: {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 15,
  },
  threshold: 0,
}
const random = (bytes: Uint8Array): void => {
  randomFillSync(bytes)
}

/** JSON as an application sends it: the same keys again and again, other numbers. */
function messages(size: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    let text = `{"page":${i},"items":[`
    for (let n = 0; text.length < size - 80; n++) {
      const value = Math.imul(i * 1000 + n, 2_654_435_761) >>> 8
      text += `{"id":${i * 1000 + n},"name":"item ${value % 97}","value":${value},"ok":${value % 3 === 0}},`
    }
    return new Uint8Array(Buffer.from(`${text}null]}`))
  })
}

function server(payloads: readonly Uint8Array[]): WebSocketConnection {
  const socket = new WebSocketConnection({ role: 'server', random, deflate })
  for (const payload of payloads) socket.sendText(payload)
  return socket
}

function send(payloads: readonly Uint8Array[]): number {
  const socket = server(payloads)
  socket.takeOutput()
  return socket.messagesTaken
}

function receive(wire: Uint8Array): number {
  const socket = new WebSocketConnection({ role: 'client', random, deflate })
  socket.receive(wire.slice())
  let bytes = 0
  for (let event = socket.nextEvent(); event !== undefined; event = socket.nextEvent()) {
    if (event.type === 'MessageReceived') bytes += event.data.length
  }
  return bytes
}

function agree(ws: Ws, isServer: boolean): { 'permessage-deflate': Agreed } {
  const agreed = new ws.PerMessageDeflate({ isServer, threshold: 0 })
  agreed.accept([{}])
  return { 'permessage-deflate': agreed }
}

async function sendWs(ws: Ws, payloads: readonly Uint8Array[]): Promise<number> {
  const extensions = agree(ws, true)
  let sent = 0
  const socket = {
    cork: () => {},
    uncork: () => {},
    write: (_chunk: Uint8Array, done?: () => void) => done?.(),
  }
  const sender = new ws.Sender(socket, extensions)
  await new Promise<void>((resolve) => {
    const done = (): void => {
      if (++sent === payloads.length) resolve()
    }
    for (const payload of payloads)
      sender.send(payload, { binary: false, compress: true, fin: true, mask: false }, done)
  })
  extensions['permessage-deflate'].cleanup()
  return sent
}

async function receiveWs(ws: Ws, wire: Uint8Array, count: number): Promise<number> {
  const extensions = agree(ws, false)
  const receiver = new ws.Receiver({ isServer: false, extensions, allowSynchronousEvents: true })
  let bytes = 0
  await new Promise<void>((resolve) => {
    let left = count
    receiver.on('message', (data) => {
      bytes += data.length
      if (--left === 0) resolve()
    })
    receiver.write(wire.slice())
  })
  extensions['permessage-deflate'].cleanup()
  return bytes
}

const load = async (): Promise<Ws> => (await import('ws')) as unknown as Ws

export const entries: readonly Entry[] = [1024, 16_384].flatMap((size): Entry[] => {
  const count = Math.floor(400_000 / size)
  const payloads = messages(size, count)
  return [
    {
      name: `websocket deflate send ${size} B`,
      unit: 'messages',
      targets: { ws: 1.2 },
      async prepare() {
        const ws = await load()
        const sides = { ours: () => send(payloads), ws: () => sendWs(ws, payloads) }
        return { operations: count, sides, sameChecksum: true }
      },
    },
    {
      name: `websocket deflate receive ${size} B`,
      unit: 'messages',
      targets: { ws: 1.2 },
      async prepare() {
        const ws = await load()
        const wire = concat(server(payloads).takeOutput())
        const sides = { ours: () => receive(wire), ws: () => receiveWs(ws, wire, count) }
        return { operations: count, sides, sameChecksum: true }
      },
    },
  ]
})
