import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HandledWebSocket, openWebSocket, type WebSocketEnd, webSocket } from '../../src/api/index.ts'
import { MessageLedger } from '../../src/api/socket/message-ledger.ts'
import { TransportTunnel } from '../../src/api/tunnel/transport-tunnel.ts'
import { memoryPair } from '../../src/transport/index.ts'
import { WebSocketConnection } from '../../src/websocket/index.ts'
import { pair, rawPair } from './closed-pair.ts'
import { gate, origin, settle, until } from './pair.ts'
import { acceptRaw, type RawSocket, rawSocket } from './raw-socket.ts'

/** Octets of one message on the wire, as a server frames it. */
const FRAMED = 40_004

/** A server that has sent 30 messages to a client that reads none; so many of them are out whole. */
async function backedUp() {
  const ends: WebSocketEnd[] = []
  let socket!: HandledWebSocket
  const websocket = webSocket({
    open: (one) => {
      socket = one
    },
    close: (_socket, _code, _reason, end) => void ends.push(end),
  })
  const both = pair({ connect: { websocket } })
  const peer = await rawSocket(both.client)
  peer.stream.pause()
  for (let i = 0; i < 30; i++) socket.send(new Uint8Array(40_000))
  await settle()
  const out = Math.floor((30 * FRAMED - socket.bufferedAmount) / FRAMED)
  expect(out).toBeGreaterThan(0)
  expect(out).toBeLessThan(29)
  return { ...both, peer, socket, ends, out }
}

describe('messages that were never handed to the transport', () => {
  it.each<[string, (made: Awaited<ReturnType<typeof backedUp>>) => void]>([
    ['the peer resets the stream', ({ peer }) => peer.stream.reset()],
    ['the program terminates the socket', ({ socket }) => socket.terminate()],
    ['the client drops the connection', ({ client }) => client.abort()],
    ['the server drops the connection', ({ server }) => server.abort()],
  ])('RFC 6455 §7.1.7: are counted when %s', async (_, lose) => {
    const made = await backedUp()
    lose(made)
    await until(() => made.ends.length === 1)
    expect(made.ends[0]).toMatchObject({ code: 1006, wasClean: false, unsentMessages: 30 - made.out })
    // What never left stays visible, and nothing else does.
    expect(made.socket.bufferedAmount).toBeGreaterThan((29 - made.out) * FRAMED)
    expect(made.socket.bufferedAmount).toBeLessThanOrEqual((30 - made.out) * FRAMED)
  })

  it('RFC 6455 §7.1.4: are none after a clean close, however slowly the peer reads', async () => {
    const { socket, peer, ends } = await backedUp()
    socket.close(1000)
    peer.stream.resume()
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('MessageReceived')).toHaveLength(30)
    peer.flush()
    await until(() => ends.length === 1)
    expect(ends[0]).toMatchObject({ code: 1000, wasClean: true, unsentMessages: 0, error: undefined })
    expect(socket.bufferedAmount).toBe(0)
  })

  it('RFC 6455 §7.1.7: are none when the peer breaks a rule: what is queued still leaves, and the Close behind it', async () => {
    const { peer, ends } = await backedUp()
    peer.stream.write(Uint8Array.of(0xf1, 0x80, 0, 0, 0, 0))
    await until(() => ends.length === 1)
    expect(ends[0]).toMatchObject({ code: 1006, unsentMessages: 0, error: { name: 'WebSocketError' } })
    peer.stream.resume()
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('MessageReceived')).toHaveLength(30)
  })

  it('WebSockets Standard §3.1: the class counts them, Blobs in line too, and bufferedAmount keeps what was lost', async () => {
    const accepted = gate<RawSocket>()
    const both = rawPair((stream) => accepted.open(acceptRaw(stream)))
    const socket = await openWebSocket(both.client, origin, '/')
    const peer = await accepted.promise
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    socket.send('this one arrives')
    await until(() => peer.of('MessageReceived').length === 1)
    expect(socket.unsentMessages).toBe(0)
    socket.send('not this one')
    socket.send(new Blob(['nor this']))
    socket.send('nor that')
    peer.stream.reset()
    both.server.abort()
    const closed = new Promise<void>((resolve) =>
      socket.addEventListener('close', () => {
        expect(socket.unsentMessages).toBeGreaterThanOrEqual(2)
        resolve()
      }),
    )
    await closed
    expect(socket.bufferedAmount).toBeGreaterThanOrEqual('nor thisnor that'.length)
  })
})

describe('unsentBytes', () => {
  it('RFC 9113 §5.1: is nothing while a stream lives, and after a regular end', async () => {
    const { socket, peer, server } = await backedUp()
    expect(socket.bufferedAmount).toBeGreaterThan(0)
    expect(peer.stream.unsentBytes).toBe(0)
    peer.stream.end()
    peer.stream.resume()
    await until(() => server.streamCount === 0)
    expect(peer.stream.unsentBytes).toBe(0)
  })

  it('is what a tunnel over a transport had not handed on', async () => {
    const [near, far] = memoryPair({ highWaterMark: 10 })
    const tunnel = new TransportTunnel(near, () => undefined)
    far.start({ data() {}, end() {}, drained() {}, closed() {} })
    far.pause()
    tunnel.write(new Uint8Array(100))
    await settle()
    tunnel.write(new Uint8Array(7))
    expect(tunnel.unsentBytes).toBe(0)
    tunnel.reset()
    expect(tunnel.unsentBytes).toBe(7)
  })
})

describe('MessageLedger', () => {
  it('agrees with a naive account of every message, however much has left between two writes', () => {
    const batch = fc.record({
      sizes: fc.array(fc.nat(300), { maxLength: 8 }),
      leaves: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 40 }), fc.double({ min: 0, max: 1, noNaN: true }), (batches, last) => {
        const ledger = new MessageLedger()
        const core = new WebSocketConnection({ role: 'server' })
        const ends: number[] = []
        let written = 0
        let left = 0
        for (const { sizes, leaves } of batches) {
          left += Math.floor((written - left) * leaves)
          for (const size of sizes) {
            core.sendBinary(new Uint8Array(size))
            ends.push(written + core.pendingOutput)
          }
          const chunks = core.takeOutput()
          ledger.add(chunks, written - left)
          for (const chunk of chunks) written += chunk.length
        }
        left += Math.floor((written - left) * last)
        expect(ledger.unsent(written - left)).toBe(ends.filter((end) => end > left).length)
      }),
      { numRuns: 300 },
    )
  })

  it('forgets what has left, though something always waits', () => {
    const ledger = new MessageLedger()
    const frame = Uint8Array.of(0x82, 1, 0)
    for (let i = 0; i < 100_000; i++) ledger.add([frame], i === 0 ? 0 : 3)
    expect(ledger.unsent(3)).toBe(1)
    expect(ledger.unsent(6000)).toBeLessThanOrEqual(2000)
  })
})
