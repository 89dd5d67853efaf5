import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { HandshakeError, type OpenWebSocketOptions, openTunnel, openWebSocket, webSocket } from '../../src/api/index.ts'
import { ErrorCode, UsageError } from '../../src/errors/index.ts'
import type { FieldInput } from '../../src/hpack/index.ts'
import type { ClientStream, ServerStream } from '../../src/session/index.ts'
import { pair, rawPair } from './closed-pair.ts'
import { FakeTime, gate, origin, type Pair, type PairOptions, settle, text, until, utf8 } from './pair.ts'

function driven(onStream: (stream: ServerStream) => void, options?: PairOptions) {
  return rawPair(onStream, [], options)
}

const status = (value: number, extra: FieldInput[] = []) => [{ name: ':status', value: String(value) }, ...extra]

/** Opens a WebSocket that is expected to fail, and returns why. */
async function failure(both: Omit<Pair, 'errors'>, options: OpenWebSocketOptions = {}): Promise<HandshakeError> {
  const error = await openWebSocket(both.client, origin, '/', options).catch((error) => error)
  expect(error).toBeInstanceOf(HandshakeError)
  return error
}

describe('the handshake of openWebSocket', () => {
  it('RFC 8441 §5: sends the extended CONNECT, protocols, headers, and no key', async () => {
    const seen: Record<string, string>[] = []
    const both = driven((stream) => {
      seen.push(Object.fromEntries(stream.fields.map(({ name, value }) => [name, value])))
      stream.respond(status(200, [{ name: 'sec-websocket-protocol', value: 'b' }]))
    })
    const headers = { Origin: 'https://o.test', connection: 'keep-alive' }
    const socket = await openWebSocket(both.client, 'wss://example.test', '/chat?x#y', {
      protocols: ['a', 'b'],
      headers,
    })
    expect(seen).toEqual([
      {
        ':method': 'CONNECT',
        ':protocol': 'websocket',
        ':scheme': 'https',
        ':path': '/chat?x',
        ':authority': 'example.test',
        'sec-websocket-version': '13',
        'sec-websocket-protocol': 'a, b',
        origin: 'https://o.test',
      },
    ])
    expect(socket.protocol).toBe('b')
  })

  it('RFC 8441 §5: the :scheme is https for wss, and http for ws', async () => {
    const seen: string[] = []
    const both = driven((stream) => {
      seen.push(stream.fields.find(({ name }) => name === ':scheme')!.value)
      stream.respond(status(200))
    })
    await openWebSocket(both.client, 'wss://example.test', '/')
    await openWebSocket(both.client, 'ws://example.test', '/')
    expect(seen).toEqual(['https', 'http'])
  })

  it('RFC 8441 §3: waits for SETTINGS, and without ENABLE_CONNECT_PROTOCOL sends nothing', async () => {
    let streams = 0
    const both = driven(() => void streams++, { extendedConnect: 'off' })
    expect(both.client.peerSettings.received).toBe(false)
    expect(await failure(both)).toMatchObject({ reason: 'not-supported' })
    await settle()
    expect(streams).toBe(0)
    expect(both.client.state).toBe('open')
  })

  it.each([302, 401, 403, 404, 501])('RFC 9113 §8.5: status %i makes no WebSocket', async (code) => {
    const resets: number[] = []
    const both = driven((stream) => {
      stream.onReset = (error) => resets.push(error.code)
      stream.respond(status(103))
      stream.respond(status(code))
    })
    expect(await failure(both)).toMatchObject({ reason: 'status', status: code })
    await until(() => resets.length > 0)
    expect(resets).toEqual([ErrorCode.CANCEL])
  })

  it.each([
    ['a subprotocol that was not offered', 'c', ['a', 'b']],
    ['a subprotocol though none was offered', 'a', []],
    ['none of those offered', undefined, ['a']],
  ])('RFC 6455 §4.1: %s fails', async (_, chosen, protocols) => {
    const extra = chosen === undefined ? [] : [{ name: 'sec-websocket-protocol', value: chosen }]
    const both = driven((stream) => stream.respond(status(200, extra)))
    expect(await failure(both, { protocols })).toMatchObject({ reason: 'protocol', status: 200 })
  })

  it('RFC 6455 §4.1: an extension nobody asked for fails', async () => {
    const extra = [{ name: 'sec-websocket-extensions', value: 'permessage-deflate' }]
    const both = driven((stream) => stream.respond(status(200, extra)))
    expect(await failure(both)).toMatchObject({ reason: 'protocol' })
  })

  it.each([
    [ErrorCode.REFUSED_STREAM, true],
    [ErrorCode.HTTP_1_1_REQUIRED, false],
  ])('RFC 9113 §8.7: a reset with code %i says whether it may be tried again', async (code, retryable) => {
    const both = driven((stream) => stream.reset(code))
    expect(await failure(both)).toMatchObject({ reason: 'reset', cause: { code, retryable } })
  })

  it('a connection lost meanwhile', async () => {
    const both = driven(() => both.server.abort(ErrorCode.ENHANCE_YOUR_CALM))
    const error = await failure(both)
    expect(['connection', 'reset']).toContain(error.reason)
    await both.client.closed
    expect(await failure(both)).toMatchObject({ reason: 'connection' })
  })

  it('a server that does not answer in time is given up, with CANCEL', async () => {
    const time = new FakeTime()
    const resets: number[] = []
    const both = driven(
      (stream) => {
        stream.onReset = (error) => resets.push(error.code)
      },
      { platform: time.platform },
    )
    const failed = failure(both, { timeout: 500 })
    await until(() => both.server.streamCount === 1)
    time.advance(500)
    expect(await failed).toMatchObject({ reason: 'timeout' })
    await until(() => resets.length > 0)
    expect(resets).toEqual([ErrorCode.CANCEL])
  })

  it('an abort before the handshake, or while it waits for SETTINGS, sends nothing', async () => {
    const both = driven(() => undefined)
    const reason = new Error('changed my mind')
    const aborter = new AbortController()
    const waiting = failure(both, { signal: aborter.signal })
    expect(both.client.peerSettings.received).toBe(false)
    aborter.abort(reason)
    expect(await waiting).toMatchObject({ reason: 'aborted', cause: reason })
    expect(await failure(both, { signal: aborter.signal })).toMatchObject({ reason: 'aborted', cause: reason })
    await settle()
    expect([both.client.streamCount, both.server.streamCount]).toEqual([0, 0])
  })

  it('RFC 9113 §5.4.2: an abort while the server thinks resets with CANCEL, and the connection goes on', async () => {
    const arrived = gate()
    const resets: number[] = []
    const both = driven((stream) => {
      stream.onReset = (error) => resets.push(error.code)
      arrived.open()
    })
    const aborter = new AbortController()
    const asking = failure(both, { signal: aborter.signal })
    await arrived.promise
    aborter.abort()
    expect(await asking).toMatchObject({ reason: 'aborted' })
    await until(() => resets.length > 0)
    expect(resets).toEqual([ErrorCode.CANCEL])
    expect(await both.client.ping()).toBeGreaterThanOrEqual(0)
  })

  it('RFC 9113 §5.1.2: an abort while it waits for a free stream sends nothing', async () => {
    const streams: ServerStream[] = []
    const both = driven((stream) => void streams.push(stream))
    await both.client.ready()
    const tunnel = { protocol: 'x', path: '/', authority: 'example.test' }
    for (let i = 0; i < 100; i++) openTunnel(both.client, tunnel).catch(() => undefined)
    const aborter = new AbortController()
    const waiting = failure(both, { signal: aborter.signal })
    await until(() => streams.length === 100)
    aborter.abort()
    expect(await waiting).toMatchObject({ reason: 'aborted' })
    streams[0].respond(status(404), { endStream: true })
    await until(() => both.client.streamCount === 99)
    await settle()
    expect(streams).toHaveLength(100)
  })

  it.each(['refused', 'answered'])(
    'RFC 9113 §5.1.2: hears that it was %s in the very turn in which it was sent',
    async (how) => {
      const streams: ServerStream[] = []
      const onStream = (stream: ServerStream) => {
        streams.push(stream)
        if (streams.length <= 100) return
        if (how === 'refused') stream.reset(ErrorCode.REFUSED_STREAM)
        else stream.respond(status(403), { endStream: true })
      }
      const both = driven(onStream, { schedule: (task) => task() })
      await both.client.ready()
      const tunnel = { protocol: 'x', path: '/', authority: 'example.test' }
      for (let i = 0; i < 100; i++) openTunnel(both.client, tunnel).catch(() => undefined)
      const waiting = failure(both)
      await until(() => streams.length === 100)
      streams[0].reset(ErrorCode.CANCEL)
      expect((await waiting).reason).toBe(how === 'refused' ? 'reset' : 'status')
    },
  )

  it('an abort after it is open means nothing, and its signal is let go', async () => {
    const both = pair({ connect: { websocket: webSocket({}) } })
    const aborter = new AbortController()
    const socket = await openWebSocket(both.client, origin, '/', { signal: aborter.signal })
    expect(getEventListeners(aborter.signal, 'abort')).toHaveLength(0)
    aborter.abort()
    await settle()
    expect(socket.readyState).toBe(1)
  })

  it.each([
    ['a subprotocol that is no token', { protocols: ['a b'] }],
    ['a subprotocol named twice', { protocols: ['a', 'a'] }],
    ['a header of the handshake itself', { headers: { 'sec-websocket-key': 'x' } }],
  ])('RFC 6455 §4.1: %s is the caller’s mistake', async (_, options) => {
    const both = driven(() => undefined)
    await expect(openWebSocket(both.client, origin, '/', options)).rejects.toBeInstanceOf(UsageError)
    await expect(openWebSocket(both.client, origin, 'https://elsewhere.test/')).rejects.toBeInstanceOf(UsageError)
  })
})

describe('openTunnel', () => {
  it('RFC 8441 §4: is a duplex of bytes with half-close', async () => {
    const both = driven((stream) => {
      const pseudo = stream.fields.map(({ name, value }) => `${name}=${value}`).join(' ')
      stream.respond(status(200, [{ name: 'x-got', value: pseudo }]))
      let heard = ''
      stream.onData = (data, endStream) => {
        heard += text(data)
        if (endStream) stream.end(utf8(`heard ${heard}`))
      }
    })
    const tunnel = await openTunnel(both.client, {
      protocol: 'connect-udp',
      path: '/masque',
      authority: 'example.test',
      headers: { 'capsule-protocol': '?1' },
    })
    expect(tunnel.fields[1].value).toBe(
      ':method=CONNECT :protocol=connect-udp :scheme=https :path=/masque :authority=example.test capsule-protocol=?1',
    )
    tunnel.write(utf8('one '))
    tunnel.end(utf8('two'))
    let answer = ''
    for await (const chunk of tunnel as ClientStream) answer += text(chunk)
    expect(answer).toBe('heard one two')
    await until(() => both.server.streamCount === 0)
  })

  it('loses nothing that came with the answer', async () => {
    const both = driven((stream) => {
      stream.respond(status(200))
      stream.write(utf8('at once'))
    })
    const tunnel = await openTunnel(both.client, { protocol: 'x', path: '/', authority: 'example.test' })
    await settle()
    let got = ''
    tunnel.onData = (data) => {
      got += text(data)
    }
    await until(() => got === 'at once')
  })

  it('fails like a WebSocket does', async () => {
    const both = driven((stream) => stream.respond(status(403), { endStream: true }))
    const options = { protocol: 'x', path: '/', authority: 'example.test' }
    await expect(openTunnel(both.client, options)).rejects.toMatchObject({ reason: 'status', status: 403 })
    await expect(openTunnel(both.client, { ...options, path: 'x' })).rejects.toBeInstanceOf(UsageError)
    await expect(openTunnel(both.client, { ...options, protocol: '' })).rejects.toBeInstanceOf(UsageError)
  })
})
