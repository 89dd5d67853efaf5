import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AcceptOptions,
  type OpenWebSocketOptions,
  openWebSocketStream,
  WebSocketStream,
  type WebSocketStreamFunction,
  webSocketStream,
} from '../../src/api/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import { pair, rawPair } from './closed-pair.ts'
import { gate, origin, realPlatform, settle, text, until, utf8 } from './pair.ts'
import { acceptRaw, handshakeFields, type RawSocket, rawSocket } from './raw-socket.ts'

/** A client's streams against a server driven by hand. */
async function connect(options?: OpenWebSocketOptions) {
  const accepted = gate<RawSocket>()
  const both = rawPair((stream) => accepted.open(acceptRaw(stream)))
  const socket = await openWebSocketStream(both.client, origin, '/chat', options)
  const peer = await accepted.promise
  const say = (...messages: (string | Uint8Array)[]): void => {
    for (const message of messages) {
      if (typeof message === 'string') peer.core.sendText(utf8(message))
      else peer.core.sendBinary(message)
    }
    peer.flush()
  }
  return { socket, peer, say, both }
}

function serve(handler: WebSocketStreamFunction, options?: AcceptOptions) {
  return pair({ connect: { websocket: webSocketStream(handler, options) } })
}

describe('a WebSocket as streams', () => {
  it('opens with what was negotiated, and makes each stream once', async () => {
    const { socket, peer } = await connect()
    const { readable, writable, protocol, extensions } = await socket.opened
    const again = await socket.opened
    expect([socket.url, protocol, extensions, socket.streamId]).toEqual([
      'wss://example.test/chat',
      '',
      '',
      peer.stream.id,
    ])
    expect([again.readable, again.writable]).toEqual([readable, writable])
    expect(readable).toBeInstanceOf(ReadableStream)
    expect(writable).toBeInstanceOf(WritableStream)
  })

  it('RFC 6455 §5.6: text is read and written as strings, binary as bytes', async () => {
    const { socket, peer, say } = await connect()
    const { readable, writable } = await socket.opened
    say('ü', Uint8Array.of(1, 2), '')
    const reader = readable.getReader()
    expect(await reader.read()).toEqual({ done: false, value: 'ü' })
    expect(await reader.read()).toEqual({ done: false, value: Uint8Array.of(1, 2) })
    expect(await reader.read()).toEqual({ done: false, value: '' })
    const writer = writable.getWriter()
    const large = new Uint8Array(5000).fill(7)
    await writer.write('ö')
    await writer.write(large)
    large.fill(0)
    await writer.write(new Uint16Array([0x0101]))
    await writer.write(Uint8Array.of(9).buffer)
    await until(() => peer.of('MessageReceived').length === 4)
    const got = peer.of('MessageReceived') as unknown as { text: boolean; data: Uint8Array }[]
    expect(got.map((message) => message.text)).toEqual([true, false, false, false])
    expect(text(got[0].data)).toBe('ö')
    expect(got[1].data).toEqual(new Uint8Array(5000).fill(7))
    expect([[...got[2].data], [...got[3].data]]).toEqual([[1, 1], [9]])
  })

  it('what was written may be changed at once, on a server too', async () => {
    const sizes = [10, 512, 513, 4096, 10_000]
    const both = serve(async (socket) => {
      const writer = (await socket.opened).writable.getWriter()
      await writer.write('first')
      for (const size of sizes) {
        const bytes = new Uint8Array(size).fill(7)
        const done = writer.write(bytes)
        bytes.fill(0)
        await done
      }
    })
    const peer = await rawSocket(both.client)
    await until(() => peer.of('MessageReceived').length === 1 + sizes.length)
    const got = peer.of('MessageReceived') as unknown as { data: Uint8Array }[]
    expect(got.slice(1).map(({ data }) => data)).toEqual(sizes.map((size) => new Uint8Array(size).fill(7)))
  })

  it('RFC 9113 §5.2: a reader that stops stops the peer, and memory with it', async () => {
    const { socket, peer } = await connect()
    const { readable } = await socket.opened
    const reader = readable.getReader()
    const message = new Uint8Array(100_000)
    let read = 0
    for (let i = 0; i < 100; i++) peer.core.sendBinary(message)
    peer.flush()
    await settle(20)
    // Of ten megabytes the windows are full and the rest is still the peer's.
    const held = peer.stream.queuedBytes
    expect(held).toBeGreaterThan(9_000_000)
    await settle(20)
    expect(peer.stream.queuedBytes).toBe(held)
    for (; read < 100; read++) expect((await reader.read()).value).toHaveLength(100_000)
    expect(peer.stream.queuedBytes).toBe(0)
  })

  it('RFC 9113 §5.2: a writer waits for a peer that does not read', async () => {
    const { socket, peer } = await connect()
    const { writable } = await socket.opened
    const writer = writable.getWriter()
    peer.stream.pause()
    let written = 0
    const message = new Uint8Array(100_000)
    const writing = (async () => {
      for (; written < 100; written++) await writer.write(message)
    })()
    await settle(20)
    const stopped = written
    expect(stopped).toBeLessThan(10)
    await settle(20)
    expect(written).toBe(stopped)
    peer.stream.resume()
    await writing
    await until(() => peer.of('MessageReceived').length === 100)
  })

  it('RFC 6455 §7.1.4: a clean close ends both streams, behind the last message', async () => {
    const { socket, peer, say } = await connect()
    const { readable, writable } = await socket.opened
    const reader = readable.getReader()
    const writer = writable.getWriter()
    say('one', 'two')
    peer.core.close(3005, utf8('enough'))
    peer.flush()
    expect((await reader.read()).value).toBe('one')
    expect((await reader.read()).value).toBe('two')
    expect((await reader.read()).done).toBe(true)
    expect(await socket.closed).toEqual({ closeCode: 3005, reason: 'enough' })
    await expect(writer.write('late')).rejects.toMatchObject({ name: 'InvalidStateError' })
    await until(() => peer.ended)
    expect(peer.resetCode).toBeUndefined()
  })

  it.each<[string, (made: Awaited<ReturnType<typeof connect>>) => unknown, number]>([
    ['close()', ({ socket }) => socket.close(), 1005],
    ['close() with a code', ({ socket }) => socket.close({ closeCode: 3001, reason: 'bye' }), 3001],
    ['close() with a reason alone', ({ socket }) => socket.close({ reason: 'bye' }), 1000],
    ['writable.close()', async ({ socket }) => void (await socket.opened).writable.close(), 1005],
    ['writable.abort()', async ({ socket }) => (await socket.opened).writable.abort(), 1005],
    [
      'writable.abort() with a code',
      async ({ socket }) => (await socket.opened).writable.abort({ closeCode: 3002 }),
      3002,
    ],
    ['readable.cancel()', async ({ socket }) => (await socket.opened).readable.cancel('why'), 1005],
    [
      'readable.cancel() with a code',
      async ({ socket }) => (await socket.opened).readable.cancel({ closeCode: 3003 }),
      3003,
    ],
    [
      'leaving the loop',
      async ({ socket, say }) => {
        say('one')
        for await (const _ of socket) break
      },
      1005,
    ],
  ])('RFC 6455 §7.1.2: %s starts the closing handshake', async (_, act, code) => {
    const made = await connect()
    const acted = act(made)
    const { peer, socket } = made
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('CloseReceived')).toMatchObject([{ code }])
    peer.flush()
    peer.stream.end()
    await acted
    const reader = (await socket.opened).readable
    if (!reader.locked) await reader.cancel().catch(() => undefined)
    expect(await socket.closed).toMatchObject({ closeCode: code })
    await until(() => peer.ended)
    expect(peer.resetCode).toBeUndefined()
  })

  it.each([1, 3])('RFC 6455 §7.1.4: with %i messages read, the Close is seen without another read', async (count) => {
    const { socket, peer, say } = await connect()
    const reader = (await socket.opened).readable.getReader()
    say(...Array.from({ length: count }, () => 'a'))
    for (let i = 0; i < count; i++) expect(await reader.read()).toEqual({ done: false, value: 'a' })
    peer.core.close(4000)
    peer.flush()
    peer.stream.end()
    expect(await socket.closed).toEqual({ closeCode: 4000, reason: '' })
    expect((await reader.read()).done).toBe(true)
  })

  it('WebSockets Standard §3.1: close is judged as in the class', async () => {
    const { socket } = await connect()
    expect(() => socket.close({ closeCode: 1001 })).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
    expect(() => socket.close({ reason: 'x'.repeat(124) })).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
  })

  it('RFC 6455 §7.1.5: a socket that is lost fails reading, writing and closed, with what was read before', async () => {
    const { socket, peer, say } = await connect()
    const { readable, writable } = await socket.opened
    const reader = readable.getReader()
    const writer = writable.getWriter()
    say('one', 'two', 'three')
    await settle()
    peer.stream.reset(ErrorCode.INTERNAL_ERROR)
    await expect(socket.closed).rejects.toMatchObject({ name: 'StreamError', code: ErrorCode.INTERNAL_ERROR })
    expect([(await reader.read()).value, (await reader.read()).value, (await reader.read()).value]).toEqual([
      'one',
      'two',
      'three',
    ])
    await expect(reader.read()).rejects.toMatchObject({ name: 'StreamError' })
    await expect(writer.write('late')).rejects.toMatchObject({ name: 'StreamError' })
  })

  it('a writer that waits hears of the loss, and the messages that never left are counted', async () => {
    const { socket, peer } = await connect()
    const writer = (await socket.opened).writable.getWriter()
    peer.stream.pause()
    const writes = Array.from({ length: 50 }, () => writer.write(new Uint8Array(100_000)))
    const results = Promise.allSettled(writes)
    await settle(20)
    peer.stream.reset()
    const settled = await results
    expect(settled.at(-1)).toMatchObject({ status: 'rejected', reason: { name: 'StreamError' } })
    await expect(socket.closed).rejects.toBeInstanceOf(Error)
    expect(socket.unsentMessages).toBeGreaterThan(0)
  })

  it('RFC 6455 §7.1.5: an end without a Close is a loss too', async () => {
    const { socket, peer } = await connect()
    peer.stream.end()
    await expect(socket.closed).rejects.toMatchObject({ name: 'WebSocketError', code: 1006 })
    const { writable } = await socket.opened
    await expect(writable.getWriter().closed).rejects.toMatchObject({ code: 1006 })
  })

  it('is iterated message by message, to the end', async () => {
    const { socket, peer, say } = await connect()
    say('a', 'b')
    const got: unknown[] = []
    setImmediate(() => {
      say('c')
      peer.core.close(1000)
      peer.flush()
    })
    for await (const message of socket) got.push(message)
    expect(got).toEqual(['a', 'b', 'c'])
    expect(await socket.closed).toEqual({ closeCode: 1000, reason: '' })
  })

  it('RFC 8441 §5: connects by an opener, and can be closed before it is open', async () => {
    let signal!: AbortSignal
    const init = { platform: realPlatform, url: 'wss://example.test/', report: () => undefined }
    const given = {
      ...init,
      open: (_: unknown, aborted: AbortSignal) => {
        signal = aborted
        return new Promise(() => undefined)
      },
    }
    const socket = new WebSocketStream(given)
    expect(() => socket[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
    await settle()
    socket.close()
    await expect(socket.opened).rejects.toMatchObject({ name: 'AbortError' })
    await expect(socket.closed).rejects.toMatchObject({ name: 'AbortError' })
    expect(signal.aborted).toBe(true)
    const failing = new WebSocketStream({ ...init, open: () => Promise.reject(new Error('no way')) })
    await expect(failing.opened).rejects.toThrow('no way')
    await expect(failing.closed).rejects.toThrow('no way')
  })
})

describe('webSocketStream', () => {
  it('RFC 8441 §5: accepts as webSocket() does, and gives the handler streams', async () => {
    const both = serve(
      async (socket, request) => {
        expect(request.url.pathname).toBe('/chat')
        const { readable, writable, protocol } = await socket.opened
        expect(protocol).toBe('echo')
        await readable.pipeTo(writable)
      },
      { protocols: ['echo'], accept: ({ headers }) => headers.get('origin') !== 'https://evil.test' },
    )
    const client = await openWebSocketStream(both.client, origin, '/chat', { protocols: ['echo'] })
    const writer = (await client.opened).writable.getWriter()
    await writer.write('hello')
    const iterator = client[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ done: false, value: 'hello' })
    client.close({ closeCode: 1000 })
    expect((await iterator.next()).done).toBe(true)
    expect(await client.closed).toEqual({ closeCode: 1000, reason: '' })
    const refused = await rawSocket(both.client, handshakeFields([{ name: 'origin', value: 'https://evil.test' }]))
    expect(refused.answer[0].value).toBe('403')
    await settle()
    expect(both.errors).toEqual([])
  })

  it('RFC 6455 §7.4.1: a handler that throws closes with 1011, and onError hears', async () => {
    const both = serve(() => {
      throw new Error('of the handler')
    })
    const socket = await rawSocket(both.client)
    await until(() => socket.of('CloseReceived').length === 1)
    expect(socket.of('CloseReceived')).toMatchObject([{ code: 1011 }])
    expect(both.errors).toEqual([new Error('of the handler')])
  })
})

describe('streams both ways', () => {
  it('RFC 6455 §5.4: every message arrives in its order, however slowly either side reads and writes', async () => {
    const message = fc.oneof(fc.string({ maxLength: 50 }), fc.uint8Array({ maxLength: 3000 }))
    const pace = fc.constantFrom(0, 0, 0, 1, 3)
    const script = fc.array(fc.record({ message, write: pace, read: pace }), { minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(script, fc.constantFrom(1, 1000, 65_536), async (steps, highWaterMark) => {
        const echo = webSocketStream(async (socket) => {
          const { readable, writable } = await socket.opened
          await readable.pipeTo(writable)
        })
        const both = pair({ connect: { websocket: echo } }, { highWaterMark })
        const socket = await openWebSocketStream(both.client, origin, '/')
        const writer = (await socket.opened).writable.getWriter()
        const writing = (async () => {
          for (const step of steps) {
            await settle(step.write)
            await writer.write(step.message)
          }
        })()
        const got: unknown[] = []
        for await (const one of socket) {
          got.push(one)
          await settle(steps[got.length - 1].read)
          if (got.length === steps.length) break
        }
        await writing
        expect(got).toEqual(steps.map((step) => step.message))
        expect((await socket.closed).closeCode).toBe(1005)
        await until(() => both.server.streamCount === 0)
        expect(both.errors).toEqual([])
        both.client.abort()
        both.server.abort()
      }),
      { numRuns: 12 },
    )
  })
})
