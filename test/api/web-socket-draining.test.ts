import { describe, expect, it } from 'vitest'
import { type HandledWebSocket, openWebSocket, webSocket } from '../../src/api/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import { pair, rawPair } from './closed-pair.ts'
import { FakeTime, gate, origin, settle, until } from './pair.ts'
import { acceptRaw, type RawSocket, rawSocket } from './raw-socket.ts'

/** A socket of ours that is open, and its peer frame by frame. */
async function openToRawPeer() {
  const accepted = gate<RawSocket>()
  const both = rawPair((stream) => accepted.open(acceptRaw(stream)))
  const socket = await openWebSocket(both.client, origin, '/')
  const peer = await accepted.promise
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  return { both, socket, peer }
}

describe('a WebSocket on a connection that is being ended', () => {
  it.each(['handler', 'function'] as const)(
    'RFC 6455 §7.4.1: a server that closes says 1001, of a %s, and the connection ends once all is said',
    async (shape) => {
      const codes: number[] = []
      const close = (_: HandledWebSocket, code: number): void => void codes.push(code)
      const websocket =
        shape === 'handler'
          ? webSocket({ close })
          : webSocket(
              (socket) => void socket.addEventListener('close', (event) => codes.push((event as CloseEvent).code)),
            )
      const both = pair({ connect: { websocket } })
      const client = await openWebSocket(both.client, origin, '/')
      const seen: unknown[] = []
      client.onclose = ({ code, wasClean }) => seen.push(code, wasClean)
      await new Promise((resolve) => client.addEventListener('open', resolve))
      await both.server.close({ drain: 5000 })
      expect([seen, codes]).toEqual([[1001, true], [1001]])
      expect([both.server.error, both.client.error, both.errors]).toEqual([undefined, undefined, []])
    },
  )

  it('RFC 6455 §7.4.1: a client that closes the session says 1001 too', async () => {
    const { both, socket, peer } = await openToRawPeer()
    const closed = both.client.close()
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1001 }])
    expect(socket.readyState).toBe(2)
    peer.flush()
    peer.stream.end()
    await closed
    expect(socket.readyState).toBe(3)
  })

  it('RFC 9113 §6.8: a socket outlives the GOAWAY of its server', async () => {
    const { both, socket, peer } = await openToRawPeer()
    const closed = both.server.close()
    await until(() => both.client.state === 'draining')
    await settle()
    expect(socket.readyState).toBe(1)
    socket.send('still here')
    await until(() => peer.of('MessageReceived').length === 1)
    peer.core.close(1001)
    peer.flush()
    peer.stream.end()
    await closed
    expect(socket.readyState).toBe(3)
  })

  it('RFC 6455 §7.4.1: a client that closes the session after the GOAWAY of its server says 1001', async () => {
    const { both, peer } = await openToRawPeer()
    const gone = both.server.close()
    await until(() => both.client.state === 'draining')
    await settle()
    expect(peer.of('CloseReceived')).toEqual([])
    const closed = both.client.close()
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1001 }])
    peer.flush()
    peer.stream.end()
    await Promise.all([closed, gone])
  })

  it('a socket that was closed before hears no more of it', async () => {
    let socket!: HandledWebSocket
    const codes: number[] = []
    const websocket = webSocket({
      open: (one) => {
        socket = one
      },
      close: (_, code) => void codes.push(code),
    })
    const both = pair({ connect: { websocket } })
    const peer = await rawSocket(both.client)
    socket.terminate()
    await settle()
    const closed = both.server.close()
    await closed
    expect(codes).toEqual([1006])
    expect(peer.of('CloseReceived')).toEqual([])
  })
})

describe('the end of the stream below', () => {
  const times = { closeTimeout: 70, endTimeout: 30 }

  it('RFC 6455 §7.1.1: a peer that answers no Close is given up after closeTimeout', async () => {
    const time = new FakeTime()
    let socket!: HandledWebSocket
    const ends: number[] = []
    const websocket = webSocket({
      ...times,
      open: (one) => {
        socket = one
      },
      close: (_, code) => void ends.push(code),
    })
    const both = pair({ connect: { websocket } }, { platform: time.platform })
    const peer = await rawSocket(both.client)
    socket.close(1000)
    await settle()
    time.advance(69)
    await settle()
    expect([ends, peer.resetCode]).toEqual([[], undefined])
    time.advance(1)
    await settle()
    expect([ends, peer.resetCode]).toEqual([[1006], ErrorCode.CANCEL])
  })

  it('RFC 8441 §5: a peer that leaves its side open after the Close is given up after endTimeout, without a word', async () => {
    const time = new FakeTime()
    const told: unknown[] = []
    const websocket = webSocket({
      ...times,
      close: (_, code) => void told.push(code),
      error: (_, error) => void told.push(error),
    })
    const both = pair({ connect: { websocket } }, { platform: time.platform })
    const peer = await rawSocket(both.client)
    peer.core.close(1000)
    peer.flush()
    await settle()
    expect([told, peer.ended, both.server.streamCount]).toEqual([[1000], true, 1])
    time.advance(30)
    await settle()
    expect([told, peer.resetCode, both.server.streamCount]).toEqual([[1000], ErrorCode.CANCEL, 0])
  })
})
