import { describe, expect, it } from 'vitest'
import { parseSubprotocols, parseWebSocketUrl, WebSocket, type WebSocketInit } from '../../src/api/index.ts'
import { socketSettings } from '../../src/api/socket/socket-options.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import { WebSocketConnection } from '../../src/websocket/index.ts'
import { rawPair } from './closed-pair.ts'
import { gate, realPlatform, settle, until, utf8 } from './pair.ts'
import { acceptRaw, handshakeFields, type RawSocket } from './raw-socket.ts'

const url = 'wss://example.test/chat'

/** A socket whose handshake the test runs: `accept` joins it to a stream, `fail` ends it. */
function connecting() {
  const decided = gate<void>()
  const told: unknown[][] = []
  const reported: unknown[] = []
  let accept!: (init: WebSocketInit) => void
  let fail!: (error: unknown) => void
  let signal!: AbortSignal
  const socket = new WebSocket({
    platform: realPlatform,
    url,
    report: (error) => reported.push(error),
    open: (take, given) => {
      signal = given
      accept = (init) => {
        take(init)
        decided.open()
      }
      return new Promise<void>((resolve, reject) => {
        decided.promise.then(resolve)
        fail = reject
      })
    },
  })
  for (const type of ['open', 'message', 'error', 'close']) {
    socket.addEventListener(type, (event) => {
      const { data, code, wasClean } = event as unknown as { data: unknown; code: number; wasClean: boolean }
      told.push([type, socket.readyState, ...[data, code, wasClean].filter((detail) => detail !== undefined)])
    })
  }
  return {
    socket,
    told,
    reported,
    accept: (init: Partial<WebSocketInit>) => accept(init as WebSocketInit),
    fail: (error: unknown) => fail(error),
    signal: () => signal,
  }
}

/** A stream to a server that has accepted, with what a handshake finds out beside it. */
async function accepted(): Promise<{ init: WebSocketInit; peer: RawSocket }> {
  const arrived = gate<RawSocket>()
  const both = rawPair((stream) => arrived.open(acceptRaw(stream)))
  await both.client.ready()
  const stream = await both.client.request(handshakeFields())
  await stream.response()
  const core = new WebSocketConnection({ role: 'client', random: realPlatform.fillRandom })
  const { link } = socketSettings({})
  const agreed = { core, link, protocol: 'chat', extensions: 'x' }
  const init = { ...agreed, stream, platform: realPlatform, url, report: () => undefined }
  return { init, peer: await arrived.promise }
}

describe('the WHATWG WebSocket while it connects', () => {
  it('WebSockets Standard §3.1: is CONNECTING, with nothing negotiated, and refuses to send', () => {
    const { socket } = connecting()
    expect(socket.readyState).toBe(WebSocket.CONNECTING)
    expect([socket.url, socket.protocol, socket.extensions, socket.bufferedAmount, socket.streamId]).toEqual([
      url,
      '',
      '',
      0,
      undefined,
    ])
    expect(() => socket.send('too soon')).toThrow(expect.objectContaining({ name: 'InvalidStateError', code: 11 }))
    expect(socket.bufferedAmount).toBe(0)
  })

  it('WebSockets Standard §4: opens with what the handshake found, before any message', async () => {
    const { socket, told, accept } = connecting()
    const { init, peer } = await accepted()
    peer.core.sendText(utf8('hello'))
    peer.flush()
    await settle()
    accept(init)
    expect(told).toEqual([['open', 1]])
    expect([socket.protocol, socket.extensions]).toEqual(['chat', 'x'])
    socket.send('out')
    await until(() => told.length === 2 && peer.of('MessageReceived').length === 1)
    expect(told[1]).toEqual(['message', 1, 'hello'])
    socket.close(3001)
    await until(() => told.length === 2 && peer.of('CloseReceived').length === 1)
    peer.flush()
    await until(() => told.length === 3)
    expect(told[2]).toEqual(['close', 3, 3001, true])
  })

  it('WebSockets Standard §4: a handshake that fails is error, then close with 1006', async () => {
    const { socket, told, fail } = connecting()
    await settle()
    const errors: unknown[] = []
    socket.onerror = ({ error }) => errors.push(error)
    fail(new Error('no such host'))
    await until(() => told.length === 2)
    expect(told).toEqual([
      ['error', 3],
      ['close', 3, 1006, false],
    ])
    expect(errors).toEqual([new Error('no such host')])
    socket.send('never')
    expect(socket.bufferedAmount).toBe(5)
  })

  it('WebSockets Standard §4: an opener that throws, or rejects with no error, fails the handshake too', async () => {
    for (const thrown of [new Error('at once'), 'a word']) {
      const socket = new WebSocket({
        platform: realPlatform,
        url,
        report: () => undefined,
        open: () => {
          throw thrown
        },
      })
      const errors: unknown[] = []
      socket.onerror = ({ message }) => errors.push(message)
      await until(() => socket.readyState === WebSocket.CLOSED)
      expect(errors).toEqual([thrown instanceof Error ? 'at once' : 'a word'])
    }
  })

  it('WebSockets Standard §3.1: close gives the handshake up, tells later, and only once', async () => {
    const { socket, told, signal, fail } = connecting()
    await settle()
    socket.close(3000, 'changed my mind')
    socket.close()
    expect(socket.readyState).toBe(WebSocket.CLOSING)
    expect(signal().aborted).toBe(true)
    expect(told).toEqual([])
    socket.send('12345')
    expect(socket.bufferedAmount).toBe(5)
    fail(new Error('aborted'))
    await until(() => told.length === 2)
    await settle()
    expect(told).toEqual([
      ['error', 3],
      ['close', 3, 1006, false],
    ])
    expect(socket.bufferedAmount).toBe(5)
  })

  it('RFC 8441 §5: a stream that was accepted after close is reset with CANCEL', async () => {
    const { socket, told, accept } = connecting()
    const { init, peer } = await accepted()
    socket.close()
    accept(init)
    await until(() => peer.resetCode !== undefined)
    expect(peer.resetCode).toBe(ErrorCode.CANCEL)
    await until(() => told.length === 2)
    expect(told.map(([type]) => type)).toEqual(['error', 'close'])
  })

  it('WebSockets Standard §3.1: close is judged while connecting as ever', () => {
    const { socket } = connecting()
    expect(() => socket.close(1001)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
    expect(() => socket.close(3000, 'x'.repeat(124))).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    expect(socket.readyState).toBe(WebSocket.CONNECTING)
  })

  it('a listener of open that throws closes the socket with 1011', async () => {
    const { socket, reported, accept } = connecting()
    const { init, peer } = await accepted()
    socket.onopen = () => {
      throw new Error('of the program')
    }
    accept(init)
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('CloseReceived')[0]).toMatchObject({ code: 1011 })
    expect(reported).toEqual([new Error('of the program')])
  })

  it('Web IDL §3.7.5: its constants stand on class and prototype and cannot be changed', () => {
    for (const place of [WebSocket, WebSocket.prototype]) {
      const constant = Object.getOwnPropertyDescriptor(place, 'CLOSING')
      expect(constant).toEqual({ value: 2, enumerable: true, writable: false, configurable: false })
    }
    expect(Object.prototype.toString.call(connecting().socket)).toBe('[object WebSocket]')
    for (const name of ['onopen', 'onmessage', 'onerror', 'onclose']) expect(name in WebSocket.prototype).toBe(true)
  })
})

describe('what new WebSocket is given', () => {
  it.each([
    ['ws://example.test', 'ws://example.test/'],
    ['WSS://Example.TEST:443/a b?c', 'wss://example.test/a%20b?c'],
    ['https://example.test:8443/', 'wss://example.test:8443/'],
    ['http://example.test:80/x', 'ws://example.test/x'],
    ['ws://user:secret@example.test/', 'ws://user:secret@example.test/'],
  ])('WebSockets Standard §3.1: %s is %s', (given, href) => {
    expect(parseWebSocketUrl(given).href).toBe(href)
    expect(parseWebSocketUrl(new URL(given)).href).toBe(href)
  })

  it('WebSockets Standard §3.1: a relative URL needs a base', () => {
    expect(parseWebSocketUrl('/chat', 'https://example.test/page').href).toBe('wss://example.test/chat')
    expect(() => parseWebSocketUrl('/chat')).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
  })

  it.each(['', 'ws://', 'ws://a b/', 'ftp://example.test', 'about:blank', 'ws://x/#', 'ws://x/?q#part'])(
    'WebSockets Standard §3.1: %j is a SyntaxError',
    (given) => {
      expect(() => parseWebSocketUrl(given)).toThrow(expect.objectContaining({ name: 'SyntaxError', code: 12 }))
    },
  )

  it('WebSockets Standard §3.1: subprotocols are one or a list, each a token, none twice', () => {
    expect(parseSubprotocols('chat')).toEqual(['chat'])
    expect(parseSubprotocols(['chat', 'v2.chat'])).toEqual(['chat', 'v2.chat'])
    expect(parseSubprotocols([])).toEqual([])
    for (const given of ['', 'a b', 'a,b', 'ä', '\u007f', ['a', ''], ['a', 'a'], ['echo', 'eCho']]) {
      expect(() => parseSubprotocols(given)).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    }
  })
})
