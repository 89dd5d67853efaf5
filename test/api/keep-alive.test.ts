import { describe, expect, it } from 'vitest'
import { type HandledWebSocket, openWebSocket, WebSocket, type WebSocketEnd, webSocket } from '../../src/api/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import { pair, rawPair } from './closed-pair.ts'
import { FakeTime, gate, origin, settle, until } from './pair.ts'
import { acceptRaw, type RawSocket, rawSocket } from './raw-socket.ts'

/** A server's socket that pings every second and waits 300 ms, and its peer, driven by hand. */
async function kept(message?: (socket: HandledWebSocket) => void) {
  const time = new FakeTime()
  const ends: WebSocketEnd[] = []
  let socket!: HandledWebSocket
  const websocket = webSocket({
    keepAlive: { interval: 1000, timeout: 300 },
    open: (one) => {
      socket = one
    },
    ...(message === undefined ? {} : { message }),
    close: (_socket, _code, _reason, end) => void ends.push(end),
  })
  const both = pair({ connect: { websocket } }, { platform: time.platform })
  const peer = await rawSocket(both.client)
  await settle()
  const pings = () => peer.of('PingReceived').length
  const pass = async (milliseconds: number): Promise<void> => {
    time.advance(milliseconds)
    await settle()
  }
  return { time, ends, socket, peer, pings, pass }
}

/** Answers the Pings that came; `RawSocket` has queued the Pong already. */
const pong = async (peer: RawSocket): Promise<void> => {
  peer.flush()
  await settle()
}

describe('keepAlive', () => {
  it('RFC 6455 §5.5.2: pings at the interval, and measures the round trip', async () => {
    const { socket, peer, pings, pass, ends } = await kept()
    await pass(999)
    expect([pings(), socket.roundTripTime]).toEqual([0, undefined])
    await pass(1)
    expect(pings()).toBe(1)
    await pass(40)
    await pong(peer)
    expect(socket.roundTripTime).toBe(40)
    await pass(260)
    await pass(699)
    expect(pings()).toBe(1)
    await pass(1)
    expect(pings()).toBe(2)
    await pass(7)
    await pong(peer)
    expect(socket.roundTripTime).toBe(7)
    expect(ends).toEqual([])
  })

  it('RFC 6455 §5.5.2: a peer that is silent loses the socket: 1006, with an error that says so', async () => {
    const { socket, peer, pass, ends } = await kept()
    await pass(1000)
    await pass(299)
    expect(socket.readyState).toBe(1)
    await pass(1)
    expect(ends).toMatchObject([{ code: 1006, wasClean: false, error: { name: 'WebSocketError', code: 1006 } }])
    expect(ends[0].error?.message).toContain('300 ms')
    expect(peer.resetCode).toBe(8)
    await pass(5000)
    expect(ends).toHaveLength(1)
  })

  it('RFC 6455 §5.5.3: a Pong that answers nothing is none, but a sign of life', async () => {
    const { socket, peer, pass, ends } = await kept()
    await pass(1000)
    for (let i = 0; i < 3; i++) {
      for (const data of [[0, 0, 0, 9], [1]]) {
        peer.stream.write(Uint8Array.of(0x8a, 0x80 | data.length, 0, 0, 0, 0, ...data))
      }
      await settle()
      await pass(300)
    }
    expect(ends).toEqual([])
    await pass(300)
    expect(ends).toHaveLength(1)
    expect(socket.readyState).toBe(3)
  })

  it('RFC 6455 §5.4: a peer in the middle of a long message is alive', async () => {
    const { socket, peer, pass, ends } = await kept()
    peer.stream.write(Uint8Array.of(0x82, 0xfe, 0xff, 0xff, 0, 0, 0, 0))
    await pass(1000)
    for (let i = 0; i < 10; i++) {
      peer.stream.write(Uint8Array.of(i))
      await settle()
      await pass(300)
    }
    expect([ends, socket.roundTripTime]).toEqual([[], undefined])
    await pass(300)
    expect(ends).toHaveLength(1)
  })

  it('RFC 9113 §5.2: a peer that takes what waits for it, however slowly, is alive', async () => {
    const { socket, peer, pass, ends } = await kept()
    peer.stream.pause()
    socket.send(new Uint8Array(900_000))
    await settle()
    await pass(1000)
    await pass(299)
    const before = socket.bufferedAmount
    expect(before).toBeGreaterThan(100_000)
    peer.stream.resume()
    await until(() => socket.bufferedAmount < before)
    await pass(1)
    expect(ends).toEqual([])
    await pass(300)
    expect(ends).toHaveLength(1)
  })

  it('stops with the socket, whoever closes it', async () => {
    const { time, socket, peer, pass, pings } = await kept()
    socket.close(1000)
    await settle()
    peer.core.close(1000)
    await pong(peer)
    peer.stream.end()
    await settle()
    expect(socket.readyState).toBe(3)
    await pass(10_000)
    expect(pings()).toBe(0)
    await settle()
    expect(time.pending).toBeLessThanOrEqual(2) // those of the two sessions
  })

  it('the WHATWG class has it too, on the client’s side', async () => {
    const time = new FakeTime()
    const accepted = gate<RawSocket>()
    const both = rawPair((stream) => accepted.open(acceptRaw(stream)), [], { platform: time.platform })
    const socket = await openWebSocket(both.client, origin, '/', { keepAlive: { interval: 50 } })
    const peer = await accepted.promise
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    time.advance(50)
    await until(() => peer.of('PingReceived').length === 1)
    time.advance(5)
    await pong(peer)
    expect(socket.roundTripTime).toBe(5)
    const codes: number[] = []
    socket.onclose = ({ code }) => codes.push(code)
    time.advance(45)
    await until(() => peer.of('PingReceived').length === 2)
    time.advance(50)
    await until(() => socket.readyState === WebSocket.CLOSED)
    expect(codes).toEqual([1006])
  })

  it.each([{ interval: 0 }, { interval: -1 }, { interval: Number.NaN }, { interval: 10, timeout: 0 }])(
    'times out of range are refused: %j',
    (keepAlive) => {
      expect(() => webSocket({ keepAlive })).toThrow(UsageError)
    },
  )
})
