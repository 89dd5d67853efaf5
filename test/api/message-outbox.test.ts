import { describe, expect, it } from 'vitest'
import { openWebSocket, type WebSocket, webSocket } from '../../src/api/index.ts'
import { pair } from './closed-pair.ts'
import { FakeTime, gate, origin, type Pair, settle, until, utf8 } from './pair.ts'
import { type RawSocket, rawSocket } from './raw-socket.ts'

/** The cost of one message in line, and the mark beyond which nothing more is read. */
const ENTRY_COST = 512
const PAUSE_READING_AT = 4 * 1024 * 1024
/** Bytes of one DATA frame, whose messages are taken together; the smallest message that is masked costs 7. */
const IN_ONE_FRAME = Math.ceil(16_384 / 7)

/** Time stands still: on a slow machine the peer's time to close would be over before it has read what was sent. */
async function serveTo(use: (socket: WebSocket) => void): Promise<{ peer: RawSocket; both: Pair }> {
  const { platform } = new FakeTime()
  const both = pair({ connect: { websocket: webSocket(use) } }, { platform })
  return { both, peer: await rawSocket(both.client) }
}

const sent = (peer: RawSocket): number[] =>
  (peer.of('MessageReceived') as unknown as { data: Uint8Array }[]).map(({ data }) => data[0])

function flood(peer: RawSocket, messages: number): void {
  for (let i = 0; i < messages; i++) peer.core.sendBinary(Uint8Array.of(i))
  peer.flush()
}
const inOrder = (messages: number): number[] => Array.from({ length: messages }, (_, i) => i & 255)

describe('an echo of Blobs', () => {
  it('RFC 9113 §5.2.2: under a flood of small messages reads no more than may wait, and keeps their order', async () => {
    const messages = 25_000
    let waiting = 0
    let most = 0
    const { peer, both } = await serveTo((socket) => {
      socket.onmessage = ({ data }) => {
        // a Blob of the program's own: its bytes come by a promise
        socket.send(new Blob([data as Blob]))
        most = Math.max(most, ++waiting)
      }
    })
    const arrayBuffer = Blob.prototype.arrayBuffer
    Blob.prototype.arrayBuffer = function () {
      waiting--
      return arrayBuffer.call(this)
    }
    try {
      flood(peer, messages)
      await until(() => peer.of('MessageReceived').length === messages)
    } finally {
      Blob.prototype.arrayBuffer = arrayBuffer
    }
    expect(sent(peer)).toEqual(inOrder(messages))
    expect(most).toBeGreaterThan(IN_ONE_FRAME)
    expect(most).toBeLessThanOrEqual(PAUSE_READING_AT / ENTRY_COST + IN_ONE_FRAME)
    expect(both.errors).toEqual([])
  })

  it('WebSockets Standard §3.1: those that the socket received itself go without a wait, their bytes unread', async () => {
    const messages = 5000
    let read = 0
    const { peer } = await serveTo((socket) => {
      socket.onmessage = ({ data }) => socket.send(data as Blob)
    })
    const arrayBuffer = Blob.prototype.arrayBuffer
    Blob.prototype.arrayBuffer = function () {
      read++
      return arrayBuffer.call(this)
    }
    try {
      flood(peer, messages)
      await until(() => peer.of('MessageReceived').length === messages)
    } finally {
      Blob.prototype.arrayBuffer = arrayBuffer
    }
    expect(sent(peer)).toEqual(inOrder(messages))
    expect(read).toBe(0)
  })

  it('WebSockets Standard §3.1: keeps the order of received Blobs, Blobs of its own and text', async () => {
    const { peer } = await serveTo((socket) => {
      socket.onmessage = ({ data }) => {
        const blob = data as Blob
        socket.send(blob)
        socket.send(new Blob([blob, 'own']))
        socket.send('text')
        socket.send(blob)
      }
    })
    peer.core.sendBinary(utf8('a'))
    peer.core.sendBinary(utf8('b'))
    peer.flush()
    await until(() => peer.of('MessageReceived').length === 8)
    const messages = peer.of('MessageReceived') as unknown as { text: boolean; data: Uint8Array }[]
    expect(messages.map(({ text, data }) => `${text ? 'text' : 'binary'} ${Buffer.from(data)}`)).toEqual(
      ['a', 'b'].flatMap((name) => [`binary ${name}`, `binary ${name}own`, 'text text', `binary ${name}`]),
    )
  })

  it('a received Blob that is sent often, masked too, keeps its bytes', async () => {
    const { both } = await serveTo((socket) => socket.send(utf8('received')))
    const socket = await openWebSocket(both.client, origin, '/')
    const received = gate<Blob>()
    socket.onmessage = ({ data }) => received.open(data as Blob)
    const blob = await received.promise
    for (let i = 0; i < 3; i++) socket.send(blob)
    expect(socket.bufferedAmount).toBe(24)
    expect(await blob.text()).toBe('received')
    expect(Buffer.from(await blob.arrayBuffer()).toString()).toBe('received')
  })
})

describe('a line of waiting messages', () => {
  it('lets timers run between its Blobs, however long it is', async () => {
    const { peer } = await serveTo((socket) => {
      for (let i = 0; i < 3000; i++) socket.send(new Blob(['x']))
    })
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    await until(() => peer.of('MessageReceived').length === 3000)
    clearInterval(timer)
    expect(turns).toBeGreaterThanOrEqual(5)
  })

  it('is given up when the link is lost, and no Blob in it is read', async () => {
    let read = 0
    class Counted extends Blob {
      override arrayBuffer(): Promise<ArrayBuffer> {
        read++
        return super.arrayBuffer()
      }
    }
    const accepted = gate<WebSocket>()
    const { peer } = await serveTo((socket) => accepted.open(socket))
    const socket = await accepted.promise
    const letGo = gate<ArrayBuffer>()
    const first = Object.assign(new Blob(['first']), { arrayBuffer: () => letGo.promise })
    socket.send(first)
    for (let i = 0; i < 5000; i++) socket.send(new Counted(['12']))
    socket.send('text')
    socket.close()
    expect(socket.bufferedAmount).toBe(5 + 10_000 + 4)
    peer.stream.reset()
    await settle()
    letGo.open(new ArrayBuffer(5))
    await settle()
    expect(read).toBe(0)
    expect(socket.bufferedAmount).toBe(5 + 10_000 + 4)
  })

  it('RFC 6455 §7.4.1: behind a Blob that cannot be read is given up, and reading goes on for the Close', async () => {
    const letGo = gate<never>()
    const { peer, both } = await serveTo((socket) => {
      socket.onmessage = () => {
        socket.onmessage = () => socket.send(new Blob(['x']))
        socket.send(
          Object.assign(new Blob(['lost']), { arrayBuffer: () => letGo.promise.then(() => Promise.reject()) }),
        )
      }
    })
    flood(peer, 25_000)
    await settle(50)
    letGo.open(undefined as never)
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1011 }])
    expect(peer.of('MessageReceived')).toEqual([])
    peer.flush()
    // the time for the peer's Close is not over: what was kept from being read is read, to the end
    await until(() => peer.ended)
    peer.stream.end()
    await until(() => both.server.streamCount === 0)
    expect(peer.resetCode).toBeUndefined()
  })
})
