import { describe, expect, it } from 'vitest'
import { type ServerWebSocket, type WebSocketHandler, webSocket } from '../../src/api/index.ts'
import { ErrorCode, UsageError } from '../../src/errors/index.ts'
import { pair } from './closed-pair.ts'
import { FakeTime, type PairOptions, settle, text, until, utf8 } from './pair.ts'
import { handshakeFields, rawSocket } from './raw-socket.ts'

/** A server with one handler whose calls are written down. */
function serve(handler: WebSocketHandler = {}, options?: PairOptions) {
  const log: unknown[] = []
  const sockets: ServerWebSocket[] = []
  const both = pair(
    {
      connect: {
        websocket: webSocket({
          ...handler,
          open(socket, request) {
            sockets.push(socket)
            handler.open?.(socket, request)
          },
          message(socket, data) {
            log.push(['message', typeof data === 'string' ? data : [...data]])
            handler.message?.(socket, data)
          },
          close(socket, code, reason, end) {
            log.push(['close', code, reason, socket.readyState])
            handler.close?.(socket, code, reason, end)
          },
        }),
      },
    },
    options,
  )
  return { ...both, log, sockets }
}

describe('many messages in one chunk', () => {
  it('lead to answers that leave while the rest is told', async () => {
    const queued: number[] = []
    const { client } = serve({
      message(socket, data) {
        queued.push(socket.bufferedAmount)
        socket.send(data)
      },
    })
    const raw = await rawSocket(client)
    for (let i = 0; i < 100; i++) raw.core.sendBinary(Uint8Array.of(i))
    raw.flush()
    await until(() => raw.of('MessageReceived').length === 100)
    // Two octets of header and one of payload each, and never more than thirty-one answers.
    expect(Math.max(...queued)).toBe(31 * 3)
    expect(queued.filter((bytes) => bytes === 0)).toHaveLength(4)
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

describe('the end of a handler socket', () => {
  it('RFC 6455 §7.1.2: the Close of the client is answered, then END_STREAM, and nothing is reset', async () => {
    const { client, server, log, sockets } = serve()
    const socket = await rawSocket(client)
    socket.core.close(4001, utf8('bye'))
    socket.flush()
    await until(() => socket.ended)
    expect(socket.of('CloseReceived')).toMatchObject([{ code: 4001 }])
    expect(log).toEqual([['close', 4001, 'bye', 3]])
    expect(sockets[0].send('late')).toBe(false)
    socket.stream.end()
    await until(() => server.streamCount === 0)
    expect(socket.resetCode).toBeUndefined()
  })

  it('RFC 6455 §7.1.5: a Close without a code is 1005', async () => {
    const { client, log } = serve()
    const socket = await rawSocket(client)
    socket.core.close()
    socket.flush()
    await until(() => log.length > 0)
    expect(log).toEqual([['close', 1005, '', 3]])
  })

  it('RFC 6455 §7.1.2: our Close waits for the answer, messages still come meanwhile', async () => {
    const { client, log, sockets } = serve()
    const socket = await rawSocket(client)
    sockets[0].close(1001, 'moving')
    expect(sockets[0].readyState).toBe(2)
    expect(sockets[0].send('no')).toBe(false)
    await settle()
    expect(socket.ended).toBe(false)
    expect(socket.of('CloseReceived')).toMatchObject([{ code: 1001, reason: utf8('moving') }])
    socket.flush()
    await until(() => socket.ended)
    expect(log).toEqual([['close', 1001, 'moving', 3]])
  })

  it('RFC 6455 §7.4: codes and reasons that may not be sent are refused', async () => {
    const { client, sockets } = serve()
    await rawSocket(client)
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2000, 5000, 1.5]) {
      expect(() => sockets[0].close(code)).toThrow(UsageError)
    }
    expect(() => sockets[0].close(1000, 'ü'.repeat(62))).toThrow(UsageError)
    expect(sockets[0].readyState).toBe(1)
  })

  it('RFC 8441 §5: END_STREAM without a Close is 1006, and our side ends too', async () => {
    const { client, log, server } = serve()
    const socket = await rawSocket(client)
    socket.stream.end()
    await until(() => socket.ended)
    expect(log).toEqual([['close', 1006, '', 3]])
    await until(() => server.streamCount === 0)
    expect(socket.resetCode).toBeUndefined()
  })

  it('a request that ended with its fields is a socket that ends at once', async () => {
    const { client, log } = serve()
    await client.ready()
    const stream = await client.request(handshakeFields(), { endStream: true })
    await stream.response()
    await until(() => log.length > 0)
    expect(log).toEqual([['close', 1006, '', 3]])
  })

  it('RFC 8441 §5: a reset is 1006 with the StreamError', async () => {
    const told: unknown[] = []
    const { client, log, errors } = serve({ error: (_, error) => void told.push(error) })
    const socket = await rawSocket(client)
    socket.stream.reset(ErrorCode.CANCEL)
    await until(() => log.length > 0)
    expect(told).toMatchObject([{ name: 'StreamError', code: ErrorCode.CANCEL, initiator: 'remote' }])
    expect(log).toEqual([['close', 1006, '', 3]])
    expect(errors).toEqual([])
  })

  it('RFC 8441 §5: a reset after a clean close is no news', async () => {
    const told: unknown[] = []
    const { client, log, errors, server } = serve({ error: (_, error) => void told.push(error) })
    const socket = await rawSocket(client)
    socket.core.close(1000)
    socket.flush()
    await until(() => socket.ended)
    socket.stream.reset(ErrorCode.CANCEL)
    await until(() => server.streamCount === 0)
    expect(log).toEqual([['close', 1000, '', 3]])
    expect([...told, ...errors]).toEqual([])
  })

  it('RFC 8441 §5: terminate resets with CANCEL', async () => {
    const { client, log, sockets } = serve()
    const socket = await rawSocket(client)
    sockets[0].terminate()
    sockets[0].terminate()
    expect(log).toEqual([['close', 1006, '', 3]])
    await until(() => socket.resetCode !== undefined)
    expect(socket.resetCode).toBe(ErrorCode.CANCEL)
  })

  it('terminate inside of a callback: no message follows, close does, once and after it', async () => {
    const order: string[] = []
    const { client, log } = serve({
      message(socket) {
        socket.terminate()
        order.push('terminated')
      },
      close: () => void order.push('closed'),
    })
    const socket = await rawSocket(client)
    for (const word of ['one', 'two', 'three']) socket.core.sendText(utf8(word))
    socket.flush()
    await until(() => socket.resetCode !== undefined)
    expect(order).toEqual(['terminated', 'closed'])
    expect(log).toEqual([
      ['message', 'one'],
      ['close', 1006, '', 3],
    ])
  })

  it('a lost connection is 1006 for every socket', async () => {
    const { client, log } = serve()
    await rawSocket(client)
    await rawSocket(client)
    client.abort()
    await until(() => log.length === 2)
    expect(log).toEqual([
      ['close', 1006, '', 3],
      ['close', 1006, '', 3],
    ])
  })

  it('a client that does not end its side is cancelled after two seconds, quietly', async () => {
    const time = new FakeTime()
    const told: unknown[] = []
    const { client, server, log, errors } = serve({ error: (_, e) => void told.push(e) }, { platform: time.platform })
    const socket = await rawSocket(client)
    socket.core.close(1000)
    socket.flush()
    await until(() => socket.ended)
    time.advance(1999)
    await settle()
    expect(socket.resetCode).toBeUndefined()
    time.advance(1)
    await until(() => socket.resetCode !== undefined)
    expect(socket.resetCode).toBe(ErrorCode.CANCEL)
    expect(server.streamCount).toBe(0)
    expect(log).toEqual([['close', 1000, '', 3]])
    expect([...told, ...errors]).toEqual([])
  })

  it('a client that never answers our Close is given up after ten seconds', async () => {
    const time = new FakeTime()
    const { client, log, sockets } = serve({}, { platform: time.platform })
    const socket = await rawSocket(client)
    sockets[0].close(1000)
    await settle()
    time.advance(9999)
    await settle()
    expect(log).toEqual([])
    time.advance(1)
    await until(() => socket.resetCode !== undefined)
    expect(log).toEqual([['close', 1006, '', 3]])
  })
})

describe('a handler whose callbacks throw', () => {
  const boom = new Error('boom')
  const fail = () => {
    throw boom
  }

  it.each(['open', 'message'] as const)(
    'RFC 6455 §7.4.1: in %s closes with 1011, and onError hears of it',
    async (where) => {
      const { client, errors, log } = serve({ [where]: fail })
      const socket = await rawSocket(client)
      socket.core.sendText(utf8('hi'))
      socket.flush()
      await until(() => socket.of('CloseReceived').length > 0)
      expect(socket.of('CloseReceived')).toMatchObject([{ code: 1011 }])
      socket.flush()
      await until(() => socket.ended)
      expect(errors).toEqual([boom])
      expect(log.at(-1)).toEqual(['close', 1011, '', 3])
    },
  )

  it('gets no more messages of that socket', async () => {
    const { client, errors, log } = serve({ message: fail })
    const socket = await rawSocket(client)
    for (const word of ['one', 'two', 'three']) socket.core.sendText(utf8(word))
    socket.flush()
    await until(() => socket.of('CloseReceived').length > 0)
    expect(log).toEqual([['message', 'one']])
    expect(errors).toEqual([boom])
  })

  it('an error callback takes it instead of onError; what that throws goes to onError', async () => {
    const told: unknown[] = []
    const worse = new Error('worse')
    const { client, errors } = serve({
      message: fail,
      error(_, error) {
        told.push(error)
        throw worse
      },
    })
    const socket = await rawSocket(client)
    socket.core.sendText(utf8('hi'))
    socket.flush()
    await until(() => socket.of('CloseReceived').length > 0)
    expect(told).toEqual([boom])
    expect(errors).toEqual([worse])
  })

  it('in close and drain is told, and harms nobody else', async () => {
    const { client, errors, sockets } = serve({ close: fail, drain: fail })
    const socket = await rawSocket(client)
    const other = await rawSocket(client)
    while (sockets[0].send(new Uint8Array(10_000)));
    await until(() => errors.length === 1)
    socket.flush()
    await until(() => socket.ended)
    expect(errors).toEqual([boom, boom])
    expect(other.ended).toBe(false)
    expect(client.state).toBe('open')
  })
})
