import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors/index.ts'
import { serve } from './logged-handler.ts'
import { settle, text, until, utf8 } from './pair.ts'
import { handshakeFields, rawSocket } from './raw-socket.ts'

describe('many messages in one chunk', () => {
  /** Bytes that wait when each of `count` messages is told, of an octet each, and answered with as much. */
  async function queuedBefore(count: number): Promise<number[]> {
    const queued: number[] = []
    const { client } = serve({
      message(socket, data) {
        queued.push(socket.bufferedAmount)
        socket.send(data)
      },
    })
    const raw = await rawSocket(client)
    for (let i = 0; i < count; i++) raw.core.sendBinary(Uint8Array.of(i))
    raw.flush()
    await until(() => raw.of('MessageReceived').length === count)
    return queued
  }
  /** Two octets of header and one of payload. */
  const ANSWER = 3

  it('lead to answers that leave while the rest is told', async () => {
    const queued = await queuedBefore(113)
    expect(Math.max(...queued)).toBe(31 * ANSWER)
    expect(queued.filter((bytes) => bytes === 0)).toHaveLength(4)
  })

  it('are told to the end before a write for few of them', async () => {
    const queued = await queuedBefore(112)
    expect(Math.max(...queued)).toBe(47 * ANSWER)
    expect(queued.filter((bytes) => bytes === 0)).toHaveLength(3)
  })
})

describe('the opening handshake of a handler', () => {
  it('RFC 8441 §5: accepts with 200, without sec-websocket-accept, and hands on the request', async () => {
    const seen: unknown[] = []
    const { client } = serve({
      open(_, request) {
        seen.push(request.protocol, request.url.href, request.headers.get('origin'), request.headers.get('cookie'))
        seen.push(request.stream.id)
      },
    })
    const extra = ['a=1', 'b=2'].map((value) => ({ name: 'cookie', value }))
    const socket = await rawSocket(client, handshakeFields([{ name: 'origin', value: 'https://o.test' }, ...extra]))
    expect(socket.answer).toMatchObject([{ name: ':status', value: '200' }])
    expect(seen).toEqual(['websocket', 'https://example.test/chat?a=b', 'https://o.test', 'a=1; b=2', socket.stream.id])
  })

  it('RFC 6455 §4.2.2: a key that came all the same is answered', async () => {
    const { client } = serve()
    const key = { name: 'sec-websocket-key', value: 'dGhlIHNhbXBsZSBub25jZQ==' }
    const { answer } = await rawSocket(client, [...handshakeFields(), key])
    const accept = answer.find(({ name }) => name === 'sec-websocket-accept')
    expect(accept?.value).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  })

  it.each([
    [['b', 'a'], 'b'],
    [['x', 'a'], 'a'],
    [['x'], undefined],
    [[], undefined],
  ])("RFC 6455 §4.2.2: of %j, the client's first that is spoken is chosen: %s", async (offered, chosen) => {
    const { client, sockets } = serve({ protocols: ['a', 'b'] })
    const { answer } = await rawSocket(client, handshakeFields([], offered))
    expect(answer.find(({ name }) => name === 'sec-websocket-protocol')?.value).toBe(chosen)
    expect(sockets[0].protocol).toBe(chosen ?? '')
  })

  it.each([
    ['12', '426'],
    ['x', '400'],
  ])('RFC 6455 §4.4: version %s is answered with %s', async (version, status) => {
    const { client, sockets } = serve()
    const fields = handshakeFields().map((field) =>
      field.name === 'sec-websocket-version' ? { ...field, value: version } : field,
    )
    const { answer } = await rawSocket(client, fields)
    expect(answer[0].value).toBe(status)
    expect(sockets).toEqual([])
  })

  it('a handler with a limit that makes no sense is refused when it is registered', () => {
    expect(() => serve({ maxMessageSize: -1 })).toThrow(UsageError)
  })
})

describe('messages of a handler', () => {
  it('text as strings and binary as bytes, in order, answers in the same order', async () => {
    const { client, log } = serve({ message: (socket, data) => void socket.send(data) })
    const socket = await rawSocket(client)
    socket.core.sendText(utf8('grüße 🎈'))
    socket.core.sendBinary(Uint8Array.of(1, 2, 3))
    socket.core.sendText(utf8(''))
    socket.core.sendText(utf8('x'.repeat(70_000)))
    socket.flush()
    await until(() => socket.of('MessageReceived').length === 4)
    expect(log.slice(0, 3)).toEqual([
      ['message', 'grüße 🎈'],
      ['message', [1, 2, 3]],
      ['message', ''],
    ])
    const sent = socket.of('MessageReceived') as { text: boolean; data: Uint8Array }[]
    expect(sent.map((event) => event.text)).toEqual([true, false, true, true])
    expect(sent.map((event) => event.data.length)).toEqual([utf8('grüße 🎈').length, 3, 0, 70_000])
    expect(text(sent[0].data)).toBe('grüße 🎈')
  })

  it('what is sent in one turn leaves in one DATA frame', async () => {
    const { client } = serve({
      message(socket) {
        for (let i = 0; i < 50; i++) socket.send(`message ${i}`)
      },
    })
    const socket = await rawSocket(client)
    let calls = 0
    const { onData } = socket.stream
    socket.stream.onData = (data, endStream) => {
      calls++
      onData?.(data, endStream)
    }
    socket.core.sendText(utf8('go'))
    socket.core.sendText(utf8('go'))
    socket.flush()
    await until(() => socket.of('MessageReceived').length === 100)
    expect(calls).toBe(1)
  })

  it('outside of a callback messages leave in one microtask', async () => {
    const { client, sockets } = serve()
    const socket = await rawSocket(client)
    for (let i = 0; i < 10; i++) sockets[0].send('later')
    expect(sockets[0].bufferedAmount).toBe(70)
    await until(() => socket.of('MessageReceived').length === 10)
    expect(sockets[0].bufferedAmount).toBe(0)
  })

  it('bytes kept by the handler stay what they were', async () => {
    const kept: Uint8Array[] = []
    const { client } = serve({ message: (_, data) => void kept.push(data as Uint8Array) })
    const socket = await rawSocket(client)
    for (let i = 0; i < 300; i++) {
      socket.core.sendBinary(new Uint8Array(i + 1).fill(i))
      socket.flush()
      if (i % 50 === 0) await settle(1)
    }
    await until(() => kept.length === 300)
    for (const [i, bytes] of kept.entries()) expect(bytes).toEqual(new Uint8Array(i + 1).fill(i))
  })

  it('takes buffers and views, and refuses nothing while it is open', async () => {
    const { client, sockets } = serve()
    const socket = await rawSocket(client)
    const bytes = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7)
    expect(sockets[0].send(bytes.buffer)).toBe(true)
    expect(sockets[0].send(new DataView(bytes.buffer, 2, 2))).toBe(true)
    expect(sockets[0].send(new Uint16Array(bytes.buffer, 4, 1))).toBe(true)
    await until(() => socket.of('MessageReceived').length === 3)
    const got = socket.of('MessageReceived') as unknown as { data: Uint8Array }[]
    expect(got.map(({ data }) => [...data])).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [2, 3],
      [4, 5],
    ])
  })

  it('RFC 6455 §5.5.2: a Ping is answered; ours brings a Pong', async () => {
    const { client, sockets } = serve()
    const socket = await rawSocket(client)
    socket.core.sendPing(utf8('are you there'))
    socket.flush()
    sockets[0].ping(utf8('and you'))
    await until(() => socket.of('PongReceived').length === 1 && socket.of('PingReceived').length === 1)
    expect(socket.of('PongReceived')[0]).toMatchObject({ data: utf8('are you there') })
    expect(() => sockets[0].ping(new Uint8Array(126))).toThrow(UsageError)
  })

  it('RFC 7692 is not spoken: sec-websocket-extensions gets no answer', async () => {
    const { client } = serve()
    const { answer } = await rawSocket(client, [
      ...handshakeFields(),
      { name: 'sec-websocket-extensions', value: 'permessage-deflate' },
    ])
    expect(answer.map(({ name }) => name)).toEqual([':status'])
  })

  it('RFC 6455 §5.1: an unmasked frame closes with 1002, error and close are told', async () => {
    const told: unknown[] = []
    const { client, log } = serve({ error: (_, error) => void told.push(error) })
    const socket = await rawSocket(client)
    socket.stream.write(Uint8Array.of(0x82, 0x01, 0x00))
    await until(() => socket.ended)
    expect(socket.of('CloseReceived')).toMatchObject([{ code: 1002 }])
    expect(told).toMatchObject([{ name: 'WebSocketError', code: 1002 }])
    expect(log).toEqual([['close', 1006, '', 3]])
  })

  it('RFC 6455 §7.4.1: a message over maxMessageSize closes with 1009', async () => {
    const { client, log } = serve({ maxMessageSize: 100 })
    const socket = await rawSocket(client)
    socket.core.sendBinary(new Uint8Array(100))
    socket.core.sendBinary(new Uint8Array(101))
    socket.flush()
    await until(() => socket.ended)
    expect(socket.of('CloseReceived')).toMatchObject([{ code: 1009 }])
    expect(log).toHaveLength(2)
  })
})

describe('backpressure of a handler', () => {
  it('send says false at the mark, drain follows once the peer has read', async () => {
    let drains = 0
    const { client, sockets } = serve({ drain: () => void drains++ })
    const socket = await rawSocket(client)
    socket.stream.pause()
    let sent = 0
    while (sockets[0].send(new Uint8Array(10_000))) sent++
    sent++
    expect(sent).toBeGreaterThan(5)
    await settle()
    while (sent < 60) {
      sockets[0].send(new Uint8Array(10_000))
      sent++
    }
    await settle()
    expect(sockets[0].bufferedAmount).toBeGreaterThan(100_000)
    expect(sockets[0].send('x')).toBe(false)
    const before = drains
    socket.stream.resume()
    await until(() => socket.of('MessageReceived').length === sent + 1)
    await until(() => drains > before)
    expect(sockets[0].send('x')).toBe(true)
    expect(sockets[0].bufferedAmount).toBe(3)
  })

  it('RFC 6455 §5.5.3: a peer that pings and does not read makes a few Pongs wait, not a queue', async () => {
    const { client, sockets } = serve()
    const socket = await rawSocket(client)
    socket.stream.pause()
    for (let i = 0; i < 60; i++) sockets[0].send(new Uint8Array(10_000))
    await settle()
    const before = sockets[0].bufferedAmount
    for (let i = 0; i < 2000; i++) {
      socket.core.sendPing(new Uint8Array(125).fill(i))
      socket.flush()
      if (i % 100 === 0) await settle(1)
    }
    await settle()
    expect(sockets[0].bufferedAmount - before).toBeLessThanOrEqual(17 * 127)
    socket.stream.resume()
    await until(() => socket.of('PongReceived').length > 0)
  })

  it('an echo to a peer that does not read stops reading, and goes on when it does', async () => {
    const { client, sockets } = serve({ message: (socket, data) => void socket.send(data) })
    const socket = await rawSocket(client)
    socket.stream.pause()
    const count = 120
    for (let i = 0; i < count; i++) socket.core.sendBinary(new Uint8Array(100_000).fill(i))
    socket.flush()
    let largest = 0
    for (let i = 0; i < 60; i++) {
      await settle(1)
      largest = Math.max(largest, sockets[0].bufferedAmount)
    }
    expect(largest).toBeGreaterThan(3_000_000)
    expect(largest).toBeLessThan(6_000_000)
    socket.stream.resume()
    await until(() => socket.of('MessageReceived').length === count)
  })
})
